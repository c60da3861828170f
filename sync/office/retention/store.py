"""保存期限: after its days a community's day is made unreadable for ever, and a certificate says so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import Connection, delete, func, select, update

from kiosk.model import from_iso, iso
from sync.office.audit import Audit
from sync.office.db import Database
from sync.office.db.days import ContactRow, GateDayRow
from sync.office.db.lists import ListedRow, RecentCodeRow
from sync.office.db.log import AlertRow
from sync.office.db.retention import DayKeyRow
from sync.office.db.tables import GateRow, UnitRow
from sync.office.entries import day_bounds
from sync.office.lists.copies import KIND as COPIED
from sync.office.retention import notes, remains
from sync.office.retention.certificates import DAYS, Certificates
from sync.office.retention.daykeys import KEY_BYTES, DayKeys
from sync.office.retention.holds import Holds, why_held
from sync.office.retention.older import Advance, reseal
from sync.office.retention.turn import taken
from sync.office.retention.values import Day, Done, Status
from sync.office.scope import within
from sync.office.seal import Sealer
from sync.office.values import EVERYTHING, Scope

log = structlog.get_logger(__name__)

ITSELF = "office"  # who destroys when nobody asked
RAN_ON = timedelta(days=2)  # since the last run: the clock went on as clocks do
VOUCHED = timedelta(days=1)  # since a gate's signed call, which this clock found to be of its own time
AHEAD = timedelta(minutes=5)


class Retention:
    """`days` is for how many days a day's people can be read after it."""

    def __init__(
        self,
        database: Database,
        sealer: Sealer,
        keys: DayKeys,
        certificates: Certificates,
        holds: Holds,
        audit: Audit,
        now: Callable[[], datetime],
        *,
        days: int,
        zone: ZoneInfo,
        var: Path,
        settle: Callable[[], int],
        purge: Callable[[], int],
    ) -> None:
        """`settle` ends requests to be forgotten that all gates have done; `purge` deletes old announcements."""
        self.days = days
        self.certificates = certificates
        self.holds = holds
        self._database = database
        self._sealer = sealer
        self._keys = keys
        self._audit = audit
        self._now = now
        self._zone = zone
        self._var = var
        self._settle = settle
        self._purge = purge

    @property
    def kept_from(self) -> date:
        """The first day whose time is not over."""
        return self._now().astimezone(self._zone).date() - timedelta(days=self.days)

    def readable(self, scope: Scope) -> tuple[Day, ...]:
        """The days whose keys live, oldest first."""
        wanted = select(DayKeyRow.id, DayKeyRow.community_id, DayKeyRow.day, UnitRow.name)
        wanted = wanted.join(UnitRow, UnitRow.id == DayKeyRow.community_id)
        wanted = wanted.where(within(DayKeyRow.community_id, scope)).order_by(DayKeyRow.day, UnitRow.name)
        with self._database.read() as tx:
            return tuple(self._day(tx, row) for row in tx.execute(wanted))

    def status(self, scope: Scope = EVERYTHING) -> Status:
        days, kept_from = self.readable(scope), self.kept_from
        past = [day for day in days if day.day < kept_from]
        due = [day for day in past if not day.held]
        with self._database.read() as tx:
            ran_at, resealed = notes.read(tx, notes.RAN), notes.read(tx, notes.RESEALED)
            doubt = self._doubt(tx) if due else ""
        chain = self.certificates.check()
        return Status(
            days=self.days,
            oldest=days[0].day if days else None,
            keys=len(days),
            due=len(due),
            overdue=sum(day.day < kept_from - timedelta(days=1) for day in due),
            held=len(past) - len(due),
            ran_at=from_iso(ran_at) if ran_at else None,
            doubt=doubt,
            resealed=bool(resealed),
            certificates=chain.count,
            certificates_why=chain.why,
        )

    def run(self, *, who: str, clock_is_right: bool = False, advance: Advance = lambda _done, _all: None) -> Done:
        """Seals anew what has no day's key yet, then destroys the keys of all days whose time is over.

        May be stopped at any point and run again. A clock that no gate vouches for, and that did not go on from the
        last run, destroys nothing unless `clock_is_right`.
        """
        with taken(self._database, self._var) as ours:
            if not ours:
                return Done(busy=True)
            resealed = self._reseal(advance)
            due = [day for day in self.readable(EVERYTHING) if day.day < self.kept_from]
            with self._database.read() as tx:
                doubt = "" if clock_is_right else self._doubt(tx)
            if doubt and due:
                log.warning("retention", doubt=doubt, due=len(due))
                return Done(resealed, doubt=doubt)
            destroyed = sum(self._destroy(day, who) for day in due)
            purged = 0 if doubt else self._purge()
            self._finish(cleared=destroyed + purged > 0)
        log.info("retention", destroyed=destroyed, purged=purged, resealed=resealed)
        return Done(resealed, destroyed, len(due) - destroyed)

    def run_if_due(self) -> Done | None:
        """Once a day, whichever process comes first; None when it was done today. Requests are ended at every call."""
        self._settle()
        with self._database.read() as tx:
            ran_at, uncleared = notes.read(tx, notes.RAN), notes.read(tx, notes.UNCLEARED)
        if uncleared:
            self._finish(cleared=True, ran=False)
        today = self._now().astimezone(self._zone).date()
        if ran_at and from_iso(ran_at).astimezone(self._zone).date() == today:
            return None
        return self.run(who=ITSELF)

    def _reseal(self, advance: Advance) -> int:
        with self._database.read() as tx:
            if notes.read(tx, notes.RESEALED):
                return 0
        changed = reseal(self._database, self._sealer, advance)
        with self._database.write() as tx:
            notes.write(tx, notes.RESEALED, iso(self._now()))
        return changed

    def _destroy(self, day: Day, who: str) -> bool:
        """Whether the day went; not when it is held, or somebody else was first."""
        with self._database.write() as tx:
            this = DayKeyRow.id == day.key
            row = tx.execute(select(DayKeyRow.day).where(this).with_for_update()).one_or_none()
            if row is None or why_held(tx, day.community, row.day):
                return False
            tx.execute(update(DayKeyRow).where(this).values(wrapped=bytes(KEY_BYTES * 2)))
            tx.execute(delete(DayKeyRow).where(this))
            self._empty(tx, day)
            said = {
                "community_name": day.community_name,
                "day": row.day,
                "key": day.key,
                "kept_days": self.days,
                "by": who,
                **_counts(tx, day.community, row.day),
            }
            number = self.certificates.issue(tx, DAYS, day.community, self._now(), said, day.key)
            notes.write(tx, notes.UNCLEARED, str(number))
            self._audit.note(tx, who, "retention.destroy", str(number), row.day, day.community)
        self._keys.forget_cached()
        return True

    def _empty(self, tx: Connection, day: Day) -> None:
        """What was derived from the day's people and stands open: tokens of copied codes."""
        _, end = day_bounds(day.day, self._zone)
        alert, listed, code = AlertRow, ListedRow, RecentCodeRow
        copied = select(alert.id).where(alert.community_id == day.community, alert.kind == COPIED, alert.at < end)
        for id in tx.scalars(copied).all():
            tx.execute(update(alert).where(alert.id == id).values(subject=f"destroyed:{id}"))
        source = (listed.community_id == day.community, listed.source == COPIED, listed.begins < end)
        tx.execute(delete(listed).where(*source))
        tx.execute(delete(code).where(code.community_id == day.community, code.at < end))

    def _finish(self, *, cleared: bool, ran: bool = True) -> None:
        done = remains.clear(self._database) if cleared else False
        with self._database.write() as tx:
            if ran:
                notes.write(tx, notes.RAN, iso(self._now()))
            if done:
                notes.drop(tx, notes.UNCLEARED)

    def _day(self, tx: Connection, row: Any) -> Day:
        day = date.fromisoformat(row.day)
        held = why_held(tx, row.community_id, row.day) or ""
        return Day(row.id, row.community_id, row.name, day, day + timedelta(days=self.days + 1), held)

    def _doubt(self, tx: Connection) -> str:
        """Why this clock is not believed: one that jumps years ahead must not empty the office."""
        now, ran_at = self._now(), notes.read(tx, notes.RAN)
        if ran_at and timedelta() <= now - from_iso(ran_at) <= RAN_ON:
            return ""
        heard = tx.scalar(select(func.max(ContactRow.until)).where(ContactRow.until <= now + AHEAD))
        if heard and now - heard <= VOUCHED:
            return ""
        return (
            "no gate called within a day, and the last run was more than two days ago: is this machine's clock right?"
        )


def _counts(tx: Connection, community: str, day: str) -> dict[str, int]:
    """How much was recorded on a day in a community, by the days' own book."""
    gates, events, passages = func.count(GateDayRow.gate_id.distinct()), GateDayRow.events, GateDayRow.passages
    wanted = select(gates, func.coalesce(func.sum(events), 0), func.coalesce(func.sum(passages), 0))
    wanted = wanted.select_from(GateDayRow).join(GateRow, GateRow.id == GateDayRow.gate_id)
    row = tx.execute(wanted.where(GateRow.community_id == community, GateDayRow.day == day)).one()
    return {name: int(value) for name, value in zip(("gates", "events", "passages"), row, strict=True)}
