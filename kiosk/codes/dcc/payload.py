"""The certificate inside the token: as plain JSON, and of which kind it is."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cbor2 import CBORTag

CLAIM, VERSION_1 = -260, 1  # where a CWT carries health certificates, and the EU's among them

KINDS = {"v": "vaccination", "t": "test", "r": "recovery"}

_DATES = (0, 1004)  # tags of a time and of a day, both as text (RFC 8949 §3.4.1, RFC 8943)
_SAFE_INTEGER = 2**53 - 1  # what every reader of JSON keeps exact (RFC 8259 §6)


@dataclass(frozen=True, slots=True)
class Certificate:
    """`payload` is the whole certificate as JSON; `group` is v, t or r, and `entry` its one element."""

    payload: Mapping[str, Any]
    group: str
    entry: Mapping[str, Any]

    @property
    def kind(self) -> str:
        return KINDS[self.group]


def certificate(claims: Mapping[Any, Any]) -> Certificate:
    """The certificate in the claims of a token: exactly one of v, t and r, with one element.

    A member that is null is one that is not there; some issuers write all three. Raises ValueError.
    """
    carried = claims.get(CLAIM)
    payload = plain(carried.get(VERSION_1)) if isinstance(carried, Mapping) else None
    if not isinstance(payload, dict):
        raise ValueError("no EU certificate in the token")
    groups = [group for group in KINDS if payload.get(group) is not None]
    if len(groups) != 1:
        raise ValueError(f"exactly one of v, t and r, not {', '.join(groups) or 'none'}")
    match payload[groups[0]]:
        case [dict() as entry]:
            return Certificate(payload, groups[0], entry)
        case _:
            raise ValueError(f"{groups[0]} must be a list of one object")


def plain(value: Any) -> Any:
    """What CBOR says, as JSON says it: dates without their tag, whole numbers as such (RFC 8949 §6.1).

    Raises ValueError for what JSON cannot say, or not in the same way to every reader.
    """
    match value:
        case str() | bool() | None:
            return value
        case int() if abs(value) <= _SAFE_INTEGER:
            return value
        case float() if math.isfinite(value):
            return int(value) if value.is_integer() and abs(value) <= _SAFE_INTEGER else value
        case list() | tuple():
            return [plain(item) for item in value]
        case Mapping():
            return _object(value)
        case CBORTag(tag=tag, value=str(text)) if tag in _DATES:
            return text
        case _:
            raise ValueError(f"{type(value).__name__} has no place in a certificate")


def _object(value: Mapping[Any, Any]) -> dict[str, Any]:
    if not all(isinstance(key, str) for key in value):
        raise ValueError("a member's name must be text")
    return {key: plain(item) for key, item in value.items()}
