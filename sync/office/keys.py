"""The office's key files: made once, mode 0600, never made again for a database that belongs to others."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from sync.office.db import Database
from sync.office.db.once import insert_once
from sync.office.db.tables import KeyMarkRow
from sync.office.errors import OfficeError

KEY_BYTES = 32


@dataclass(frozen=True)
class OfficeKeys:
    """`secret` for sessions, `sign` for bundles and receipts, `passes` (P-256) for office passes, `seal` at rest."""

    secret: bytes = field(repr=False)
    sign: Ed25519PrivateKey = field(repr=False)
    passes: ec.EllipticCurvePrivateKey = field(repr=False)
    seal: tuple[bytes, ...] = field(repr=False)  # the first one seals

    def fingerprints(self) -> dict[str, str]:
        """What a database remembers of the keys it belongs to."""
        marks = {"sign": self.sign.public_key().public_bytes_raw(), "passes": pass_key_bytes(self.passes)}
        return {name: hashlib.sha256(data).hexdigest() for name, data in marks.items()} | {
            f"seal-{hashlib.sha256(key).hexdigest()[:8]}": hashlib.sha256(b"mark" + key).hexdigest()
            for key in self.seal
        }


def load_or_create(folder: Path) -> OfficeKeys:
    """The keys in `folder`: secret.key, sign.key, pass.key and seal.key (older ones beside it as seal-*.key).

    Raises OfficeError when one cannot be read or made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        older = [path.read_bytes() for path in sorted(folder.glob("seal-*.key"))]
        seal = _read_or_make(folder / "seal.key", _random)
        return OfficeKeys(
            secret=_whole(_read_or_make(folder / "secret.key", _random)),
            sign=Ed25519PrivateKey.from_private_bytes(_read_or_make(folder / "sign.key", _random)),
            passes=_pass_key(_read_or_make(folder / "pass.key", _new_pass_key)),
            seal=tuple(_whole(key) for key in (seal, *older)),
        )
    except OSError as error:
        raise OfficeError(f"{error.filename}: {error.strerror}: the office needs to read and write its keys") from error
    except ValueError as error:
        raise OfficeError(f"{folder}: a key file is damaged ({error}); restore it from a backup") from error


def check_marks(database: Database, keys: OfficeKeys) -> None:
    """Remembers the keys in a new database; raises OfficeError when this one belongs to keys that are not here."""
    here = keys.fingerprints()
    with database.read() as tx:
        known = {row.name: row.fingerprint for row in tx.execute(select(KeyMarkRow))}
    if lost := sorted(name for name, mark in known.items() if here.get(name) != mark):
        raise OfficeError(
            f"the database belongs to other keys than those in var/keys ({', '.join(lost)}): "
            "put the right key files back; without them its personal data cannot be read"
        )
    if new := [{"name": name, "fingerprint": mark} for name, mark in here.items() if name not in known]:
        with database.write() as tx:
            tx.execute(insert_once(tx, KeyMarkRow), new)


def pass_key_bytes(key: ec.EllipticCurvePrivateKey) -> bytes:
    """The public half as an uncompressed point, 65 bytes."""
    return key.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


def _read_or_make(path: Path, make: Callable[[], bytes]) -> bytes:
    """The file's bytes. Several processes may come at once: the first one's file stays, and no draft of it, not of a
    process that was killed either."""
    if not path.exists():
        draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(make())
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError, FileNotFoundError):  # where another process was first and tidied up
            path.hardlink_to(draft)
    for left in path.parent.glob(f".{path.name}.*"):
        left.unlink(missing_ok=True)
    return path.read_bytes()


def _whole(key: bytes) -> bytes:
    if len(key) != KEY_BYTES:
        raise ValueError(f"{len(key)} bytes instead of {KEY_BYTES}")
    return key


def _random() -> bytes:
    return secrets.token_bytes(KEY_BYTES)


def _new_pass_key() -> bytes:
    return ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _pass_key(pem: bytes) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_pem_private_key(pem, password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ValueError("pass.key is not an elliptic-curve key")
    return key
