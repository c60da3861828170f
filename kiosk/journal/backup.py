"""A copy of the journal while the gate runs, and the way back.

A copy that is put back never goes on under its old numbers: before it takes the journal's place, a new journal is begun
in it (docs/journal.md).
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sqlalchemy.exc import DBAPIError

from kiosk.durable import settle
from kiosk.errors import JournalError
from kiosk.journal import exchange, schema
from kiosk.journal.faults import translated
from kiosk.journal.lock import WriterLock
from kiosk.journal.store import Journal
from kiosk.journal.values import Verification
from kiosk.model import Event

STEP_PAGES = 256  # between two words on how far it is

Progress = Callable[[int, int], None]  # pages copied, pages in all
Handle = Callable[[Path], None]  # is given the copy before it is verified and put in its place


class Opened(Protocol):
    """Opens a journal of this gate."""

    def __call__(self, path: Path, *, writer: bool = False, restored: bool = False) -> Journal: ...


@dataclass(frozen=True, slots=True)
class Restored:
    """`journal` is the new one that was begun; `aside` where the file lies that was there before, if any."""

    journal: str
    aside: Path | None


def backup(
    path: Path, target: Path, opened: Opened, progress: Progress = lambda *_: None, *, enclose: Handle = lambda _: None
) -> Verification:
    """Copy the journal in `path` to `target` (mode 0600), as it is at this moment, and verify the copy.

    `enclose` puts into the copy what goes along. The gate may go on writing. Raises JournalError: `target` exists, the
    disk is full, or the copy does not hold.
    """
    if not path.exists():
        raise JournalError(f"{path}: there is no journal yet; start the gate once")
    draft = target.with_name(f".{target.name}.part")
    with translated(target):
        if target.exists():
            raise JournalError(f"{target}: exists already; name another file")
        draft.unlink(missing_ok=True)
        try:
            os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            _copy(path, draft, progress)
            enclose(draft)
            settle(draft)
            found = _verified(draft, opened)
            draft.rename(target)
            settle(target.parent)
        finally:
            exchange.remove(draft)
    return found


def restore(
    file: Path, path: Path, opened: Opened, *, anyway: bool = False, take_out: Handle = lambda _: None
) -> Restored:
    """Put the copy `file` in the place of the journal in `path`, and begin a new journal in it.

    `take_out` takes out of it what went along. Raises JournalError: the gate runs, the copy does not hold, or the
    journal there has events that the copy lacks; with `anyway` that one is set aside instead of being refused.
    """
    if not file.is_file():
        raise JournalError(f"{file}: there is no such file")
    with translated(path):
        lock = WriterLock.take(path)
        draft = exchange.draft_of(path)
        try:
            exchange.finish(path)  # a restore before this one that was broken off
            shutil.copyfile(file, draft)
            draft.chmod(0o600)
            _hold(draft, file, opened)
            if not anyway:
                _refuse_newer(path, draft, opened)
            take_out(draft)
            name = _begun(path, draft, opened)
            aside = exchange.put(path, draft)
        finally:
            exchange.remove(draft)
            lock.release()
    return Restored(name, aside)


def _copy(path: Path, target: Path, progress: Progress) -> None:
    """One state of the file, in steps: while a reader holds it, what the gate writes goes into the log only."""
    with closing(schema.connect(path, writer=False)) as source, closing(sqlite3.connect(target)) as copy:
        source.execute("BEGIN")
        source.execute("SELECT count(*) FROM lives").fetchone()

        def told(_: int, remaining: int, total: int) -> None:
            progress(total - remaining, total)

        source.backup(copy, pages=STEP_PAGES, progress=told)
        copy.execute("PRAGMA journal_mode = DELETE")  # one file, without a log beside it


def _verified(file: Path, opened: Opened) -> Verification:
    with opened(file) as journal:
        found = journal.verify()
    if not found.ok:
        raise JournalError(f"{file}: number {found.first_bad} does not hold: {found.why}")
    return found


def _hold(draft: Path, file: Path, opened: Opened) -> None:
    """Raises JournalError, in the name of the copy as it was given, where it does not hold."""
    try:
        _verified(draft, opened)
    except JournalError as error:
        broken = isinstance(error.__cause__, (sqlite3.Error, DBAPIError))
        why = "it is damaged, or no journal at all" if broken else str(error).removeprefix(f"{draft}: ")
        raise JournalError(f"{file}: {why}. The journal stays as it was; take another copy") from error


def _refuse_newer(path: Path, draft: Path, opened: Opened) -> None:
    """Raises JournalError where the journal there has events that the copy has not."""
    if not path.exists() or path.stat().st_size == 0:
        return
    try:
        with opened(path) as now, opened(draft) as copy:
            lacks = [name for name in now.journals() if not _has(copy, _end(now, name))]
    except JournalError as error:
        raise JournalError(f"{error}. To put the copy in its place all the same, add --anyway") from error
    if lacks:
        raise JournalError(
            f"{path}: has events that the copy lacks: they would be lost here. Keep the journal, or set it aside with "
            "--anyway and save what it has with `python -m kiosk journal salvage`"
        )


def _end(journal: Journal, name: str) -> Event:
    box = journal.outbox(name)
    return journal.after(box.through + box.waiting - 1, 1, name)[0]


def _has(journal: Journal, event: Event) -> bool:
    found = journal.after(event.seq - 1, 1, event.journal) if event.journal in journal.journals() else []
    return [other.digest for other in found] == [event.digest]


def _begun(path: Path, draft: Path, opened: Opened) -> str:
    """Begin a new journal in the draft; it follows the last event this gate had written, if it remembers one."""
    mark = path.with_suffix(".mark")
    if mark.exists():
        shutil.copyfile(mark, draft.with_suffix(".mark"))
    with opened(draft, writer=True, restored=True) as journal:
        return journal.id
