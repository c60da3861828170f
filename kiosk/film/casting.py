"""A script and a signing key → what each person's symbol says, and what a gate must know to judge it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from cryptography.hazmat.primitives.asymmetric import ec

from kiosk.codes import IssuerKey, Revoked, Trust, jwk, level_token, office_pass
from kiosk.codes.algorithms import PrivateKey, for_key
from kiosk.codes.office_pass import PassClaims
from kiosk.errors import ConfigError
from kiosk.film.script import Person, Script
from kiosk.model import Level

_LONG_AGO = (datetime(2019, 1, 1, tzinfo=UTC), datetime(2020, 1, 1, tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class Role:
    """A person with the text of the symbol they show; `valid_until` is what a pass says in print."""

    person: Person
    text: str
    valid_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody in order, with the issuer's public key (marked demo) and the serials that are revoked."""

    roles: tuple[Role, ...]
    trust: Trust
    revoked: Revoked


def cast(script: Script, key: PrivateKey | None, rng: np.random.Generator) -> Cast:
    """Sign what is to be signed. Without `key` one is made and forgotten: it is never written anywhere.

    Raises ConfigError for a person whose code cannot be made.
    """
    private = key or ec.generate_private_key(ec.SECP256R1())
    public = private.public_key()
    kid = jwk.key_id(public)
    issuer = IssuerKey(office_pass.NAME, kid, public, for_key(public).name, script.issuer, demo=True)
    roles, revoked = [], []
    for number, person in enumerate(script.person, start=1):
        serial = rng.bytes(office_pass.SERIAL_BYTES)
        try:
            roles.append(_role(person, script, serial, private, kid))
        except ValueError as error:
            raise ConfigError([f"person #{number}: {error}"]) from error
        if person.show == "revoked-pass":
            revoked.append(serial.hex())
    return Cast(tuple(roles), Trust.of([issuer]), Revoked({office_pass.NAME: revoked}))


def _role(person: Person, script: Script, serial: bytes, key: PrivateKey, kid: bytes) -> Role:
    match person.show:
        case "text":
            return Role(person, person.text)
        case "level":
            return Role(person, level_token.write(person.level or Level.NONE, person.name))
        case show:
            starts, ends = _LONG_AGO if show == "expired-pass" else (script.valid_from, script.valid_until)
            claims = PassClaims(
                serial=serial,
                name=person.name,
                issuer=script.issuer,
                valid_from=starts,
                valid_until=ends,
                id_last4=person.id_last4,
                household=person.household,
                kind=person.kind,
            )
            # A forger knows the kid, everybody does, but not the key.
            signer = ec.generate_private_key(ec.SECP256R1()) if show == "forged-pass" else key
            return Role(person, office_pass.issue(claims, signer, kid=kid), ends)
