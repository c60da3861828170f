"""A script and a signing key → what each person's symbols say, and what a gate must know to judge them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from cryptography.hazmat.primitives.asymmetric import ec

from kiosk.codes import IssuerKey, Revoked, Trust, dcc, level_token, office_pass, shc
from kiosk.codes.algorithms import PrivateKey
from kiosk.codes.office_pass import PassClaims
from kiosk.errors import ConfigError
from kiosk.film import issuers
from kiosk.film.issuers import Issuers
from kiosk.film.script import Person, Script
from kiosk.model import Level
from kiosk.provinces import stand_in

_LONG_AGO = (datetime(2019, 1, 1, tzinfo=UTC), datetime(2020, 1, 1, tzinfo=UTC))
_SCHEMES = {"eu-certificate": dcc.NAME, "health-card": shc.NAME}


@dataclass(frozen=True, slots=True)
class Role:
    """A person with the text they show, and the texts of its symbols in the order of showing them.

    `valid_until` is what a pass says in print.
    """

    person: Person
    text: str
    symbols: tuple[str, ...]
    valid_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody in order, with the issuers' public keys (marked demo) and the serials that are revoked."""

    roles: tuple[Role, ...]
    trust: Trust
    revoked: Revoked


def cast(script: Script, key: PrivateKey | None, rng: np.random.Generator) -> Cast:
    """Sign what is to be signed. Passes by `key`, all else by keys made here and forgotten: none is written anywhere.

    Raises ConfigError for a person whose code cannot be made.
    """
    vouching = Issuers(key or ec.generate_private_key(ec.SECP256R1()))
    roles, revoked, keys = [], [], list[IssuerKey]()
    for number, person in enumerate(script.person, start=1):
        serial = rng.bytes(office_pass.SERIAL_BYTES)
        try:
            roles.append(_role(person, script, serial, vouching))
            keys += _of_print(person.picture)
        except ValueError as error:
            raise ConfigError([f"person #{number}: {error}"]) from error
        if person.show == "revoked-pass":
            revoked.append(serial.hex())
    needed = {office_pass.NAME, *(_SCHEMES.get(person.show, "") for person in script.person)}
    own = [known for scheme, known in vouching.trusted(script.issuer).items() if scheme in needed]
    return Cast(tuple(roles), Trust.of([*own, *keys]), Revoked({office_pass.NAME: revoked}))


def _role(person: Person, script: Script, serial: bytes, vouching: Issuers) -> Role:
    valid = (script.valid_from, script.valid_until)
    match person.show:
        case "text":
            return _of_one(person, person.text)
        case "level":
            return _of_one(person, level_token.write(person.level or Level.NONE, person.name))
        case "province":
            return _of_one(person, stand_in.printed(person.who))
        case "printed-pass" if person.picture:
            return _of_one(person, issuers.printed(person.picture)[0])
        case "eu-certificate":
            return _of_one(person, vouching.certificate(person.name, serial, valid))
        case "health-card":
            order = person.order or (1,)
            whole, symbols = vouching.card(person.name, script.valid_from, len(order))
            return Role(person, whole, tuple(symbols[number - 1] for number in order))
        case show:
            starts, ends = _LONG_AGO if show == "expired-pass" else valid
            text = vouching.office_pass(_claims(person, script, serial, (starts, ends)), forged=show == "forged-pass")
            return Role(person, text, (text,), ends)


def _of_one(person: Person, text: str) -> Role:
    return Role(person, text, (text,))


def _of_print(picture: Path | None) -> tuple[IssuerKey, ...]:
    return issuers.printed(picture)[1] if picture else ()


def _claims(person: Person, script: Script, serial: bytes, valid: tuple[datetime, datetime]) -> PassClaims:
    return PassClaims(
        serial=serial,
        name=person.name,
        issuer=script.issuer,
        valid_from=valid[0],
        valid_until=valid[1],
        id_last4=person.id_last4,
        household=person.household,
        kind=person.kind,
    )
