"""台账: the gate's append-only record. Every fact enters it once."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Sequence
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import Self
from zoneinfo import ZoneInfo

from kiosk.errors import JournalError
from kiosk.journal import erasing, exchange, salvage, schema
from kiosk.journal.act import Site
from kiosk.journal.days import day_of, from_day, to_day
from kiosk.journal.faults import translated
from kiosk.journal.lock import WriterLock, read_mark
from kiosk.journal.projections import INSIDE
from kiosk.journal.reading import Reader
from kiosk.journal.recording import Recorder
from kiosk.journal.salvage import Salvaged
from kiosk.journal.seals import Countersign
from kiosk.journal.values import Head, LastSeen, Left, Outbox, Verification
from kiosk.journal.vault import Vault
from kiosk.journal.verify import verify
from kiosk.model import Draft, Event

DEFAULT_ZONE = "Asia/Shanghai"
REPORT_DAYS = 31

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


class Journal:
    """One file, one writer, any number of readers; safe for many threads.

    Every method raises JournalError, whose message says what to do, when the file cannot be read or written.
    """

    def __init__(self, path: Path, reader: Reader, recorder: Recorder | None, site: Site) -> None:
        self._path = path
        self._reader = reader
        self._writing = recorder
        self._site = site

    @classmethod
    def open(
        cls,
        path: Path,
        key: bytes,
        *,
        now: Callable[[], datetime],
        boot: str | None = None,
        zone: ZoneInfo | None = None,
        gate: str = "",
        writer: bool = True,
        heal: bool = False,
        restored: bool = False,
        least_free: int = 0,
    ) -> Journal:
        """The journal in `path`, begun there when there is none. `key` is the gate's (32 bytes).

        `now` tells UTC, `zone` when a day ends, `boot` which start of the machine the monotonic clock counts from
        (asked of the system when None), `gate` the gate's id. With `writer=False` the journal must exist and can only
        be read, also while another process writes it. With `heal` a damaged file is set aside, and what holds of it and
        the office does not have is recorded once more in a new one; with `restored` a new journal is begun in the file,
        which is a copy. With fewer than `least_free` bytes on the disk nothing is appended.
        Raises JournalError: another process is writing, the key is another gate's, the file is torn or damaged.
        """
        site = Site(gate, zone or ZoneInfo(DEFAULT_ZONE), boot or _boot_id(), now, least_free)
        vault = Vault(key)
        with translated(path):
            if writer:
                return cls._for_writing(path, vault, site, heal=heal, restored=restored)
            return cls._for_reading(path, vault, site)

    @classmethod
    def _for_reading(cls, path: Path, vault: Vault, site: Site) -> Journal:
        if not path.exists():
            raise JournalError(f"{path}: there is no journal yet; start the gate once")
        reader = Reader(path, vault)
        try:
            with reader.view() as view:
                view.check_key()
        except BaseException:
            reader.close()
            raise
        return cls(path, reader, None, site)

    @classmethod
    def _for_writing(cls, path: Path, vault: Vault, site: Site, *, heal: bool, restored: bool) -> Journal:
        lock = WriterLock.take(path)
        try:
            exchange.finish(path)
            aside = salvage.set_aside_if_damaged(path, vault, site.now()) if heal else None
            schema.create(path)
            reader = Reader(path, vault)
            recorder = Recorder(path, vault, reader, lock, site)
        except BaseException:
            lock.release()
            raise
        journal = cls(path, reader, recorder, site)
        try:
            recorder.resume(aside=aside, restored=restored)
        except BaseException:
            journal.close()
            raise
        return journal

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._reader.close()
        if self._writing:
            self._writing.close()

    # --- writing -----------------------------------------------------------------------------------------------

    def append(self, *drafts: Draft) -> tuple[Event, ...]:
        """The events that `drafts` become, in one transaction: when this returns, all of them are on the disk."""
        return self._recorder.append(drafts)

    def day_close(self, day: date) -> Event | None:
        """Append the day's report, zero included (row O3); None when it was there. ValueError before it is over."""
        if to_day(day) >= day_of(self._site.now(), self._site.zone):
            raise ValueError(f"{day} is not over yet")
        return self._recorder.close_day(day)

    def close_days(self, until: date) -> tuple[Event, ...]:
        """Close every day before `until` that is not closed yet; the reports appended.

        From the first day anything was recorded on, at most REPORT_DAYS back: a clock that once was years behind
        makes no thousand reports.
        """
        last = min(to_day(until), day_of(self._site.now(), self._site.zone))
        with self._reader.view() as view:
            first, closed = view.first_day(), view.closed()
        days = range(max(first, last - REPORT_DAYS), last)
        reports = [self.day_close(from_day(day)) for day in days if day not in closed]
        return tuple(report for report in reports if report)

    def acknowledge(self, through: int, digest: str, at: datetime, journal: str | None = None) -> None:
        """Note what the office said, in an answer that was verified, to hold of a journal (the present one).

        It counts as said, also when it is less than before: an office put back from a backup has to be sent more.
        Raises JournalError when this journal does not hold that event.
        """
        self._recorder.acknowledge(through, digest, at, journal)

    def countersigned(self, seal: Countersign) -> None:
        """Keep the office's verified signature under a closed day. Raises JournalError when it is of another event."""
        self._recorder.countersigned(seal)

    def forget_before(self, day: date) -> int:
        """Make the personal parts of all days before `day` unreadable for ever; how many day keys were destroyed.

        The chain still verifies: it holds a commitment to the personal parts, not the parts themselves.
        """
        return self._recorder.forget(day)

    def erase(self, request: str, tokens: Collection[str], until: datetime) -> int:
        """Empty the sealed parts of somebody's events up to a moment, known by person tokens, for good; how many went.

        The journal says so with `journal.erase`, which names nobody; the chain still verifies. Once for each request.
        """
        return self._recorder.erase(request, tokens, until)

    def readable_from(self) -> date | None:
        """The oldest day whose personal parts can be read; None when there is none."""
        with self._reader.view() as view:
            days = [key.day for key in view.keys.values() if key.cipher is not None]
        return from_day(min(days)) if days else None

    def find(self, tokens: Collection[str]) -> list[Event]:
        """What was recorded of somebody and can still be read, oldest first."""
        with self._reader.view() as view:
            return view.at(erasing.find(view, tokens).numbers)

    def rebuild(self) -> int:
        """Make counts, heads inside and last-seen anew from the events; how many there were."""
        return self._recorder.rebuild()

    def salvage(self, file: Path) -> Salvaged:
        """Record once more what holds of another file of this gate and neither the office nor this file has.

        Counts stay as they are. Raises JournalError for a file of another gate's key, or one that holds no journal.
        """
        return self._recorder.salvage(file)

    def shred(self, before: date) -> int:
        """Destroy the keys of all days before `before` in files that were set aside; how many there were."""
        with translated(self._path):
            return salvage.shred(self._path, before)

    def renew(self, why: str, refused_from: int | None = None) -> str:
        """Begin a new journal in the same file, for instance after a fork; its UUID.

        `refused_from` is the number from which on the office holds other events: those here are recorded once more in
        the new journal, each naming the one it repeats, and are not sent under their old numbers any longer.
        """
        return self._recorder.renew(why, refused_from)

    def retire(self) -> bool:
        """Record nothing from now on: this gate is being wiped. False, and nothing changes, where something waits for
        the office."""
        return self._recorder.retire()

    def writable(self) -> str | None:
        """Why nothing can be recorded just now, tried by writing; None when it can."""
        try:
            self._recorder.probe()
        except JournalError as error:
            return str(error)
        return None

    @property
    def offset_ms(self) -> int | None:
        """The office's clock minus this gate's, as last known; it goes into every event's `clock`."""
        return self._writing.offset_ms if self._writing else None

    @offset_ms.setter
    def offset_ms(self, offset_ms: int | None) -> None:
        self._recorder.offset_ms = offset_ms

    # --- reading -----------------------------------------------------------------------------------------------

    @property
    def id(self) -> str:
        """The UUID of the journal that events are appended to now."""
        if self._writing:
            return self._writing.stands()[0].name
        with self._reader.view() as view:
            return view.life().name

    def journals(self) -> tuple[str, ...]:
        """All journals of the file, oldest first; the last one is `id`. Each has an outbox of its own."""
        with self._reader.view() as view:
            return tuple(life.name for life in view.lives)

    def head(self) -> Head:
        """The last event of the present journal."""
        if self._writing:
            return self._writing.stands()[1]
        with self._reader.view() as view:
            return view.head(view.life())

    def after(self, seq: int, limit: int = 500, journal: str | None = None) -> list[Event]:
        """The events behind `seq` in order, with their personal parts while those can be read."""
        with self._reader.view() as view:
            return view.after(view.life(journal), seq, limit)

    def recent(self, limit: int, kinds: Sequence[str] = ("passage",)) -> list[Event]:
        """The newest events of these kinds, newest first."""
        with self._reader.view() as view:
            return view.recent(limit, kinds)

    def since(self, day: date, behind: int = 0, limit: int = 500) -> list[tuple[int, Event]]:
        """The passages from a local day on, each with the number of its row; `behind` is the number to go on from."""
        with self._reader.view() as view:
            return view.since(to_day(day), behind, limit)

    def outbox(self, journal: str | None = None) -> Outbox:
        """What the office has of a journal (the present one), and what waits."""
        with self._reader.view() as view:
            return view.outbox(view.life(journal))

    def counts(self, day: date) -> dict[str, int]:
        """What was recorded on a local day: `schema.COUNTS`, every one of them, zeros included."""
        with self._reader.view() as view:
            return view.counts(to_day(day))

    def inside(self) -> int:
        """How many people are inside, as far as admitted passages tell."""
        with self._reader.view() as view:
            return view.state(INSIDE) or 0

    def last_seen(self, token: str) -> LastSeen | None:
        """The newest passage of somebody, by person token; None when there is none or it was forgotten."""
        with self._reader.view() as view:
            return view.last_seen(token)

    def outs(self, household: str, since: date) -> list[Left]:
        """Who of a household went out since a local day, oldest first; `household` is its token."""
        with self._reader.view() as view:
            return view.outs(household, to_day(since))

    def used(self, declaration: str) -> bool:
        """Whether somebody was let through on this declaration."""
        with self._reader.view() as view:
            return view.used(declaration)

    def countersigns(self) -> list[Countersign]:
        """The office's signatures under closed days, by day."""
        with self._reader.view() as view:
            return view.countersigns()

    def unsigned(self, journal: str, limit: int) -> list[int]:
        """Acknowledged `day.close` events of a journal without a countersignature, the newest `limit`."""
        with self._reader.view() as view:
            return view.unsigned(view.life(journal), limit)

    def verify(self) -> Verification:
        """Check every event of the file against its content, its predecessor and its seal."""
        mark = read_mark(self._path)  # before the view: it may not run ahead of it
        with self._reader.view() as view:
            return verify(view, mark)

    @property
    def _recorder(self) -> Recorder:
        if self._writing is None:
            raise JournalError(f"{self._path}: was opened for reading only")
        return self._writing


def _boot_id() -> str:
    """Which start of this machine it is; a random one per process where the system does not say."""
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return str(uuid.uuid4())
