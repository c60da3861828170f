"""What a gate's folder holds beside the journal that a new machine cannot do without: its volunteers, the hand-down.

Keys and enrolment are not among it: they travel by themselves (`backup --with-keys`).
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from kiosk.durable import settle
from kiosk.errors import GatehouseError
from kiosk.staff import Staff

VOLUNTEERS, HANDDOWN = "gate.db", "handdown"
MANIFEST = f"{HANDDOWN}/manifest.json"
TRIES = 5  # while the gate swaps in a newer bundle


def gathered(var: Path) -> dict[str, bytes]:
    """The volunteers with their PINs' hashes, nobody on duty, and the bundle in force, by their names in `var`.

    Raises GatehouseError when they are there and cannot be read.
    """
    try:
        return {**_volunteers(var / VOLUNTEERS), **_bundle(var)}
    except (OSError, sqlite3.Error) as error:
        raise GatehouseError(f"{var}: cannot be read ({error})") from error


def put_back(var: Path, contents: Mapping[str, bytes]) -> tuple[str, ...]:
    """Put back what is not there: volunteers where there are none, a bundle where there is none; what was put back.

    Raises GatehouseError when it cannot be written.
    """
    done = []
    try:
        if VOLUNTEERS in contents and not _anybody(var / VOLUNTEERS):
            _write(var / VOLUNTEERS, contents[VOLUNTEERS])
            done.append("volunteers")
        if MANIFEST in contents and not (var / MANIFEST).exists():
            _put_bundle(var, contents)
            done.append("hand-down")
    except OSError as error:
        raise GatehouseError(f"{var}: cannot be written ({error.strerror})") from error
    return tuple(done)


def _volunteers(path: Path) -> dict[str, bytes]:
    if not path.exists():
        return {}
    with closing(sqlite3.connect(path, timeout=5)) as file, closing(sqlite3.connect(":memory:")) as copy:
        file.backup(copy)
        copy.execute("DELETE FROM duty")  # whoever goes on with it signs on anew
        copy.commit()
        return {VOLUNTEERS: bytes(copy.serialize())}


def _anybody(path: Path) -> bool:
    if not path.exists():
        return False
    staff = Staff.open(path)
    try:
        return bool(staff.all())
    finally:
        staff.close()


def _bundle(var: Path) -> dict[str, bytes]:
    """The manifest and its sections; nothing where they do not fit each other, the office hands it down again."""
    for _ in range(TRIES):
        try:
            manifest = (var / MANIFEST).read_bytes()
            named = {f"{HANDDOWN}/{sha256}": sha256 for sha256 in json.loads(manifest)["sections"].values()}
            sections = {name: (var / name).read_bytes() for name in named}
        except FileNotFoundError:
            continue
        except (ValueError, KeyError, AttributeError, TypeError):
            return {}
        if all(hashlib.sha256(sections[name]).hexdigest() == sha256 for name, sha256 in named.items()):
            return {**sections, MANIFEST: manifest}
    return {}


def _put_bundle(var: Path, contents: Mapping[str, bytes]) -> None:
    """The sections first: a manifest without them would be of no use."""
    (var / HANDDOWN).mkdir(mode=0o700, exist_ok=True)
    for name, content in contents.items():
        folder, _, sha256 = name.partition("/")
        if folder == HANDDOWN and hashlib.sha256(content).hexdigest() == sha256:
            _write(var / HANDDOWN / sha256, content)
    _write(var / MANIFEST, contents[MANIFEST])


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all, for the gate's user only."""
    draft = path.with_name(f".{path.name}.part")
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    settle(path.parent)
