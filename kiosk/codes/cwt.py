"""CBOR Web Tokens (RFC 8392) in a COSE_Sign1: opened once for every scheme that uses them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from kiosk.codes import cbor, cose
from kiosk.codes.algorithms import PrivateKey
from kiosk.codes.context import IssuerKey, ReadContext
from kiosk.model import Reason

ISS, EXP, NBF, IAT, CTI = 1, 4, 5, 6, 7

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Timed(Protocol):
    """What is judged at a time: a CWT, or what else a key vouches for within limits."""

    @property
    def not_before(self) -> datetime | None: ...
    @property
    def issued_at(self) -> datetime | None: ...
    @property
    def expires(self) -> datetime | None: ...
    @property
    def key(self) -> IssuerKey: ...


@dataclass(frozen=True, slots=True)
class Cwt:
    """A token whose signature holds; nothing is said yet about its time. `claims` are all of them, by label."""

    claims: Mapping[Any, Any]
    key: IssuerKey
    issuer: str
    not_before: datetime | None
    issued_at: datetime | None
    expires: datetime | None
    cti: bytes


def open_token(
    message: bytes, scheme: str, context: ReadContext, max_bytes: int = cose.MAX_MESSAGE_BYTES
) -> Cwt | Reason:
    """The token in `message`, verified with the context's keys for `scheme`; else the Reason why not.

    SCHEMA when the signature holds and a registered claim is not of its type.
    """
    sign1 = cose.parse(message, max_bytes)
    if isinstance(sign1, Reason):
        return sign1
    return verified(sign1, context.keys(scheme, sign1.kid))


def verified(message: cose.Sign1, keys: Iterable[IssuerKey]) -> Cwt | Reason:
    """The token in `message`, signed by one of `keys`; else the Reason why not, as `open_token` says it."""
    key = cose.verify(message, keys)
    if isinstance(key, Reason):
        return key
    try:
        return _token(cbor.decode(message.payload), key)
    except ValueError:
        return Reason.SCHEMA


def untimely(token: Timed, at: datetime, *, good_at_exp: bool = False) -> Reason | None:
    """NOT_YET_VALID or EXPIRED at `at`, for the token or for the key that signed it; None when both are good.

    `nbf` is the first good moment, `exp` the first bad one (RFC 8392 §3.1.4–5), or with `good_at_exp` the last good
    one; nothing is issued in the future.
    """
    starts = (token.not_before, token.issued_at, token.key.valid_from)
    if any(start is not None and at < start for start in starts):
        return Reason.NOT_YET_VALID
    ended = token.expires is not None and (at > token.expires or (at == token.expires and not good_at_exp))
    return Reason.EXPIRED if ended or not token.key.in_force(at) else None


def seal_token(claims: Mapping[int, object], *, key: PrivateKey, kid: bytes) -> bytes:
    """`claims` as a signed token. Raises ValueError for a key that no known algorithm fits."""
    return cose.sign(cbor.encode(dict(claims)), key=key, kid=kid)


def numeric_date(value: object) -> datetime | None:
    """Seconds since 1970, whole or not, as a time; None stays None. Raises ValueError for anything else."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("a time must be a number")
    try:
        return _EPOCH + timedelta(seconds=value)
    except OverflowError as error:
        raise ValueError("a time beyond the calendar") from error


def _token(claims: object, key: IssuerKey) -> Cwt:
    if not isinstance(claims, Mapping):
        raise ValueError("claims must be a map")
    issuer, cti = claims.get(ISS, ""), claims.get(CTI, b"")
    if not isinstance(issuer, str) or not isinstance(cti, bytes):
        raise ValueError("iss must be text, cti bytes")
    not_before, issued_at, expires = (numeric_date(claims.get(label)) for label in (NBF, IAT, EXP))
    return Cwt(claims, key, issuer, not_before, issued_at, expires, cti)
