"""One writer: a lock file, and a mark that remembers how far this gate had written.

The mark lies beside the journal, not in it: a journal that was put back from an older copy ends before its mark.
"""

from __future__ import annotations

import fcntl
import os
import re
import threading
from dataclasses import dataclass
from pathlib import Path

import structlog

from kiosk.errors import JournalError
from kiosk.journal.values import Head

log = structlog.get_logger(__name__)

_MARK = re.compile(rb"([0-9a-f-]{36}) ([0-9]{16}) ([0-9a-f]{64})\n")

_held: set[Path] = set()
_held_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Mark:
    """The last event that was written, as far as the operating system kept it: never ahead of the journal itself."""

    journal: str
    head: Head


class WriterLock:
    """Held by the one process, and in it the one Journal, that may write. Ends with the process at the latest.

    A record lock (`lockf`), not `flock`: a forked decoder that outlives a killed gate must not keep it. Record locks
    do not stop their own process, hence `_held`; and closing any handle of the file drops them, hence two files.
    """

    def __init__(self, path: Path, lock: int) -> None:
        self._path = path
        self._lock: int | None = lock
        self._mark: int | None = None

    @classmethod
    def take(cls, journal: Path) -> WriterLock:
        """The lock on `journal`. Raises JournalError while somebody else holds it; OSError when it cannot be made."""
        path = journal.resolve()
        with _held_lock:
            if path in _held:
                raise _taken(journal)
            lock = _locked(path.with_suffix(".lock"))
            if lock is None:
                raise _taken(journal)
            _held.add(path)
        return cls(path, lock)

    def mark(self, journal: str, head: Head) -> None:
        """Remember that `head` was written. Not forced to the disk: it need only survive a killed process."""
        try:
            if self._mark is None:
                self._mark = _open(_mark_file(self._path))
            os.pwrite(self._mark, f"{journal} {head.seq:016d} {head.digest}\n".encode(), 0)
        except OSError as error:
            log.warning("journal-mark", trouble=str(error))  # the event itself is safe

    def release(self) -> None:
        """Let the next one write. Harmless when it was released already."""
        with _held_lock:
            if self._lock is not None:
                os.close(self._lock)
                _held.discard(self._path)
            if self._mark is not None:
                os.close(self._mark)
            self._lock = self._mark = None


def read_mark(journal: Path) -> Mark | None:
    """The mark beside `journal`; None when there is none that can be read."""
    try:
        found = _MARK.fullmatch(_mark_file(journal.resolve()).read_bytes())
    except FileNotFoundError:
        return None
    if found is None:
        return None
    name, seq, digest = (part.decode() for part in found.groups())
    return Mark(name, Head(int(seq), digest))


def _mark_file(journal: Path) -> Path:
    return journal.with_suffix(".mark")


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)


def _locked(path: Path) -> int | None:
    """A handle that holds the lock; None when another process has it."""
    handle = _open(path)
    try:
        fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(handle)
        if isinstance(error, BlockingIOError | PermissionError):
            return None
        raise
    return handle


def _taken(journal: Path) -> JournalError:
    return JournalError(f"{journal}: another gate process is writing to it; stop that one first")
