"""Who vouches for what people show: keys made for one film and forgotten, and what is signed with them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from kiosk.codes import IssuerKey, Trust, dcc, jwk, office_pass, shc
from kiosk.codes.algorithms import PrivateKey, for_key
from kiosk.codes.office_pass import PassClaims
from kiosk.errors import HandDownError

CLINIC = "https://clinic.example/gatehouse-film"
MINISTRY = "Ministry of Health (demonstration)"
VACCINATIONS = "1.3.6.1.4.1.1847.2021.1.2"  # the extended key usage of a signer of vaccination certificates
_DOSES = ("2026-01-05", "2026-02-02", "2026-08-10")


def _new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@dataclass(frozen=True)
class Issuers:
    """A street office, a ministry and a clinic. No private key leaves this object."""

    office: PrivateKey
    ministry: ec.EllipticCurvePrivateKey = field(default_factory=_new_key)
    clinic: ec.EllipticCurvePrivateKey = field(default_factory=_new_key)

    def trusted(self, issuer: str) -> dict[str, IssuerKey]:
        """Their public keys by scheme, marked demo; `issuer` is the office's name."""
        office, ministry, clinic = (key.public_key() for key in (self.office, self.ministry, self.clinic))
        kid, card_kid = jwk.key_id(ministry), shc.kid_of(clinic).encode()
        keys = (
            IssuerKey(office_pass.NAME, jwk.key_id(office), office, for_key(office).name, issuer, demo=True),
            IssuerKey(dcc.NAME, kid, ministry, "ES256", MINISTRY, usage=frozenset({VACCINATIONS}), demo=True),
            IssuerKey(shc.NAME, card_kid, clinic, "ES256", CLINIC, demo=True),
        )
        return {key.scheme: key for key in keys}

    def office_pass(self, claims: PassClaims, *, forged: bool = False) -> str:
        """A forger knows the kid, everybody does, but not the key."""
        kid = jwk.key_id(self.office.public_key())
        return office_pass.issue(claims, _new_key() if forged else self.office, kid=kid)

    def certificate(self, name: str, serial: bytes, valid: tuple[datetime, datetime]) -> str:
        """An EU certificate of a second dose."""
        return dcc.issue(
            _vaccinated(name, serial), "AT", valid, key=self.ministry, kid=jwk.key_id(self.ministry.public_key())
        )

    def card(self, name: str, since: datetime, parts: int) -> tuple[str, tuple[str, ...]]:
        """A SMART Health Card of three doses: the text of the whole, and of its symbols."""
        jws = shc.issue(_immunized(name, since), self.clinic)
        (whole,) = shc.write(jws)
        return whole, shc.write(jws, parts)


def printed(picture: Path) -> tuple[str, tuple[IssuerKey, ...]]:
    """The text of a printed pass and the keys that vouch for it, from the picture's side file. Raises ValueError."""
    try:
        side = json.loads(picture.with_name(picture.name + ".json").read_bytes())
        keys = tuple(Trust.from_section(side["trust"]))
        text = side["text"]
    except (OSError, KeyError, TypeError, HandDownError) as error:
        raise ValueError(f"{picture}: no side file that says its text and who signed it: {error}") from error
    if not keys or not all(key.demo for key in keys) or not isinstance(text, str):
        raise ValueError(f"{picture}: its side file needs a text, and keys that are marked demo")
    return text, keys


def _vaccinated(name: str, serial: bytes) -> Mapping[str, Any]:
    given, family = name.split()
    unique = hashlib.sha256(serial).hexdigest()[:20].upper()
    dose = {
        "tg": "840539006", "vp": "1119349007", "mp": "EU/1/20/1528", "ma": "ORG-100030215", "dn": 2, "sd": 2,
        "dt": _DOSES[1], "co": "AT", "is": MINISTRY, "ci": f"URN:UVCI:01:AT:{unique}",
    }  # fmt: skip
    names = {"fn": family, "fnt": family.upper(), "gn": given, "gnt": given.upper()}
    return {"ver": "1.3.0", "nam": names, "dob": "1986-04-12", "v": [dose]}


def _immunized(name: str, since: datetime) -> Mapping[str, Any]:
    given, family = name.split()
    patient = {"resourceType": "Patient", "name": [{"family": family, "given": [given]}], "birthDate": "1979-10-03"}
    shots = [
        {
            "resourceType": "Immunization",
            "status": "completed",
            "vaccineCode": {"coding": [{"system": "http://hl7.org/fhir/sid/cvx", "code": "207"}]},
            "patient": {"reference": "resource:0"},
            "occurrenceDateTime": day,
            "lotNumber": f"DEMO{number}",
        }
        for number, day in enumerate(_DOSES)
    ]
    entries = [{"fullUrl": f"resource:{number}", "resource": one} for number, one in enumerate((patient, *shots))]
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    vc = {
        "type": ["https://smarthealth.cards#health-card", "https://smarthealth.cards#covid19"],
        "credentialSubject": {"fhirVersion": "4.0.1", "fhirBundle": bundle},
    }
    return {"iss": CLINIC, "nbf": since.timestamp(), "vc": vc}
