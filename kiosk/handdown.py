"""What the office handed down, on disk and in force: verified whole, swapped whole, its age known.

    var/handdown/<sha256>        the bytes of one section, named by what they are
    var/handdown/manifest.json   the signed manifest in force, replaced in one step

Whatever goes wrong before that step (a forged or older manifest, a section that is not what it should be, a full
disk, a crash) leaves the last good bundle in force.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import re
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

import structlog

from kiosk import signet
from kiosk.durable import settle
from kiosk.errors import HandDownError
from kiosk.model import Footing, from_iso

log = structlog.get_logger(__name__)

CLOCK_TOLERANCE = timedelta(minutes=5)
_HASH = re.compile(r"[0-9a-f]{64}")
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,31}")


@dataclass(frozen=True, slots=True)
class Bundle:
    """A hand-down in force: section names and their bytes. Version 0 is none at all."""

    version: int
    issued_at: datetime
    valid_until: datetime
    sections: Mapping[str, bytes]

    def footing(self, now: datetime) -> Footing:
        """How far it may be relied on. A clock that stands before its issue cannot tell its age: `expired`."""
        if self.version == 0:
            return Footing.NONE
        if now > self.valid_until or now < self.issued_at - CLOCK_TOLERANCE:
            return Footing.EXPIRED
        half = self.issued_at + (self.valid_until - self.issued_at) / 2
        return Footing.STALE if now > half else Footing.FRESH


NO_BUNDLE = Bundle(0, datetime.min.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC), MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class _Manifest:
    version: int
    community: str
    issued_at: datetime
    valid_until: datetime
    sections: Mapping[str, str]  # name → SHA-256, hex
    document: Mapping[str, Any]  # as it was signed, with fields this version does not know


class HandDown:
    """The bundles of one office for one community. Without `office_key` (a gate not enrolled) none is taken.

    `trouble` says why what lies on disk could not be put in force; the next pull then fetches it anew.
    """

    def __init__(self, folder: Path, office_key: bytes | None, community: str | None = None) -> None:
        self.trouble: str | None = None
        self._folder = folder
        self._office_key = office_key
        self._community = community
        self._lock = threading.Lock()
        self._newest: _Manifest | None = None  # never goes back, even when its sections are damaged
        self._bundle = NO_BUNDLE
        self._load()

    @property
    def bundle(self) -> Bundle:
        return self._bundle

    def footing(self, now: datetime) -> Footing:
        """How fresh the bundle in force is at `now`."""
        return self._bundle.footing(now)

    def missing(self, manifest: Mapping[str, Any]) -> list[tuple[str, str]]:
        """The sections (name, SHA-256) of `manifest` that are not on disk yet.

        Raises HandDownError when it is not the office's, is for another community or older than the one in force.
        """
        wanted = self._accept(manifest)
        return [(name, sha256) for name, sha256 in wanted.sections.items() if self._stored(sha256) is None]

    def swap(self, manifest: Mapping[str, Any], fetched: Mapping[str, bytes]) -> None:
        """Put `manifest` in force, with its missing sections from `fetched` (SHA-256 → bytes): all or nothing.

        Raises HandDownError; then the bundle in force stays.
        """
        with self._lock, _alone(self._folder):
            self._load()  # another process may have put a newer one there
            wanted = self._accept(manifest)
            sections = {name: self._whole(name, sha256, fetched) for name, sha256 in wanted.sections.items()}
            try:
                self._write(wanted, sections)
            except OSError as error:
                raise HandDownError(f"{self._folder}: the bundle cannot be stored ({error.strerror})") from error
            self._enforce(wanted, sections)
            self._sweep(set(wanted.sections.values()))
        log.info("handdown", state="swapped", version=wanted.version, sections=len(sections))

    def _accept(self, document: Mapping[str, Any]) -> _Manifest:
        """`document` as a manifest that may be put in force. Raises HandDownError."""
        manifest = self._vouched(document)
        newest = self._newest
        if newest and manifest.version < newest.version:
            raise HandDownError(f"bundle {manifest.version} is older than {newest.version}, which was taken before")
        if newest and manifest.version == newest.version and manifest.document != newest.document:
            raise HandDownError(f"bundle {manifest.version} differs from the one of that number taken before")
        return manifest

    def _vouched(self, document: Mapping[str, Any]) -> _Manifest:
        """`document` once its signature and community are right. Raises HandDownError."""
        if self._office_key is None:
            raise HandDownError("this gate is not enrolled: it knows no office whose bundle it could take")
        if not isinstance(document, Mapping):
            raise HandDownError("manifest: not an object")
        statement = {key: value for key, value in document.items() if key != "signature"}
        if not signet.fits(self._office_key, statement, str(document.get("signature", ""))):
            raise HandDownError("manifest: not signed by this gate's office")
        manifest = _parse(document)
        if self._community is not None and manifest.community != self._community:
            raise HandDownError("manifest: for another community")
        return manifest

    def _whole(self, name: str, sha256: str, fetched: Mapping[str, bytes]) -> bytes:
        section = fetched.get(sha256)
        if section is None:
            section = self._stored(sha256)
        if section is None:
            raise HandDownError(f"section {name}: missing")
        if hashlib.sha256(section).hexdigest() != sha256:
            raise HandDownError(f"section {name}: not what the manifest says")
        return section

    def _stored(self, sha256: str) -> bytes | None:
        try:
            content = (self._folder / sha256).read_bytes()
        except OSError:
            return None
        return content if hashlib.sha256(content).hexdigest() == sha256 else None

    def _load(self) -> None:
        """Put in force what lies on disk, if it still verifies."""
        try:
            document = json.loads((self._folder / "manifest.json").read_bytes())
            manifest = self._vouched(document)
            self._newest = manifest
            sections = {name: self._whole(name, sha256, {}) for name, sha256 in manifest.sections.items()}
        except FileNotFoundError:
            return
        except (OSError, ValueError, HandDownError) as error:
            self.trouble = str(error)
            log.error("handdown", state="damaged", trouble=self.trouble)
            return
        self._enforce(manifest, sections)

    def _enforce(self, manifest: _Manifest, sections: Mapping[str, bytes]) -> None:
        self.trouble = None
        self._newest = manifest
        self._bundle = Bundle(
            manifest.version, manifest.issued_at, manifest.valid_until, MappingProxyType(dict(sections))
        )

    def _write(self, manifest: _Manifest, sections: Mapping[str, bytes]) -> None:
        for name, sha256 in manifest.sections.items():
            if self._stored(sha256) is None:
                _replace(self._folder / sha256, sections[name])
        settle(self._folder)
        _replace(self._folder / "manifest.json", json.dumps(dict(manifest.document), ensure_ascii=False).encode())
        settle(self._folder)

    def _sweep(self, keep: set[str]) -> None:
        """Remove sections and half-written files that the manifest in force does not name."""
        for path in self._folder.iterdir():
            if path.name not in keep and (_HASH.fullmatch(path.name) or path.suffix == ".new"):
                with contextlib.suppress(OSError):
                    path.unlink()


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep other processes from changing the folder meanwhile. Raises HandDownError where it cannot be made."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise HandDownError(f"{folder}: the bundle cannot be stored ({error.strerror})") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _parse(document: Mapping[str, Any]) -> _Manifest:
    try:
        version, community, sections = document["version"], document["community"], document["sections"]
        issued_at, valid_until = from_iso(document["issued_at"]), from_iso(document["valid_until"])
    except (KeyError, TypeError, ValueError) as error:
        raise HandDownError(f"manifest: cannot be read ({error})") from error
    if type(version) is not int or version < 1 or not isinstance(community, str) or valid_until <= issued_at:
        raise HandDownError("manifest: version, community or validity make no sense")
    if not isinstance(sections, dict) or not all(_sound(name, sha256) for name, sha256 in sections.items()):
        raise HandDownError("manifest: sections must be names with a SHA-256 each")
    return _Manifest(version, community, issued_at, valid_until, dict(sections), dict(document))


def _sound(name: object, sha256: object) -> bool:
    """Both become file names or keys: nothing but what they should look like may pass."""
    return bool(_NAME.fullmatch(str(name)) and isinstance(sha256, str) and _HASH.fullmatch(sha256))


def _replace(path: Path, content: bytes) -> None:
    """Write `content` to `path` so that a crash leaves the old file or the new one, never half of one."""
    temporary = path.with_suffix(".new")
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
