"""What is left of a gate that its office has wiped: nothing that opens, signs or names anybody.

The journal's events stay as they were written, and nobody can read what was personal in them: the key that wrapped the
keys of its days is gone. It is set aside, so that the next start begins as a new gate does.
"""

from __future__ import annotations

import os
import shutil
import signal
from datetime import datetime
from pathlib import Path

import structlog

from kiosk.errors import GatehouseError
from kiosk.journal import Journal

log = structlog.get_logger(__name__)

FIRST = ("keys/gate.key", "keys/sign.key", "identity.json")  # with these gone the rest is of no use to anybody
FOLDERS = ("keys", "handdown", "tls")
PEOPLE = "gate.db"  # the volunteers and their PINs


def wipe(var: Path, at: datetime) -> None:
    """Removes keys, enrolment, hand-down and volunteers from `var`, and sets the journal aside.

    Harmless when some of it is gone already. Raises GatehouseError, once all that can go is gone.
    """
    troubles = [*(_removed(var / name) for name in FIRST), *(_cleared(var / name) for name in FOLDERS)]
    troubles += [_removed(path) for path in sorted(var.glob(f"{PEOPLE}*"))]
    troubles += [_set_aside(path, at) for path in sorted(var.glob("journal.db*"))]
    troubles.append(_removed(var / "journal.mark"))
    log.warning("wiped", troubles=[trouble for trouble in troubles if trouble])
    if failed := [trouble for trouble in troubles if trouble]:
        raise GatehouseError("this gate could not be wiped whole: " + "; ".join(failed))


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
        path.rename(path.with_name(path.name.replace("journal.", f"journal.wiped-{at:%Y%m%dT%H%M%SZ}.", 1)))
    except OSError as error:
        return f"{path}: {error.strerror}"
    return None
