"""What a gate does unasked: time-outs, the day's close, retention, a look at whether it can still record."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import structlog

from kiosk.calling.day_close import DayClose
from kiosk.checkpoint import Checkpoint
from kiosk.config import Settings
from kiosk.disk import Disk, Room
from kiosk.errors import JournalError
from kiosk.journal import Journal
from kiosk.model import Draft, Event
from kiosk.worker import AtWork

log = structlog.get_logger(__name__)

NIGHT = "night"  # the reason of the count that begins a day
RECENT = 50  # counts looked through for the newest of these
TICK_S = 0.5
LOOK_EVERY = timedelta(seconds=5)
VOUCHED_FOR = timedelta(days=7)  # since the office last acknowledged
MOST_OFF_MS = 24 * 3_600_000  # of the office's clock


class Housekeeper(AtWork):
    """`trouble` is why nothing can be recorded just now, None while it can; `room` is what the disk has left.

    `recorded` hears of the events that were recorded here.
    """

    def __init__(
        self,
        checkpoint: Checkpoint,
        journal: Journal,
        settings: Settings,
        changed: Callable[[], None],
        gate: str = "",
        recorded: Callable[[tuple[Event, ...]], None] = lambda _: None,
    ) -> None:
        super().__init__("housekeeping")
        self.trouble: str | None = None
        self.disk = Disk(settings.gate.var, settings.gate.disk_warn_mb, settings.gate.disk_stop_mb)
        self.room = Room(0, "ok")
        self._checkpoint = checkpoint
        self._journal = journal
        self._settings = settings
        self._gate = gate
        self._changed = changed
        self._recorded = recorded
        self._close = DayClose(settings.sync.day_close, settings.zone)
        self._closed_until: date | None = None
        self._looked_at: datetime | None = None
        self._day_kept: date | None = None
        self._emptied_at: datetime | None = None

    def step(self, stopping: threading.Event) -> None:
        self._checkpoint.tick()
        now = datetime.now(UTC)
        if self._looked_at is None or abs(now - self._looked_at) >= LOOK_EVERY:
            self._looked_at = now
            self.look()
            self.keep_days(now)
            self.empty_at_night(now)
        stopping.wait(TICK_S)

    def look(self) -> None:
        """Try whether the journal can be written and how much room there is; tell the screens when that changed."""
        self._look_at_disk()
        trouble = self._journal.writable()
        if trouble != self.trouble:
            self.trouble = trouble
            (log.error if trouble else log.info)("recording", ok=trouble is None, trouble=trouble or "")
            self._changed()

    def _look_at_disk(self) -> None:
        """Where room gets scarce, drop what can be had again and tell the office, once until there is room again."""
        before = self.room.level
        try:
            self.room = self.disk.room()
            if self.room.level != "ok" and self.disk.shed():
                self.room = self.disk.room()
        except OSError as error:
            log.error("disk", trouble=str(error))  # the journal's own trial will say whether it matters
            return
        if self.room.level == before:
            return
        log.warning("disk", level=self.room.level, free_mb=self.room.free_mb)
        self._changed()
        if before == "ok" and self.room.level == "low":
            self._tell_office()

    def _tell_office(self) -> None:
        said = {"gate": self._gate, "lane": "", "alert": "disk-low", "visit": "", "demo": False}
        words = {"zh": self.room.zh, "en": self.room.en, "free_mb": self.room.free_mb}
        try:
            self._recorded(self._journal.append(Draft("alert", datetime.now(UTC), said | words)))
        except JournalError as error:
            log.error("disk", trouble=str(error))

    def keep_days(self, now: datetime) -> None:
        """Close every day that is over, once `[sync] day_close` says so (row O3, zero included), and make days past
        retention unreadable."""
        self._close_days(now)
        today = now.astimezone(self._settings.zone).date()
        if self.trouble or today == self._day_kept:
            return
        try:
            if not self._clock_vouched(now):
                return  # asked again at the next look: what is forgotten cannot be had back
            kept_from = today - timedelta(days=self._settings.retention.days)
            self._journal.forget_before(kept_from)
            self._journal.shred(kept_from)
        except JournalError as error:
            log.error("day", trouble=str(error))
            return
        self._day_kept = today

    def _close_days(self, now: datetime) -> None:
        until = self._close.until(now)
        if self.trouble or until == self._closed_until:
            return
        try:
            reports = self._journal.close_days(until)
        except JournalError as error:
            log.error("day", trouble=str(error))
            return
        self._closed_until = until
        if reports:
            self._recorded(reports)

    def set_inside(self, inside: int, why: str, staff: str = "", at: datetime | None = None) -> None:
        """Write down how many are inside. Raises JournalError."""
        open_part = {"gate": self._gate, "inside": inside, "was": self._journal.inside(), "why": why, "staff": staff}
        self._journal.append(Draft("count.set", at or datetime.now(UTC), open_part))
        log.info("inside", inside=inside, why=why)

    def empty_at_night(self, now: datetime) -> None:
        """Begin the day with nobody inside, where kiosk.toml says so: counts drift, and a day's error must not stay.

        Done once a day, also by a gate that was off at the hour.
        """
        reset_at = self._settings.gate.reset_inside_at
        if reset_at is None or self.trouble:
            return
        local = now.astimezone(self._settings.zone)
        due = datetime.combine(local.date(), reset_at, local.tzinfo)
        due -= timedelta(days=local < due)
        try:
            if self._emptied_at is None:
                self._emptied_at = self._last_emptied()
            if self._emptied_at < due:
                self.set_inside(0, NIGHT, at=now)
                self._emptied_at = now
        except JournalError as error:
            log.error("inside", trouble=str(error))

    def _last_emptied(self) -> datetime:
        """When the count last began anew; a gate that was never emptied begins with its journal."""
        resets = (event.at for event in self._journal.recent(RECENT, ("count.set",)) if event.open.get("why") == NIGHT)
        begun = (event.at for event in self._journal.after(0, 1))
        return max((*resets, *begun), default=datetime.now(UTC))

    def _clock_vouched(self, now: datetime) -> bool:
        """Whether the office lately found this clock right: one that jumps years ahead must not empty the journal.

        A gate that never met its office has nobody to ask, and goes by its own clock.
        """
        synced_at, offset_ms = self._journal.outbox().synced_at, self._journal.offset_ms
        if synced_at is None or offset_ms is None:
            return True
        return abs(now - synced_at) <= VOUCHED_FOR and abs(offset_ms) <= MOST_OFF_MS
