"""Who sent this request, and is it what they sent: HTTP Message Signatures (RFC 9421) with Ed25519. Pure.

The library's own `verify` takes a changed body, any set of covered components and a day's age; what a request must
be is therefore set here: method, target URI and content digest are covered, the digest fits the body as it travelled,
the time is within five minutes of the office's, and a nonce is good once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from http_message_signatures import HTTPMessageSigner, HTTPMessageVerifier, HTTPSignatureKeyResolver, algorithms
from http_message_signatures.exceptions import HTTPMessageSignaturesException
from http_message_signatures.structures import VerifyResult

from kiosk.errors import GatehouseError

TOLERANCE = timedelta(minutes=5)
COVERED = ("@method", "@target-uri", "content-digest")
LABEL = "gate"
NONCE_LENGTHS = range(16, 65)

FindKey = Callable[[str], bytes | None]  # gate id → its Ed25519 public key, 32 bytes
UseNonce = Callable[[str, str], bool]  # gate id, nonce → whether it was new


class SignatureError(GatehouseError):
    """A request that is not what an enrolled gate sent just now.

    `word` is for machines: `signature`, `clock`, `replay` or `unknown-gate`.
    """

    def __init__(self, word: str, message: str) -> None:
        self.word = word
        super().__init__(message)


class Headers(Protocol):
    """What a message's headers must offer: all field lines, in order."""

    def items(self) -> Any: ...


class Request(Protocol):
    """The part of `requests.PreparedRequest` that a signature is about."""

    method: Any
    url: Any
    headers: Any
    body: Any


@dataclass(frozen=True, slots=True)
class _Received:
    method: str
    url: str
    headers: Headers


def sign(request: Request, key_id: str, private_key: Ed25519PrivateKey, now: datetime, nonce: str) -> None:
    """Add `Content-Digest`, `Signature-Input` and `Signature` to a prepared request whose body will not change again.

    `now` is the office's time as far as the gate knows it; `nonce` (16 to 64 characters) must be new each time.
    """
    signer = HTTPMessageSigner(signature_algorithm=algorithms.ED25519, key_resolver=_OwnKey(private_key))
    signer.sign(
        request,
        key_id=key_id,
        created=now,
        nonce=nonce,
        label=LABEL,
        covered_component_ids=COVERED,
        body=_bytes(request.body),
    )


def verify(
    method: str, url: str, headers: Headers, body: bytes, find_key: FindKey, use_nonce: UseNonce, now: datetime
) -> str:
    """The id of the gate that sent this request. `body` is what travelled, before any decompression.

    `url` is the whole address the gate called, with the scheme and host it used. The nonce is spent only when all
    else is right, so that nobody but the gate can spend it. Raises SignatureError.
    """
    keys = _GateKeys(find_key)
    verifier = _Verifier(keys, now)
    try:
        results = verifier.verify(_Received(method, url, headers), max_age=None, require_components=COVERED, body=body)
    except HTTPMessageSignaturesException as error:
        keys.explain()
        why = str(error) or "the signature does not fit"
        raise SignatureError("signature", f"{why}; the office was called as {method} {url}") from error
    return _fresh(results, use_nonce)


def _fresh(results: list[VerifyResult], use_nonce: UseNonce) -> str:
    if len(results) != 1:
        raise SignatureError("signature", "exactly one signature is expected")
    gate, nonce = str(results[0].parameters["keyid"]), results[0].parameters.get("nonce")
    if not isinstance(nonce, str) or len(nonce) not in NONCE_LENGTHS:
        raise SignatureError("signature", "a nonce of 16 to 64 characters is missing")
    if not use_nonce(gate, nonce):
        raise SignatureError("replay", "this request was received before: sign it anew")
    return gate


def _bytes(body: object) -> bytes:
    return body.encode() if isinstance(body, str) else bytes(body) if isinstance(body, bytes | bytearray) else b""


class _OwnKey(HTTPSignatureKeyResolver):
    def __init__(self, private_key: Ed25519PrivateKey) -> None:
        self._private_key = private_key

    def resolve_private_key(self, key_id: str) -> Ed25519PrivateKey:  # noqa: ARG002  one key, whatever its id
        return self._private_key


class _GateKeys(HTTPSignatureKeyResolver):
    """Looks gates up, and remembers what came of it: the library folds every fault into "invalid signature"."""

    def __init__(self, find_key: FindKey) -> None:
        self._find_key = find_key
        self._fault: Exception | None = None

    def resolve_public_key(self, key_id: str) -> Ed25519PublicKey:
        try:
            if (raw := self._find_key(key_id)) is None:
                raise SignatureError("unknown-gate", "this office knows no such gate: enrol it again")
            return Ed25519PublicKey.from_public_bytes(raw)
        except Exception as fault:
            self._fault = fault
            raise

    def explain(self) -> None:
        """Raise again what went wrong while a key was looked up; a database that is down is no bad signature."""
        if self._fault is not None:
            raise self._fault


class _Verifier(HTTPMessageVerifier):
    """Judges the time by the `now` it is given, not by the machine's clock."""

    def __init__(self, keys: _GateKeys, now: datetime) -> None:
        super().__init__(signature_algorithm=algorithms.ED25519, key_resolver=keys)
        self._now = now

    def validate_created_and_expires(self, sig_input: Any, max_age: timedelta | None = None) -> None:  # noqa: ARG002
        created = sig_input.params.get("created")
        if type(created) is not int:
            raise SignatureError("signature", "the signature does not say when it was made")
        off_s = created - self._now.timestamp()
        if abs(off_s) > TOLERANCE.total_seconds():
            raise SignatureError("clock", f"the gate's clock is {_off(off_s)} the office's; set it right")
        expires = sig_input.params.get("expires")
        if expires is not None and (type(expires) is not int or expires < self._now.timestamp()):
            raise SignatureError("signature", "the signature has expired")


def _off(seconds: float) -> str:
    return f"{abs(seconds):.0f} s {'ahead of' if seconds > 0 else 'behind'}"
