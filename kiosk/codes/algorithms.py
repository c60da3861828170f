"""Signature algorithms by COSE number (RFC 9053 §2, RFC 8812 §2): one table, to which another can be added.

A key fits an algorithm only with the right curve or type and a sufficient size; a signature of another length than
the algorithm's own (so also ECDSA in DER) is no signature.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, HashAlgorithm

PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey | ed25519.Ed25519PublicKey
PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey

MIN_RSA_BITS = 2048
MAX_RSA_BITS = 8192  # a larger key costs the gate more time than any issuer needs


class Algorithm(Protocol):
    """One way to sign. `fits` comes first: the other two may assume it answered True."""

    @property
    def name(self) -> str: ...
    @property
    def cose_id(self) -> int: ...
    def fits(self, key: object) -> bool: ...
    def verify(self, key: PublicKey, data: bytes, signature: bytes) -> bool: ...
    def sign(self, key: PrivateKey, data: bytes) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Ecdsa:
    """ECDSA with the one curve and hash that belong together; the signature is r ‖ s, each `size` bytes."""

    name: str
    cose_id: int
    curve: str
    size: int
    hash: HashAlgorithm

    def fits(self, key: object) -> bool:
        return isinstance(key, ec.EllipticCurvePublicKey | ec.EllipticCurvePrivateKey) and key.curve.name == self.curve

    def verify(self, key: PublicKey, data: bytes, signature: bytes) -> bool:
        if len(signature) != 2 * self.size or not isinstance(key, ec.EllipticCurvePublicKey):
            return False
        r, s = (int.from_bytes(half) for half in (signature[: self.size], signature[self.size :]))
        try:
            key.verify(encode_dss_signature(r, s), data, ec.ECDSA(self.hash))
        except InvalidSignature:
            return False
        return True

    def sign(self, key: PrivateKey, data: bytes) -> bytes:
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise ValueError(f"{self.name} needs a key on {self.curve}")
        r, s = decode_dss_signature(key.sign(data, ec.ECDSA(self.hash)))
        return r.to_bytes(self.size) + s.to_bytes(self.size)


@dataclass(frozen=True, slots=True)
class Pss:
    """RSASSA-PSS with MGF1 and a salt as long as the hash (RFC 8230 §2)."""

    name: str
    cose_id: int
    hash: HashAlgorithm

    def fits(self, key: object) -> bool:
        return isinstance(key, rsa.RSAPublicKey | rsa.RSAPrivateKey) and MIN_RSA_BITS <= key.key_size <= MAX_RSA_BITS

    def verify(self, key: PublicKey, data: bytes, signature: bytes) -> bool:
        if not isinstance(key, rsa.RSAPublicKey) or len(signature) != (key.key_size + 7) // 8:
            return False
        try:
            key.verify(signature, data, self._padding(), self.hash)
        except InvalidSignature:
            return False
        return True

    def sign(self, key: PrivateKey, data: bytes) -> bytes:
        if not isinstance(key, rsa.RSAPrivateKey):
            raise ValueError(f"{self.name} needs an RSA key")
        return key.sign(data, self._padding(), self.hash)

    def _padding(self) -> padding.PSS:
        return padding.PSS(padding.MGF1(self.hash), self.hash.digest_size)


@dataclass(frozen=True, slots=True)
class EdDsa:
    """EdDSA on Ed25519 (RFC 8032); Ed448 is not taken."""

    name: str
    cose_id: int

    def fits(self, key: object) -> bool:
        return isinstance(key, ed25519.Ed25519PublicKey | ed25519.Ed25519PrivateKey)

    def verify(self, key: PublicKey, data: bytes, signature: bytes) -> bool:
        if not isinstance(key, ed25519.Ed25519PublicKey):
            return False
        try:
            key.verify(signature, data)
        except InvalidSignature:
            return False
        return True

    def sign(self, key: PrivateKey, data: bytes) -> bytes:
        if not isinstance(key, ed25519.Ed25519PrivateKey):
            raise ValueError(f"{self.name} needs an Ed25519 key")
        return key.sign(data)


_ALL: tuple[Algorithm, ...] = (
    Ecdsa("ES256", -7, "secp256r1", 32, SHA256()),
    Ecdsa("ES384", -35, "secp384r1", 48, SHA384()),
    Pss("PS256", -37, SHA256()),
    EdDsa("EdDSA", -8),
)
BY_COSE_ID: dict[int, Algorithm] = {algorithm.cose_id: algorithm for algorithm in _ALL}
BY_NAME: dict[str, Algorithm] = {algorithm.name: algorithm for algorithm in _ALL}


def for_key(key: PublicKey | PrivateKey) -> Algorithm:
    """The algorithm that goes with `key`. Raises ValueError when none does."""
    for algorithm in BY_COSE_ID.values():
        if algorithm.fits(key):
            return algorithm
    names = ", ".join(BY_NAME)
    raise ValueError(f"no algorithm for this kind or size of key; known: {names}")
