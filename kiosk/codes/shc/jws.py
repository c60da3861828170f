"""A compact JWS (RFC 7515 §3.1) as SMART Health Cards use it: ES256, raw DEFLATE, kid the key's thumbprint.

Whatever the text, the answer is a value. Nothing is inflated before the signature holds.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NoReturn

from kiosk.codes.algorithms import BY_NAME, PrivateKey
from kiosk.codes.context import IssuerKey
from kiosk.codes.inflate import inflate
from kiosk.model import Reason

ALG = "ES256"
ZIP = "DEF"
MAX_KID_CHARS = 256
MAX_PAYLOAD_BYTES = 256 * 1024
_ALGORITHM = BY_NAME[ALG]


@dataclass(frozen=True, slots=True)
class Jws:
    """A message as it was sent, nothing of it verified yet. `signed` is what the signature covers."""

    kid: bytes
    signed: bytes
    payload: bytes
    signature: bytes


def parse(text: str) -> Jws | Reason:
    """The message in `text`: three parts of strict base64url, with the header the format asks for.

    Without kid UNKNOWN_ISSUER, with another algorithm BAD_SIGNATURE, else MALFORMED, also for any header that must
    be understood (`crit`).
    """
    try:
        header, payload, signature = (_decoded(part) for part in text.split("."))
        fields = load(header)
    except ValueError:
        return Reason.MALFORMED
    if fields.get("zip") != ZIP or "crit" in fields or not isinstance(alg := fields.get("alg"), str):
        return Reason.MALFORMED
    if alg != ALG:
        return Reason.BAD_SIGNATURE
    kid = fields.get("kid")
    if not isinstance(kid, str) or not kid or len(kid) > MAX_KID_CHARS:
        return Reason.UNKNOWN_ISSUER
    return Jws(kid.encode("utf-8", "replace"), text.rpartition(".")[0].encode("ascii"), payload, signature)


def signers(message: Jws, keys: Iterable[IssuerKey]) -> tuple[IssuerKey, ...]:
    """Those of `keys` that made this signature: one key may be entered for more than one issuer."""
    found: list[IssuerKey] = []
    for key in keys:
        if any(key.key is other.key for other in found) or _signed_by(message, key):
            found.append(key)
    return tuple(found)


def content(message: Jws) -> dict[str, Any]:
    """The JSON object in a message whose signature holds. Raises ValueError for any other payload."""
    return load(inflate(message.payload, MAX_PAYLOAD_BYTES, raw=True))


def seal(payload: bytes, key: PrivateKey, kid: str) -> str:
    """A compact JWS of the compressed `payload`. Raises ValueError for a key that is not on P-256."""
    header = json.dumps({"zip": ZIP, "alg": ALG, "kid": kid}, separators=(",", ":")).encode()
    signed = f"{_encoded(header)}.{_encoded(payload)}"
    return f"{signed}.{_encoded(_ALGORITHM.sign(key, signed.encode()))}"


def load(data: bytes) -> dict[str, Any]:
    """The JSON object in `data`, UTF-8 without a byte-order mark, no NaN, no Infinity. Raises ValueError."""
    try:
        item = json.loads(data.decode("utf-8"), parse_constant=_refuse)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not isinstance(item, dict):
        raise ValueError("no JSON object")
    return item


def _signed_by(message: Jws, key: IssuerKey) -> bool:
    fits = key.alg == ALG and _ALGORITHM.fits(key.key)
    return fits and _ALGORITHM.verify(key.key, message.signed, message.signature)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def _decoded(part: str) -> bytes:
    """Base64url without padding. Raises ValueError for anything else."""
    if "+" in part or "/" in part or "=" in part:
        raise ValueError("not base64url")
    return base64.b64decode((part + "=" * (-len(part) % 4)).encode("ascii"), altchars=b"-_", validate=True)


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
