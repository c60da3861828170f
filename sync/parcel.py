"""A parcel between a gate and its office on a stick: sealed for the one, signed by the other, nothing readable between.

    magic line · header (JSON, one line) · parts: 4 bytes length ‖ HPKE ciphertext · 4 zero bytes · signature (64 bytes)

The header is open and names nobody: whose parcel it is and for whom. Each part is sealed by itself (RFC 9180: X25519,
HKDF-SHA256, AES-256-GCM), bound to the header and its place. The Ed25519 signature covers everything before it.
docs/courier.md has the details.
"""

from __future__ import annotations

import hashlib
import os
import struct
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from kiosk.errors import SyncError
from sync import protocol

MAGIC = b"GATEHOUSE PARCEL 1\n"
EVENTS, ANSWER = "events", "answer"  # kinds: gate to office, office to gate
HEADER_BYTES = 4096
PART_BYTES = 48 * 1024 * 1024  # the largest section, and more
SIGNATURE_BYTES = 64

_DOMAIN = b"gatehouse parcel 1\0"
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_P = 2**255 - 19


class ParcelError(SyncError):
    """A parcel that is not what it should be, or not for whoever opened it. The message says what to do.

    `word` is for machines: `none`, `newer`, `kind`, `elsewhere`, `unknown`, `altered`, `sealed`, or `trouble` for a
    file that cannot be read or written.
    """

    def __init__(self, message: str, word: str = "trouble") -> None:
        self.word = word
        super().__init__(message)


class Header(msgspec.Struct, frozen=True):
    """What is open: `kind` is `events` (gate to office) or `answer` (office to gate)."""

    kind: str
    gate: str
    office: str  # the office's Ed25519 key, hex
    made_at: str


class Answer(msgspec.Struct, frozen=True):
    """The first part of what the office gives back; the sections follow, in the order of `sections`."""

    receipts: dict[str, protocol.Receipt]  # journal → how far it is held
    manifest: msgspec.Raw = msgspec.Raw(b"null")  # as it was signed; null before the first one
    sections: list[str] = []  # SHA-256 of each


def write(path: Path, header: Header, parts: Iterable[bytes], sign: Ed25519PrivateKey, to: bytes) -> None:
    """Write a parcel (mode 0600), sealed for the owner of the Ed25519 key `to`: whole or not at all.

    Raises ParcelError when it cannot be written, or `path` exists.
    """
    draft = path.with_name(f".{path.name}.part")
    try:
        if path.exists():
            raise ParcelError(f"{path}: exists already; name another file")
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            _write(file, header, parts, sign, sealing_key(to))
            file.flush()
            os.fsync(file.fileno())
        draft.rename(path)
    except OSError as error:
        raise ParcelError(f"{path}: cannot be written ({error.strerror})") from error
    finally:
        draft.unlink(missing_ok=True)


def header_of(path: Path) -> Header:
    """What a parcel says openly; nothing of it is proven yet. Raises ParcelError for a file that is none."""
    try:
        with path.open("rb") as file:
            return _header(path, file)[0]
    except OSError as error:
        raise ParcelError(f"{path}: cannot be read ({error.strerror})") from error


def check(path: Path, sender: bytes) -> str:
    """The SHA-256 of a parcel that is whole and signed with the other half of `sender` (Ed25519).

    Raises ParcelError when it was cut short or altered, or is somebody else's.
    """
    try:
        size = path.stat().st_size - SIGNATURE_BYTES
        with path.open("rb") as file:
            whole = hashlib.sha256()
            while size > 0 and (chunk := file.read(min(size, 1 << 20))):
                whole.update(chunk)
                size -= len(chunk)
            signature = file.read()
        Ed25519PublicKey.from_public_bytes(sender).verify(signature, _DOMAIN + whole.digest())
    except OSError as error:
        raise ParcelError(f"{path}: cannot be read ({error.strerror})") from error
    except (InvalidSignature, ValueError) as error:
        message = f"{path}: was cut short or altered on its way; have it written once more"
        raise ParcelError(message, "altered") from error
    return whole.hexdigest()


def read(path: Path, own: Ed25519PrivateKey) -> Iterator[bytes]:
    """The parts of a parcel that was checked, one after the other. Raises ParcelError when it is not for `own`."""
    key = opening_key(own)
    try:
        with path.open("rb") as file:
            _, said = _header(path, file)
            for number, sealed in enumerate(_parts(path, file)):
                try:
                    yield _SUITE.decrypt(sealed, key, info=_info(said, number))
                except (InvalidTag, ValueError) as error:
                    raise ParcelError(f"{path}: was sealed for somebody else", "sealed") from error
    except OSError as error:
        raise ParcelError(f"{path}: cannot be read ({error.strerror})") from error


def count(path: Path) -> int:
    """How many parts a parcel that was checked has. Raises ParcelError."""
    try:
        with path.open("rb") as file:
            _header(path, file)
            return sum(1 for _ in _parts(path, file))
    except OSError as error:
        raise ParcelError(f"{path}: cannot be read ({error.strerror})") from error


def sealing_key(public: bytes) -> X25519PublicKey:
    """The X25519 key of whoever owns an Ed25519 key: the same point in Montgomery's form (RFC 7748, 4.1), as age and
    libsodium have it. Raises ParcelError for bytes that are no key."""
    y = int.from_bytes(public, "little") & (1 << 255) - 1
    if len(public) != 32 or y in (0, 1) or y >= _P:
        raise ParcelError("the key it should be sealed for is none")
    u = (1 + y) * pow(1 - y, -1, _P) % _P
    return X25519PublicKey.from_public_bytes(u.to_bytes(32, "little"))


def opening_key(private: Ed25519PrivateKey) -> X25519PrivateKey:
    """The other half: the scalar that Ed25519 itself derives from its seed (RFC 8032, 5.1.5)."""
    return X25519PrivateKey.from_private_bytes(hashlib.sha512(private.private_bytes_raw()).digest()[:32])


def _write(
    file: BinaryIO, header: Header, parts: Iterable[bytes], sign: Ed25519PrivateKey, to: X25519PublicKey
) -> None:
    whole, said = hashlib.sha256(), msgspec.json.encode(header) + b"\n"

    def put(data: bytes) -> None:
        whole.update(data)
        file.write(data)

    put(MAGIC + said)
    for number, part in enumerate(parts):
        sealed = _SUITE.encrypt(part, to, info=_info(said, number))
        put(struct.pack(">I", len(sealed)) + sealed)
    put(struct.pack(">I", 0))
    file.write(sign.sign(_DOMAIN + whole.digest()))


def _header(path: Path, file: BinaryIO) -> tuple[Header, bytes]:
    if file.read(len(MAGIC)) != MAGIC:
        raise ParcelError(f"{path}: is not a parcel of Gatehouse", "none")
    said = file.readline(HEADER_BYTES)
    try:
        return msgspec.json.decode(said, type=Header), said
    except ValueError as error:
        message = f"{path}: is not a parcel that this version can read; update it"
        raise ParcelError(message, "newer") from error


def _parts(path: Path, file: BinaryIO) -> Iterator[bytes]:
    while True:
        (size,) = struct.unpack(">I", file.read(4).rjust(4, b"\xff"))
        if size == 0:
            return
        if size > PART_BYTES or len(sealed := file.read(size)) < size:
            raise ParcelError(f"{path}: was cut short; have it written once more", "altered")
        yield sealed


def _info(said: bytes, number: int) -> bytes:
    """What a part is bound to: it opens nowhere else."""
    return _DOMAIN + said + number.to_bytes(8, "big")
