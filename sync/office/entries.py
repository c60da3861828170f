"""The entry log: what happened at the gates, filtered, paged, masked; every figure opens the rows behind it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import ColumnElement, Select, and_, case, func, select

from kiosk.model import Direction, Verdict, mask_name, mask_number
from sync.office.audit import Audit
from sync.office.db import Database
from sync.office.db.log import EventRow, PassageRow
from sync.office.db.tables import GateRow, UnitRow
from sync.office.db.types import has_id
from sync.office.errors import NotFound, Refused
from sync.office.masks import HIDDEN, masked
from sync.office.reading import place
from sync.office.scope import within
from sync.office.seal import Destroyed, Sealer
from sync.office.values import Entry, EntryFilter, EntryRow, Figure, Page, Parked, Scope, User

PASSAGE, ABANDONED = "passage", "visit.abandoned"
MAX_SIZE = 500
AS_THEY_ARE = (
    *("lane", "method", "celsius", "scheme", "level", "verification"),
    *("colour", "footing", "policy", "staff", "demo"),
)
SAME_EVENT = and_(
    EventRow.community_id == PassageRow.community_id,
    EventRow.journal_id == PassageRow.journal_id,
    EventRow.seq == PassageRow.seq,
    EventRow.at == PassageRow.at,
)


class Entries:
    def __init__(self, database: Database, sealer: Sealer, audit: Audit, zone: ZoneInfo) -> None:
        self._database = database
        self._sealer = sealer
        self._audit = audit
        self._zone = zone

    def page(self, wanted: EntryFilter, scope: Scope, page: int = 1, size: int = 50) -> Page[EntryRow]:
        """One page of the log, newest first. A page past the end has no rows."""
        conditions = [within(PassageRow.community_id, scope), *self._conditions(wanted)]
        page, size = max(page, 1), min(max(size, 1), MAX_SIZE)
        rows = _rows().where(*conditions).order_by(PassageRow.at.desc(), PassageRow.journal_id, PassageRow.seq.desc())
        with self._database.read() as tx:
            total = tx.scalar(select(func.count()).select_from(PassageRow).where(*conditions)) or 0
            found = tx.execute(rows.limit(size).offset((page - 1) * size)).all()
        return Page(tuple(self._row(row) for row in found), total, page, size)

    def get(self, event_id: str, scope: Scope) -> Entry:
        """One passage or abandoned visit with all its reasons, personal data masked. Raises NotFound."""
        row = self._find(event_id, scope)
        said = msgspec.json.decode(row.open)
        personal = self._personal(row)
        return Entry(
            row=self._row(row),
            digest=row.digest,
            prev=row.prev,
            seal=row.seal,
            actions=tuple(said.get("actions", ())),
            open=said,
            personal=masked({key: value for key, value in personal.items() if key != "facts"}),
            facts=masked(personal.get("facts") or {}),
        )

    def reveal(self, event_id: str, user: User, reason: str) -> Mapping[str, Any]:
        """The personal part unmasked; who and why is audited first. Raises Refused without a reason, NotFound."""
        if not (reason := reason.strip()[:500]):
            raise Refused("say why you need to see this; the reason is recorded")
        row = self._find(event_id, user.scope)
        self._audit.write(user.login, "entry.reveal", event_id, reason, row.community_id)
        return {key: value for key, value in self._personal(row).items() if key not in (*HIDDEN, "facts")}

    def counts(self, day: date, scope: Scope) -> tuple[Figure, ...]:
        """The day's figures, zero included, each with the filter that opens its rows."""
        filters = {
            "all": EntryFilter(day=day, kind=PASSAGE),
            **{verdict.value: EntryFilter(day=day, kind=PASSAGE, verdict=verdict) for verdict in Verdict},
            **{way.value: EntryFilter(day=day, kind=PASSAGE, direction=way) for way in Direction},
            "abandoned": EntryFilter(day=day, kind=ABANDONED),
        }
        sums = [
            func.coalesce(func.sum(case((and_(*self._conditions(wanted)), 1), else_=0)), 0)
            for wanted in filters.values()
        ]
        today = self._conditions(EntryFilter(day=day))
        with self._database.read() as tx:
            row = tx.execute(select(*sums).where(within(PassageRow.community_id, scope), *today)).one()
        return tuple(Figure(name, int(count), filters[name]) for name, count in zip(filters, row, strict=True))

    def parked(self, scope: Scope, page: int = 1, size: int = 50) -> Page[Parked]:
        """Events that were kept but could not be read, newest first."""
        condition = and_(EventRow.parked.is_not(None), within(EventRow.community_id, scope))
        wanted = (
            select(*EventRow.__table__.columns, GateRow.name.label("gate_name"))
            .join(GateRow, GateRow.id == EventRow.gate_id)
            .where(condition)
            .order_by(EventRow.received_at.desc(), EventRow.seq.desc())
        )
        with self._database.read() as tx:
            total = tx.scalar(select(func.count()).select_from(EventRow).where(condition)) or 0
            found = tx.execute(wanted.limit(size).offset((page - 1) * size)).all()
        return Page(tuple(_parked(row) for row in found), total, page, size)

    def _find(self, event_id: str, scope: Scope) -> Any:
        wanted = _rows().where(has_id(PassageRow.id, event_id), within(PassageRow.community_id, scope)).limit(1)
        with self._database.read() as tx:
            row = tx.execute(wanted).one_or_none()
        if row is None:
            raise NotFound(f"no entry {event_id}")
        return row

    def _conditions(self, wanted: EntryFilter) -> list[ColumnElement[bool]]:
        """The filter as conditions on `passage`. An id that is none matches nothing."""
        exact = {
            PassageRow.verdict: wanted.verdict and wanted.verdict.value,
            PassageRow.direction: wanted.direction and wanted.direction.value,
            PassageRow.method: wanted.method,
            PassageRow.kind: wanted.kind,
            PassageRow.level: wanted.level,
            PassageRow.demo: wanted.demo,
            PassageRow.kid: wanted.kid,
        }
        conditions: list[ColumnElement[bool]] = [
            column == value for column, value in exact.items() if value is not None
        ]
        ids = {PassageRow.gate_id: wanted.gate, PassageRow.community_id: wanted.community}
        conditions += [has_id(column, value) for column, value in ids.items() if value is not None]
        if wanted.day is not None:
            begin, end = day_bounds(wanted.day, self._zone)
            conditions += [PassageRow.at >= begin, PassageRow.at < end]
        return conditions

    def _personal(self, row: Any) -> dict[str, Any]:
        """What the gate sealed; empty when it had forgotten it before it could be sent, or its time is over."""
        if row.sealed is None:
            return {}
        try:
            return dict(self._sealer.open_json(place(row.journal_id, row.seq), row.sealed)["personal"])
        except Destroyed:
            return {}

    def _row(self, row: Any) -> EntryRow:
        personal = self._personal(row)
        name = _shown_name(personal)
        return EntryRow(
            id=row.id,
            kind=row.kind,
            at=row.at,
            received_at=row.received_at,
            clock_error_ms=row.clock_error_ms,
            gate=row.gate_id,
            gate_name=row.gate_name,
            community=row.community_id,
            community_name=row.community_name,
            direction=Direction(row.direction),
            verdict=Verdict(row.verdict) if row.verdict else None,
            name=name,
            reasons=tuple(msgspec.json.decode(row.open).get("reasons", ())),
            journal=row.journal_id,
            seq=row.seq,
            destroyed=not personal and self._sealer.gone(row.sealed),
            **{column: getattr(row, column) for column in AS_THEY_ARE},
        )


def day_bounds(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The first instant of `day` in `zone` and of the day after, UTC; the calendar's end where it goes no further."""
    return _midnight(day, 0, zone), _midnight(day, 1, zone)


def _midnight(day: date, more: int, zone: ZoneInfo) -> datetime:
    try:
        return datetime.combine(day + timedelta(days=more), time(), tzinfo=zone).astimezone(UTC)
    except OverflowError:
        return datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC) if day.year > 1 else datetime(1, 1, 1, tzinfo=UTC)


def _shown_name(personal: Mapping[str, Any]) -> str:
    """张*丰; or the masked phone or pass number where no name is known."""
    name, *numbers = (str(personal.get(key) or "") for key in ("name", "phone", "pass_number"))
    return mask_name(name) or next((mask_number(number) for number in numbers if number), "")


def _rows() -> Select[Any]:
    """Passages with what only the event holds, and the names of gate and community."""
    return (
        select(
            *PassageRow.__table__.columns,
            *(EventRow.open, EventRow.sealed, EventRow.digest, EventRow.prev, EventRow.seal),
            GateRow.name.label("gate_name"),
            UnitRow.name.label("community_name"),
        )
        .join(EventRow, SAME_EVENT)
        .join(GateRow, GateRow.id == PassageRow.gate_id)
        .join(UnitRow, UnitRow.id == PassageRow.community_id)
    )


def _parked(row: Any) -> Parked:
    return Parked(
        id=row.id,
        journal=row.journal_id,
        seq=row.seq,
        kind=row.kind,
        at=row.at,
        received_at=row.received_at,
        gate=row.gate_id,
        gate_name=row.gate_name,
        why=row.parked,
    )
