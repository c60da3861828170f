"""A damaged journal: noticed at the start, set aside, and what still holds of it recorded once more in a new one.

Nothing of the damaged file is changed or thrown away; what it says of people goes when their days' time is over.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

import structlog

from kiosk import chain
from kiosk.durable import settle
from kiosk.errors import JournalError
from kiosk.journal import exchange, pages, schema
from kiosk.journal.act import Act, again
from kiosk.journal.carried import Carried
from kiosk.journal.days import day_of, to_day
from kiosk.journal.lock import Mark
from kiosk.journal.projections import Recorded
from kiosk.journal.reading import CHUNK, Reader, View
from kiosk.journal.vault import Vault
from kiosk.journal.wreck import Wreck, is_key
from kiosk.model import Draft, Event

log = structlog.get_logger(__name__)

ALERT = "journal-set-aside"
PAGES_S, CHAIN_S = 20.0, 2.0  # at a start; what a larger file has beyond that is left to `journal verify`
STEPS = 100_000  # of SQLite's machine between two looks at the clock


@dataclass(frozen=True, slots=True)
class Salvaged:
    """What came of a damaged file: so many events hold (`read`), so many of them were recorded `again`; `nameless` are
    those among these whose personal part is gone. `lost` the office will never get, `acknowledged` it has."""

    file: str
    read: int = 0
    again: int = 0
    nameless: int = 0
    acknowledged: int = 0
    lost: int = 0


def set_aside_if_damaged(path: Path, vault: Vault, now: datetime) -> Path | None:
    """Rename the journal in `path`, with its log, when it is damaged; to what. The caller holds the writer's lock.

    Raises JournalError when the gate's key is another one: with the right key nothing may be wrong.
    """
    for log_aside in path.parent.glob(f"{_named(path)}-wal"):
        aside = log_aside.with_name(log_aside.name.removesuffix("-wal"))
        if path.exists() and not aside.exists():
            return path.rename(aside)  # the machine was switched off between the two
    if (why := damage(path, vault)) is None:
        return None
    with Wreck(path, vault) as wreck:
        if wreck.strange:
            raise JournalError(f"{path}: {why}; and the gate's key does not open it: put the right gate.key back first")
    log.error("journal-damaged", file=path.name, why=why)
    return _set_aside(path, now)


def damage(path: Path, vault: Vault) -> str | None:
    """Why the file cannot be gone on with; None when nothing is wrong with it, or something else than the file."""
    if not path.exists() or path.stat().st_size == 0:
        return None
    try:
        return _damaged_pages(path) or _damaged_chain(path, vault)
    except sqlite3.DatabaseError as error:
        return str(error) if _is_damage(error) else None


def left_over(path: Path, vault: Vault, mark: Mark | None) -> Path | None:
    """The damaged file beside `path` that holds what was written last: it was set aside, and the machine was switched
    off before a new journal was begun."""
    for aside in sorted(path.parent.glob(_named(path)), reverse=True) if mark else ():
        with Wreck(aside, vault, mark) as wreck:
            if mark and any(life.name == mark.journal for life in wreck.lives):
                return aside
    return None


def begin_after(act: Act, wreck: Wreck) -> Salvaged:
    """Begin a new journal behind a damaged one, within the open transaction: what it was, what holds of it, what the
    office has to know. Raises JournalError for another gate's key."""
    if wreck.strange:
        raise JournalError(f"{wreck.path}: the gate's key does not open it: put the right gate.key back")
    act.begin("damaged", wreck.end, file=wreck.path.name, lost=wreck.lost(), acknowledged=wreck.acknowledged())
    carried = Carried()
    try:
        done = take_over(act, wreck, heard=lambda event: carried.add(_recorded(event, act)))
        for said, personal in carried.parts(day_of(act.site.now(), act.site.zone)):
            act.append(Draft("journal.carried", act.site.now(), {"gate": act.site.gate, **said}, personal))
    finally:
        carried.close()
    act.append(_alert(act, done))
    log.warning("journal-salvaged", **asdict(done))
    return done


def take_over(
    act: Act,
    wreck: Wreck,
    *,
    wanted: Callable[[Event], bool] = lambda _: True,
    heard: Callable[[Event], None] = lambda _: None,
) -> Salvaged:
    """Record once more, within the open transaction, what holds of `wreck` and the office does not have.

    `wanted` says no to what was recorded once more already; `heard` is told every event that holds.
    """
    read = written = nameless = acknowledged = 0
    missing = sum(wreck.due(life) for life in wreck.lives)
    for life, event in wreck.events():
        heard(event)
        read += 1
        if not wreck.waits(life, event):
            acknowledged += 1
        elif event.kind.startswith("journal.") or not wanted(event):
            missing -= 1
        elif _said_again(act, event):
            missing -= 1
            written += 1
            nameless += event.personal is None
    return Salvaged(wreck.path.name, read, written, nameless, acknowledged, max(missing, 0))


def shred(path: Path, before: date) -> int:
    """Destroy the keys of all days before `before` in the files beside `path` that were damaged, or that a copy took
    the place of; how many there were."""
    day, folder = to_day(before), path.parent
    asides = [*folder.glob(_named(path)), *folder.glob(exchange.named(path))]
    return sum(pages.shred(aside, partial(_is_key_before, day)) for aside in asides)


def _named(path: Path) -> str:
    return f"{path.stem}.damaged-*.db"


def _is_key_before(day: int, values: pages.Values) -> bool:
    return len(values) == len(schema.day_keys.c) and is_key(values[1:]) and values[1] < day


def _set_aside(path: Path, now: datetime) -> Path:
    """The log first: left behind, it would be taken for the new file's."""
    stamp = f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    names = (f"{path.stem}.damaged-{stamp}{more}.db" for more in ("", *(f"-{count}" for count in range(2, 100))))
    aside = next(free for name in names if not (free := path.with_name(name)).exists())
    for suffix in ("-wal", ""):
        file = path.with_name(f"{path.name}{suffix}")
        if file.exists():
            file.rename(aside.with_name(f"{aside.name}{suffix}"))
    path.with_name(f"{path.name}-shm").unlink(missing_ok=True)
    settle(path.parent)
    return aside


def _damaged_pages(path: Path) -> str | None:
    """What SQLite finds when it looks at every page. Raises sqlite3.DatabaseError."""
    until = time.monotonic() + PAGES_S
    with closing(schema.connect(path, writer=False)) as file:
        if not file.execute("SELECT count(*) FROM sqlite_master WHERE name = 'events'").fetchone()[0]:
            return None  # not begun yet, or another program's
        file.set_progress_handler(lambda: time.monotonic() > until, STEPS)
        said: str = file.execute("PRAGMA quick_check(1)").fetchone()[0]
    return None if said == "ok" else said


def _damaged_chain(path: Path, vault: Vault) -> str | None:
    """The newest number that does not hold, looking back from the end."""
    reader = Reader(path, vault)
    try:
        with reader.view() as view:
            return _flaw(view, time.monotonic() + CHAIN_S)
    except JournalError as error:
        cause = getattr(error.__cause__, "orig", error.__cause__)
        return None if isinstance(cause, sqlite3.Error | OSError) and not _is_damage(cause) else str(error)
    finally:
        reader.close()


def _flaw(view: View, until: float) -> str | None:
    for life in reversed(view.lives):
        end = life.length
        while end > 0 and time.monotonic() < until:
            start = max(end - CHUNK, 0)
            prev, events = view.digest(life, start), view.after(life, start, end - start)
            for seq, event in enumerate(events, start + 1):
                if why := "it is missing" if event.seq != seq else chain.flaw(event, prev):
                    return f"number {seq} of journal {life.name} does not hold: {why}"
                prev = event.digest
            end = start
    return None


def _is_damage(error: BaseException) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def _said_again(act: Act, event: Event) -> bool:
    try:
        act.append(*again([event]))
    except JournalError as error:  # too large by a hair, or of a day no calendar knows
        log.error("journal-salvage", seq=event.seq, trouble=str(error))
        return False
    return True


def _recorded(event: Event, act: Act) -> Recorded:
    return Recorded(event.seq, day_of(event.at, act.site.zone), event)


def _alert(act: Act, done: Salvaged) -> Draft:
    """What the office has to know: that a journal was damaged, and how much of it will never come."""
    zh = f"台账文件损坏，已另存并另起新台账：补录 {done.again} 条，丢失 {done.lost} 条"
    en = f"The journal was damaged and set aside, a new one was begun: {done.again} recorded again, {done.lost} lost"
    said = {"gate": act.site.gate, "lane": "", "alert": ALERT, "visit": "", "zh": zh, "en": en, "demo": False}
    return Draft("alert", act.site.now(), {**said, "salvaged": asdict(done)})
