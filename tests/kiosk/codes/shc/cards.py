"""A clinic that issues SMART Health Cards, and what a gate knows of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from kiosk.codes import IssuerKey, ReadContext, Revoked, Trust, shc

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
ISSUED_AT = NOON - timedelta(days=10)
CLINIC = "https://clinic.example/cards"
PATIENT = {"resourceType": "Patient", "name": [{"family": "Rivera", "given": ["Ana", "M."]}], "birthDate": "1990-05-04"}


@dataclass(frozen=True)
class Clinic:
    url: str = CLINIC
    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    @property
    def kid(self) -> str:
        return shc.kid_of(self.private.public_key())

    def key(self, **changes: Any) -> IssuerKey:
        known: dict[str, Any] = {"issuer": self.url, "alg": "ES256", **changes}
        return IssuerKey("smart-health-card", self.kid.encode(), self.private.public_key(), **known)

    def context(self, at: datetime = NOON, revoked: Revoked | None = None, **changes: Any) -> ReadContext:
        return ReadContext(at, Trust.of([self.key(**changes)]), revoked or Revoked.none())

    def text(self, claims: Mapping[str, Any]) -> str:
        (text,) = shc.write(shc.issue(claims, self.private))
        return text


def claims(*resources: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    """The claims of a card on `resources`; `vc` in changes is laid over the credential."""
    entries = [{"fullUrl": f"resource:{number}", "resource": one} for number, one in enumerate(resources)]
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    vc = {
        "type": ["https://smarthealth.cards#health-card"],
        "credentialSubject": {"fhirVersion": "4.0.1", "fhirBundle": bundle},
        **changes.pop("vc", {}),
    }
    return {"iss": CLINIC, "nbf": ISSUED_AT.timestamp(), "vc": vc, **changes}


def shot(day: str, cvx: str = "207", **changes: Any) -> dict[str, Any]:
    return {
        "resourceType": "Immunization",
        "status": "completed",
        "vaccineCode": {"coding": [{"system": "http://hl7.org/fhir/sid/cvx", "code": cvx}]},
        "occurrenceDateTime": day,
        **changes,
    }


def swab(at: str | None, snomed: str = "260415000", loinc: str = "94500-6", **changes: Any) -> dict[str, Any]:
    taken = {} if at is None else {"effectiveDateTime": at}
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": loinc}]},
        "valueCodeableConcept": {"coding": [{"system": "http://snomed.info/sct", "code": snomed}]},
        **taken,
        **changes,
    }
