"""What is left of a gate that its office has wiped: nothing that opens, signs or names anybody.

The journal's events stay as they were written, and nobody can read what was personal in them: the key that wrapped the
keys of its days is gone. It is set aside, so that the next start begins as a new gate does. A note says that a wipe
was begun, from before anything goes until all is gone: a start that finds it goes on with the wipe.
"""

from __future__ import annotations

import os
import shutil
import signal
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from kiosk.durable import settle
from kiosk.errors import GatehouseError

if TYPE_CHECKING:
    from kiosk.journal import Journal  # the process that only watches over the gate does without it

log = structlog.get_logger(__name__)

FIRST = ("keys/gate.key", "keys/sign.key", "identity.json")  # with these gone the rest is of no use to anybody
FOLDERS = ("keys", "handdown", "tls")
PEOPLE = "gate.db"  # the volunteers and their PINs
DRAFTS = (".identity.json.*", f".{PEOPLE}.*")  # what a write that was broken off has left
NOTE = "wiping-"  # and when it was begun
STAMP = "%Y%m%dT%H%M%SZ"


def wipe(var: Path, at: datetime) -> None:
    """Removes keys, enrolment, hand-down and volunteers from `var`, and sets the journal aside.

    Harmless when some of it is gone already. Raises GatehouseError, once all that can go is gone.
    """
    note = var / f"{NOTE}{at:{STAMP}}"
    troubles = [_noted(note)]
    troubles += [*(_removed(var / name) for name in FIRST), *(_cleared(var / name) for name in FOLDERS)]
    troubles += [_removed(path) for name in (f"{PEOPLE}*", *DRAFTS) for path in sorted(var.glob(name))]
    troubles += [_set_aside(path, at) for path in sorted(var.glob("journal.db*"))]
    troubles.append(_removed(var / "journal.mark"))
    if not any(troubles):
        troubles.append(_crossed_out(note))
    log.warning("wiped", troubles=[trouble for trouble in troubles if trouble])
    if failed := [trouble for trouble in troubles if trouble]:
        raise GatehouseError("this gate could not be wiped whole: " + "; ".join(failed))


def resume(var: Path) -> None:
    """Goes on with a wipe that was broken off. Raises GatehouseError where it cannot be done."""
    for note in sorted(var.glob(f"{NOTE}*")):
        wipe(var, datetime.strptime(note.name, f"{NOTE}{STAMP}").replace(tzinfo=UTC))


def wipe_and_leave(var: Path, at: datetime, journal: Journal) -> None:
    """Wipes the gate and ends this process in order: whatever starts it again finds a gate that nobody has enrolled.

    From here on nobody is recorded, and so nobody let in; where somebody just was, the office has it first and orders
    anew.
    """
    if not journal.retire():
        log.warning("wiped", state="put off: something was recorded meanwhile")
        return
    try:
        wipe(var, at)
    finally:
        os.kill(os.getpid(), signal.SIGTERM)


def _noted(note: Path) -> str | None:
    """What is wrong, None when the note is on the disk: before anything goes."""
    try:
        note.touch(mode=0o600)
        settle(note.parent)
    except OSError as error:
        return f"{note}: {error.strerror}"
    return None


def _crossed_out(note: Path) -> str | None:
    """The note goes last, and for good: a gate that begins anew would else be wiped with all it recorded since."""
    try:
        settle(note.parent)
        note.unlink()
        settle(note.parent)
    except OSError as error:
        return f"{note}: {error.strerror}"
    return None


def _removed(path: Path) -> str | None:
    """What is wrong, None when the file is gone."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        return f"{path}: {error.strerror}"
    return None


def _cleared(folder: Path) -> str | None:
    try:
        shutil.rmtree(folder)
    except FileNotFoundError:
        return None
    except OSError as error:
        return f"{folder}: {error.strerror}"
    return None


def _set_aside(path: Path, at: datetime) -> str | None:
    try:
        path.rename(path.with_name(path.name.replace("journal.", f"journal.wiped-{at:{STAMP}}.", 1)))
    except OSError as error:
        return f"{path}: {error.strerror}"
    return None
