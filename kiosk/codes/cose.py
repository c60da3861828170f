"""COSE_Sign1 (RFC 9052 §4.2), signed and verified once for every scheme that uses it.

Whatever the bytes, the answer is a value: a message, a key, or the Reason why not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cbor2 import CBORTag

from kiosk.codes import cbor
from kiosk.codes.algorithms import BY_COSE_ID, PrivateKey, for_key
from kiosk.codes.context import IssuerKey
from kiosk.model import Reason

MAX_MESSAGE_BYTES = 16 * 1024

_SIGN1_TAG, _CWT_TAG = 18, 61
_ALG, _CRIT, _KID = 1, 2, 4
_UNDERSTOOD = frozenset({_ALG, _CRIT, _KID, 3})  # 3 is the content type


@dataclass(frozen=True, slots=True)
class Sign1:
    """A message as it was sent, nothing of it verified yet. `protected` is what the signature covers."""

    protected: bytes
    alg: int
    kid: bytes
    payload: bytes
    signature: bytes


def parse(message: bytes, max_bytes: int = MAX_MESSAGE_BYTES, *, text_kids: bool = False) -> Sign1 | Reason:
    """The message in `message`: tagged 18, untagged, or either inside one CWT tag 61 (RFC 8392 §6).

    `alg` and `kid` are those of the protected header, else of the unprotected one. A message without a kid is
    UNKNOWN_ISSUER, one with an algorithm we do not know BAD_SIGNATURE, a misshapen one MALFORMED. With `text_kids` the
    kid may also be text, against RFC 9052, and means its UTF-8.
    """
    if len(message) > max_bytes:
        return Reason.TOO_LARGE
    try:
        parts = _untagged(cbor.decode(message))
        protected = cbor.decode(parts[0]) if parts and isinstance(parts[0], bytes) and parts[0] else {}
    except ValueError:
        return Reason.MALFORMED
    match parts:
        case [bytes(header), Mapping() as unprotected, bytes(payload), bytes(signature)] if _acceptable(protected):
            # An empty map hashes as an empty string, however it was sent (RFC 9052 §4.4).
            fields = {**unprotected, **protected}
            if text_kids and isinstance(fields.get(_KID), str):
                fields[_KID] = fields[_KID].encode("utf-8", "replace")
            return _message(header if protected else b"", fields, payload, signature)
        case _:
            return Reason.MALFORMED


def kid_of(message: bytes, max_bytes: int = MAX_MESSAGE_BYTES) -> bytes:
    """The kid of `message`, empty when it has none: for telling whose key is missing."""
    sign1 = parse(message, max_bytes)
    return b"" if isinstance(sign1, Reason) else sign1.kid


def verify(message: Sign1, keys: Iterable[IssuerKey]) -> IssuerKey | Reason:
    """The first of `keys` (all those with the message's kid) that made this signature.

    UNKNOWN_ISSUER without any key, BAD_SIGNATURE when none fits the algorithm and verifies.
    """
    candidates = tuple(keys)
    if not candidates:
        return Reason.UNKNOWN_ISSUER
    algorithm = BY_COSE_ID[message.alg]
    signed = _to_be_signed(message.protected, message.payload)
    for candidate in candidates:
        fits = candidate.alg == algorithm.name and algorithm.fits(candidate.key)
        if fits and algorithm.verify(candidate.key, signed, message.signature):
            return candidate
    return Reason.BAD_SIGNATURE


def sign(payload: bytes, *, key: PrivateKey, kid: bytes) -> bytes:
    """A tagged COSE_Sign1 of `payload`, alg and kid in the protected header.

    Raises ValueError for a key that no known algorithm fits.
    """
    algorithm = for_key(key)
    protected = cbor.encode({_ALG: algorithm.cose_id, _KID: kid})
    signature = algorithm.sign(key, _to_be_signed(protected, payload))
    return cbor.encode(CBORTag(_SIGN1_TAG, [protected, {}, payload, signature]))


def _untagged(item: Any) -> Any:
    """The array under the tags a COSE_Sign1 may wear. Raises ValueError for others, or for one worn twice."""
    if isinstance(item, CBORTag) and item.tag == _CWT_TAG:
        item = item.value
    if isinstance(item, CBORTag) and item.tag == _SIGN1_TAG:
        item = item.value
    if not isinstance(item, list | tuple):
        raise ValueError("no COSE_Sign1")
    return item


def _acceptable(protected: Any) -> bool:
    """Whether the protected header is a map that asks for nothing we do not understand (`crit`, RFC 9052 §3.1)."""
    if not isinstance(protected, Mapping):
        return False
    if _CRIT not in protected:
        return True
    critical = protected[_CRIT]
    return isinstance(critical, list | tuple) and bool(critical) and all(_understood(label) for label in critical)


def _understood(label: object) -> bool:
    return isinstance(label, int) and label in _UNDERSTOOD


def _message(protected: bytes, header: Mapping[Any, Any], payload: bytes, signature: bytes) -> Sign1 | Reason:
    alg, kid = header.get(_ALG), header.get(_KID)
    if alg is None:
        return Reason.MALFORMED
    if not isinstance(kid, bytes) or not kid:
        return Reason.UNKNOWN_ISSUER
    if not isinstance(alg, int) or alg not in BY_COSE_ID:
        return Reason.BAD_SIGNATURE
    return Sign1(protected, alg, kid, payload, signature)


def _to_be_signed(protected: bytes, payload: bytes) -> bytes:
    """The Sig_structure without external data (RFC 9052 §4.4)."""
    return cbor.encode(["Signature1", protected, b"", payload])
