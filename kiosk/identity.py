"""Who this gate is to its office, and the keys that never leave it.

`var/identity.json` is what enrolment learned; `var/keys/gate.key` wraps the journal's day keys, `var/keys/sign.key`
signs requests. All of them are for the gate's own user only: a file that others may read is refused.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import secrets
import stat
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk.durable import settle
from kiosk.errors import GatehouseError

KEY_BYTES = 32

_FILE = "identity.json"
_FOLDER = "keys"
_SIGN, _NEXT, _OLD = "sign.key", "sign.next.key", "sign.old.key"
_OFFICE_KEYS = ("office_key", "token_key")


class IdentityError(GatehouseError):
    """An identity or key file that cannot be used. The message names the file and what to do about it."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What enrolment taught this gate.

    `office_key` is the office's Ed25519 public key (32 bytes), `token_key` the community's secret for person tokens.
    """

    gate: str
    community: str
    community_name: str
    office_url: str
    office_key: bytes
    token_key: bytes = field(repr=False)

    @classmethod
    def load(cls, var: Path) -> Identity | None:
        """The identity in `var`, None before enrolment. Raises IdentityError for a file that cannot be used."""
        path = var / _FILE
        try:
            text = _read_private(path)
        except FileNotFoundError:
            return None
        try:
            return cls(**_from_json(json.loads(text)))
        except (ValueError, TypeError, KeyError) as error:
            raise IdentityError(f"{path}: cannot be understood ({error}); enrol again with --again") from error

    def save(self, var: Path) -> None:
        """Put this identity into `var`, whole or not at all. Raises IdentityError when it cannot be written."""
        said = {item.name: getattr(self, item.name) for item in fields(self)}
        for name in _OFFICE_KEYS:
            said[name] = base64.b64encode(said[name]).decode("ascii")
        text = json.dumps(said, ensure_ascii=False, indent=2).encode() + b"\n"
        path = var / _FILE
        try:
            fresh = _written_beside(path, text)
            fresh.replace(path)
            settle(var)
        except OSError as error:
            raise IdentityError(f"{path}: cannot be written ({error.strerror}); check its folder and owner") from error


@dataclass(frozen=True, slots=True)
class Keys:
    """The gate's own secrets: `gate` (32 bytes) wraps the journal's day keys, `sign` signs what goes to the office."""

    gate: bytes = field(repr=False)
    sign: Ed25519PrivateKey = field(repr=False)

    @classmethod
    def load(cls, var: Path) -> Keys:
        """The keys in `var`. Raises IdentityError when one is missing, too short, or open to others."""
        folder = var / _FOLDER
        return cls(_key(folder / "gate.key"), Ed25519PrivateKey.from_private_bytes(_key(folder / "sign.key")))

    @classmethod
    def load_or_create(cls, var: Path) -> Keys:
        """The keys in `var`, made there when there are none yet. Never overwrites one. Raises IdentityError."""
        folder = var / _FOLDER
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for name in ("gate.key", "sign.key"):
                _create(folder / name, secrets.token_bytes(KEY_BYTES))
        except OSError as error:
            raise IdentityError(
                f"{folder}: cannot be written ({error.strerror}); check its folder and owner"
            ) from error
        return cls.load(var)


def next_sign_key(var: Path, *, make: bool = False) -> Ed25519PrivateKey | None:
    """The key that is to take the place of `sign.key`, None when there is none and none is to be made.

    It lies on the disk before anybody hears of it, so that no office ever knows a key that was lost here.
    Raises IdentityError.
    """
    path = var / _FOLDER / _NEXT
    try:
        if make:
            _create(path, secrets.token_bytes(KEY_BYTES))
    except OSError as error:
        raise IdentityError(f"{path}: cannot be written ({error.strerror}); check its folder and owner") from error
    return Ed25519PrivateKey.from_private_bytes(_key(path)) if path.exists() else None


def other_sign_keys(var: Path) -> list[Ed25519PrivateKey]:
    """All signing keys that lie in `var`: the next one, the one in use, the one before. Raises IdentityError."""
    paths = [path for name in (_NEXT, _SIGN, _OLD) if (path := var / _FOLDER / name).exists()]
    return [Ed25519PrivateKey.from_private_bytes(_key(path)) for path in paths]


def tidy(var: Path) -> None:
    """Remove what a write that was broken off has left of a key or of who this gate is. Raises IdentityError.

    Another process that is writing just then fails as if it had been killed, and may try again.
    """
    try:
        for left in [*(var / _FOLDER).glob(".*.key.*"), *var.glob(f".{_FILE}.*")]:
            left.unlink(missing_ok=True)
    except OSError as error:
        raise IdentityError(f"{error.filename}: cannot be removed ({error.strerror}); check its owner") from error


def put_private(path: Path, content: bytes) -> None:
    """Put a file for this user only in its place, whole or not at all; one that is there stays. Raises OSError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _create(path, content)


def promote_next(var: Path) -> None:
    """Put the next key in the place of `sign.key`, which is kept as the one before. Raises IdentityError.

    Whenever the machine stops in between, both are still there.
    """
    folder = var / _FOLDER
    try:
        copy = _written_beside(folder / _OLD, (folder / _SIGN).read_bytes())
        copy.replace(folder / _OLD)
        (folder / _NEXT).replace(folder / _SIGN)
        settle(folder)
    except OSError as error:
        raise IdentityError(f"{folder}: cannot be written ({error.strerror}); check its folder and owner") from error


def _from_json(said: dict[str, Any]) -> dict[str, Any]:
    """Raises ValueError, TypeError or KeyError for what is no identity."""
    known = {item.name: said[item.name] for item in fields(Identity)}
    if not all(isinstance(value, str) for value in known.values()):
        raise ValueError("every value must be text")
    for name in _OFFICE_KEYS:
        try:
            known[name] = base64.b64decode(known[name], validate=True)
        except binascii.Error as error:
            raise ValueError(f"{name} is not base64") from error
        if len(known[name]) != KEY_BYTES:
            raise ValueError(f"{name} must be {KEY_BYTES} bytes")
    return known


def _key(path: Path) -> bytes:
    try:
        _check_private(path.parent)
        key = _read_private(path)
    except FileNotFoundError as error:
        raise IdentityError(f"{path}: missing; put it back from your backup, or start the gate to make one") from error
    if len(key) != KEY_BYTES:
        raise IdentityError(f"{path}: {len(key)} bytes instead of {KEY_BYTES}; put it back from your backup")
    return key


def _read_private(path: Path) -> bytes:
    """Raises FileNotFoundError, and IdentityError for a file that others may read or this user may not."""
    try:
        _check_private(path)
        return path.read_bytes()
    except FileNotFoundError:
        raise
    except OSError as error:
        raise IdentityError(f"{path}: cannot be read ({error.strerror}); check its owner") from error


def _check_private(path: Path) -> None:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        wanted = "700" if path.is_dir() else "600"
        raise IdentityError(f"{path}: others may use it (mode {mode:o}); run: chmod {wanted} {path}")


def _create(path: Path, content: bytes) -> None:
    """Make `path`, complete from the first moment, unless it is there: then it stays as it is."""
    if path.exists():
        return
    fresh = _written_beside(path, content)
    try:
        os.link(fresh, path)  # unlike a rename, it fails where another process was first
    except FileExistsError:
        return
    finally:
        fresh.unlink()
    settle(path.parent)


def _written_beside(path: Path, content: bytes) -> Path:
    """A new file with `content` in the same folder, mode 0600 from the start, safely on the disk."""
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        except BaseException:
            fresh.unlink()
            raise
    return fresh
