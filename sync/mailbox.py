"""Where somebody leaves the office's answer for a gate that runs: only the gate itself may write its journal."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import structlog

from kiosk.errors import GatehouseError, JournalError
from kiosk.worker import NowAndThen
from sync.courier import Courier
from sync.parcel import ParcelError

log = structlog.get_logger(__name__)

LOOK_EVERY_S = 3.0
_NAME = "answer.parcel"


def leave(file: Path, var: Path) -> None:
    """Put an answer where the running gate finds it. Raises ParcelError when it cannot be put there."""
    box = var / "courier"
    draft = box / f".{_NAME}"
    try:
        box.mkdir(mode=0o700, exist_ok=True)
        shutil.copyfile(file, draft)
        draft.chmod(0o600)
        with draft.open("rb") as written:
            os.fsync(written.fileno())
        draft.rename(box / _NAME)
    except OSError as error:
        raise ParcelError(f"{box}: the answer cannot be left there ({error.strerror})") from error


class Mailbox(NowAndThen):
    """Looks for an answer now and then, and has it taken. `changed` is called after one was."""

    def __init__(self, var: Path, courier: Courier, changed: Callable[[], None]) -> None:
        super().__init__("courier", LOOK_EVERY_S)
        self._file = var / "courier" / _NAME
        self._courier = courier
        self._changed = changed

    def look(self) -> None:
        """Take what was left, once: one that cannot be taken is told and removed, it was looked at when it was left."""
        if not self._file.exists():
            return
        try:
            self._courier.take(self._file)
        except JournalError as error:
            log.warning("courier", trouble=str(error))  # it is there at the next look
            return
        except GatehouseError as error:
            log.error("courier", trouble=str(error))
        with contextlib.suppress(OSError):
            self._file.unlink()
        self._changed()
