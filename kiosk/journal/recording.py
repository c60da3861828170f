"""Writing: one act, one transaction. Events and projections move together, and are durable before anybody is told."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa
import structlog

from kiosk import chain
from kiosk.errors import JournalError
from kiosk.journal import erasing, projections, salvage, schema, seals
from kiosk.journal.act import Act, Site, again
from kiosk.journal.days import from_day, to_day, to_ms
from kiosk.journal.lock import Mark, WriterLock, read_mark
from kiosk.journal.reading import CHUNK, Reader, View
from kiosk.journal.rows import Life
from kiosk.journal.salvage import Salvaged
from kiosk.journal.schema import day_keys, lives, state
from kiosk.journal.seals import Countersign
from kiosk.journal.values import Head
from kiosk.journal.vault import Vault
from kiosk.journal.wreck import Wreck
from kiosk.journal.writer import Writer
from kiosk.model import ZERO_DIGEST, Draft, Event

log = structlog.get_logger(__name__)

MOST_ERASED = 10_000  # requests that are remembered as done
CHECKED_AT_OPEN = 50  # the youngest events are the ones a power cut or a full disk could have torn

_NOTHING = Life(UUID(int=0), first=1, last=0)
_NONE = {"seq": 0, "digest": ZERO_DIGEST}
_SET = schema.sql(sa.insert(state).prefix_with("OR REPLACE"))
_REFUSE = schema.sql(
    sa.update(lives).where(lives.c.journal == sa.bindparam("named")).values(refused_from=sa.bindparam("refused_from"))
)
_ACKNOWLEDGE = schema.sql(
    sa.update(lives)
    .where(lives.c.journal == sa.bindparam("named"))
    .values({name: sa.bindparam(name) for name in ("through", "acknowledged", "synced_at")})
)
_EXPIRED = schema.sql(
    sa.select(
        sa.func.count(),
        sa.func.count(day_keys.c.day.distinct()),
        sa.func.min(day_keys.c.day),
        sa.func.max(day_keys.c.day),
    ).where(day_keys.c.day < sa.bindparam("before"))
)


class Recorder:
    """The writing half of a journal. Threads take turns; other processes are kept out by the lock."""

    def __init__(self, path: Path, vault: Vault, reader: Reader, lock: WriterLock, site: Site) -> None:
        self.offset_ms: int | None = None
        self._path = path
        self._vault = vault
        self._reader = reader
        self._lock = lock
        self._site = site
        self._writer = Writer(path, site.least_free)
        self._turn = threading.RLock()
        self._stands: tuple[Life, Head] | None = None
        self._log_holds_keys = True  # for all that is known: a process before this one may have been killed
        self._retired = False

    def resume(self, *, aside: Path | None = None, restored: bool = False) -> None:
        """Go on where the file ends, or begin a journal; with `restored` in any case, behind the damaged file `aside`.

        A new one is begun in a new file, and in one that ends before what this gate had already written: it was put
        back from a copy, and going on under the old numbers would give them out twice. Raises JournalError for a torn
        end or another gate's key.
        """
        mark = read_mark(self._path)
        with self._turn, self._reader.view() as view:
            if not view.lives:
                self._begin_file(mark, aside or salvage.left_over(self._path, self._vault, mark))
                return
            view.check_key()
            self._stands = life, head = view.life(), view.head(view.life())
            _check_end(self._path, view, life, head)
            self.offset_ms = view.state("offset_ms")
            zone = next((event.open.get("zone") for event in view.recent(1, ("journal.begin", "journal.zone"))), None)
            lost = mark is not None and not _holds(view, mark)
        if lost or restored:
            self._renew("restored", mark if lost and mark else Mark(life.name, head))
        elif zone != self._site.zone.key:
            with self._act() as act:
                act.state("journal.zone", zone=self._site.zone.key, was=zone)

    def stands(self) -> tuple[Life, Head]:
        """The present journal and its last event."""
        with self._turn:
            return self._place()

    def append(self, drafts: tuple[Draft, ...]) -> tuple[Event, ...]:
        self._writer.check_room()
        with self._act() as act:
            return act.append(*drafts)

    def close_day(self, day: date) -> Event | None:
        """The day's zero-or-more report, once."""
        with self._act() as act:
            with self._reader.view() as view:
                if to_day(day) in view.closed():
                    return None
                counts = view.counts(to_day(day))
            said = {"gate": self._site.gate, "day": day.isoformat(), "counts": counts}
            return act.append(Draft("day.close", self._site.now(), said))[0]

    def acknowledge(self, through: int, digest: str, at: datetime, journal: str | None) -> None:
        with self._turn:
            with self._reader.view() as view:
                life = view.life(journal)
                if not 0 <= through <= life.length:
                    raise JournalError(f"the office acknowledged {through}, but this journal ends at {life.length}")
                if view.digest(life, through) != digest:
                    raise JournalError(f"the office acknowledged another event under {through} than this journal holds")
            with self._writer.transaction() as connection:
                said = {"through": through, "acknowledged": bytes.fromhex(digest), "synced_at": to_ms(at)}
                connection.execute(_ACKNOWLEDGE, {"named": life.journal.bytes, **said})
                if self.offset_ms is not None:
                    connection.execute(_SET, {"name": "offset_ms", "value": self.offset_ms})

    def countersigned(self, seal: Countersign) -> None:
        with self._turn:
            with self._reader.view() as view:
                if view.digest(view.life(seal.journal), seal.seq) != seal.digest:
                    raise JournalError(
                        f"the office countersigned another event under {seal.seq} than this journal holds"
                    )
            with self._writer.transaction() as connection:
                seals.keep(connection, seal)

    def forget(self, before: date) -> int:
        """Destroy the keys of all days before `before` and say so in the journal; how many there were."""
        day = to_day(before)
        with self._act() as act:
            keys, days, *ends = act.connection.execute(_EXPIRED, {"before": day}).fetchone()
            if keys:
                first, last = (from_day(end).isoformat() for end in ends)
                act.state("journal.forget", before=before.isoformat(), keys=keys, days=days, first=first, last=last)
                self._vault.destroy(act.connection, day)
                projections.forget(act.connection, day)
                self._log_holds_keys = True
        self._clean_log()
        return int(keys)

    def erase(self, request: str, tokens: Collection[str], until: datetime) -> int:
        """Empty the sealed parts of somebody's events up to a moment and say so, once a request; how many went."""
        with self._reader.view() as view:
            if any(request == event.open.get("request") for event in view.recent(MOST_ERASED, (erasing.KIND,))):
                return 0
            found = erasing.find(view, tokens, until=to_ms(until))
        with self._act() as act:
            with self._reader.view() as view:
                found = erasing.find(view, tokens, found, until=to_ms(until))  # what was recorded meanwhile
            parts = erasing.erase(act, found, request, tokens)
            self._log_holds_keys = True
        self._clean_log()
        return parts

    def rebuild(self) -> int:
        """Make every projection anew from the events; how many there were."""
        replayed = 0
        with self._act() as act, self._reader.view() as view:
            projections.clear(act.connection)
            for item in view.recorded():
                projections.apply(act.connection, [item])
                replayed += 1
        return replayed

    def salvage(self, file: Path) -> Salvaged:
        """Record once more what holds of another journal file and neither the office nor this one has."""
        with self._act() as act, self._reader.view() as view, Wreck(file, self._vault) as wreck:
            if wreck.strange:
                raise JournalError(f"{file}: was sealed with another gate's key")
            if not wreck.lives:
                raise JournalError(f"{file}: no journal can be found in it")
            known = {life.name: life.length for life in view.lives}
            said = {(origin["journal"], origin["seq"]) for origin in view.repeated()}

            def wanted(event: Event) -> bool:
                return event.seq > known.get(event.journal, 0) and (event.journal, event.seq) not in said

            return salvage.take_over(act, wreck, wanted=wanted)

    def renew(self, why: str, refused_from: int | None) -> str:
        """Begin a new journal in the file. What the office refused of the old one is recorded in it once more."""
        with self._turn:
            life, head = self._place()
            if refused_from is not None and not 1 <= refused_from <= head.seq + 1:
                raise ValueError(f"the journal has no number {refused_from}")
            return self._renew(why, Mark(life.name, head), refused_from)

    def retire(self) -> bool:
        """Record nothing any more; False, and go on as before, where something still waits for the office."""
        with self._turn, self._reader.view() as view:
            self._retired = not any(view.outbox(life).waiting for life in view.lives)
            return self._retired

    def probe(self) -> None:
        """Write a row for good, as an event would be, and see that there is room for more. Raises JournalError."""
        with self._turn:
            self._writer.check_room()
            with self._writer.transaction() as connection:
                connection.execute(_SET, {"name": "probed_at", "value": to_ms(self._site.now())})
            self._clean_log()

    def close(self) -> None:
        with self._turn:
            self._writer.close()
            self._lock.release()

    @contextmanager
    def _act(self) -> Iterator[Act]:
        """One transaction. Head and mark move once it is committed; after a fault the file says where it stands."""
        with self._turn:
            if self._retired:
                raise JournalError("the office has this gate wiped: nothing is recorded here any more")
            life, head = self._place()
            self._stands = None
            try:
                with self._writer.transaction() as connection:
                    act = Act(connection, self._vault, self._site, self.offset_ms, life, head)
                    yield act
            except BaseException:
                self._vault.forget_cached()
                raise
            self._stands = act.life, act.head
            self._lock.mark(act.life.name, act.head)

    def _place(self) -> tuple[Life, Head]:
        if self._stands is None:
            with self._reader.view() as view:
                life = view.life()
                self._stands = life, view.head(life)
        return self._stands

    def _begin_file(self, mark: Mark | None, aside: Path | None) -> None:
        """Begin the file's first journal; `aside` is the damaged one before it."""
        self._stands = _NOTHING, Head()
        with self._act() as act:
            self._vault.bind(act.connection)
            projections.clear(act.connection)
            if aside is None:
                act.begin("lost" if mark else "new", mark, **({"kept": _NONE} if mark else {}))
                return
            with Wreck(aside, self._vault, mark) as wreck:
                salvage.begin_after(act, wreck)

    def _renew(self, why: str, follows: Mark, refused_from: int | None = None) -> str:
        with self._act() as act, self._reader.view() as view:
            old = act.life
            act.begin(why, follows, **_left(view, follows))
            if refused_from is not None:
                act.connection.execute(_REFUSE, {"named": old.journal.bytes, "refused_from": refused_from})
                for event in _from(view, view.life(), refused_from):
                    act.append(*again([event]))
        log.warning("journal-renewed", why=why, old=old.name, new=act.life.name)
        return act.life.name

    def _clean_log(self) -> None:
        if self._log_holds_keys:
            self._log_holds_keys = not self._writer.truncate_log()


def _from(view: View, life: Life, seq: int) -> Iterator[Event]:
    """What the gate recorded from `seq` on, without what the journal said of itself."""
    while chunk := view.after(life, seq - 1, CHUNK):
        yield from (event for event in chunk if not event.kind.startswith("journal."))
        seq = chunk[-1].seq + 1


def _holds(view: View, mark: Mark) -> bool:
    """Whether the file still holds the last event this gate had written."""
    life = next((life for life in view.lives if life.name == mark.journal), None)
    return life is not None and mark.head.seq <= life.length and view.digest(life, mark.head.seq) == mark.head.digest


def _left(view: View, mark: Mark) -> dict[str, Any]:
    """How far the file itself goes in the journal of `mark`, where that is not to the mark."""
    life = next((life for life in view.lives if life.name == mark.journal), None)
    if life and life.length >= mark.head.seq:
        return {}
    return {"kept": {"seq": life.length, "digest": view.digest(life, life.length)} if life else _NONE}


def _check_end(path: Path, view: View, life: Life, head: Head) -> None:
    """Raises JournalError when the youngest events do not hold."""
    start = max(head.seq - CHECKED_AT_OPEN, 0)
    prev = view.digest(life, start)
    for event in view.after(life, start, CHECKED_AT_OPEN):
        if why := chain.flaw(event, prev):
            raise JournalError(f"{path}: number {event.seq}: {why}; keep it and run `python -m kiosk journal verify`")
        prev = event.digest
