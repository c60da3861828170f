"""预警: what a person must act on, with a deadline by its kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, case, func, select, update
from uuid_utils import uuid7

from kiosk.model import mask_name
from sync.office.audit import Audit
from sync.office.db import Database
from sync.office.db.log import AlertRow, PassageRow
from sync.office.db.once import insert_once
from sync.office.db.tables import GateRow, UnitRow
from sync.office.db.types import has_id
from sync.office.errors import NotFound, Refused
from sync.office.scope import within
from sync.office.seal import Destroyed, Filed, Sealer
from sync.office.values import Alert, Scope, User

URGENT = timedelta(hours=2)  # 004 §二(四): within two hours
DEADLINES = {"fever": URGENT, "observation-left": URGENT, "retro": URGENT}
DEADLINE = timedelta(hours=24)
NEAR = timedelta(minutes=5)  # an alert and its passage are recorded together
MAX_DONE = 2000


@dataclass(frozen=True, slots=True)
class Opening:
    """An alert to open. The same kind and subject in one community is the same alert."""

    kind: str
    subject: str
    community: str
    gate: str | None
    at: datetime
    zh: str
    en: str
    visit: str = ""
    demo: bool = False
    personal: Mapping[str, Any] = field(default_factory=dict)


class Alerts:
    def __init__(self, database: Database, sealer: Sealer, audit: Audit, now: Callable[[], datetime]) -> None:
        self._database = database
        self._sealer = sealer
        self._audit = audit
        self._now = now

    def open(self, tx: Connection, openings: Iterable[Opening], received_at: datetime) -> None:
        """Opens alerts in the transaction of what they are about; one that exists is left alone.

        The deadline runs from when it happened (at the latest, when it came), so that an alert that came late is
        overdue at once and not quietly given more time.
        """
        rows = [self._row(tx, opening, received_at) for opening in openings]
        if rows:
            tx.execute(insert_once(tx, AlertRow), rows)

    def list(self, scope: Scope, *, is_open: bool | None = True, limit: int = 200) -> tuple[Alert, ...]:
        """The most pressing first; `is_open` None lists open and closed ones, newest first."""
        wanted = _alerts().where(within(AlertRow.community_id, scope)).limit(limit)
        if is_open is True:
            wanted = wanted.where(AlertRow.closed_at.is_(None)).order_by(AlertRow.deadline_at, AlertRow.id)
        elif is_open is False:
            wanted = wanted.where(AlertRow.closed_at.is_not(None)).order_by(AlertRow.closed_at.desc())
        else:
            wanted = wanted.order_by(AlertRow.at.desc(), AlertRow.id)
        with self._database.read() as tx:
            rows = tx.execute(wanted).all()
            entries = _entries(tx, rows)
        return tuple(self._alert(row, entries.get((row.gate_id, row.visit))) for row in rows)

    def waiting(self, scope: Scope, at: datetime) -> tuple[int, int]:
        """How many alerts are open, and how many of them are overdue at `at`."""
        overdue = func.coalesce(func.sum(case((AlertRow.deadline_at < at, 1), else_=0)), 0)
        wanted = select(func.count(), overdue).select_from(AlertRow)
        wanted = wanted.where(within(AlertRow.community_id, scope), AlertRow.closed_at.is_(None))
        with self._database.read() as tx:
            count, late = tx.execute(wanted).one()
        return int(count), int(late)

    def get(self, alert_id: str, scope: Scope) -> Alert:
        """Raises NotFound, outside the scope too."""
        wanted = _alerts().where(has_id(AlertRow.id, alert_id), within(AlertRow.community_id, scope))
        with self._database.read() as tx:
            row = tx.execute(wanted).one_or_none()
            if row is None:
                raise NotFound(f"no alert {alert_id}")
            entry = _entries(tx, [row]).get((row.gate_id, row.visit))
        return self._alert(row, entry)

    def close(self, alert_id: str, user: User, done: str) -> Alert:
        """Closes it with what was done. Raises Refused without words or when it is closed already, NotFound."""
        alert, done = self.get(alert_id, user.scope), done.strip()[:MAX_DONE]
        if not done:
            raise Refused("an alert is closed by saying what was done")
        closing = update(AlertRow).where(AlertRow.id == alert_id, AlertRow.closed_at.is_(None))
        with self._database.write() as tx:
            if tx.execute(closing.values(closed_at=self._now(), closed_by=user.login, done=done)).rowcount != 1:
                raise Refused("this alert was closed already")
            self._audit.note(tx, user.login, "alert.close", alert_id, alert.kind, alert.community)
        return self.get(alert_id, user.scope)

    def _row(self, tx: Connection, opening: Opening, received_at: datetime) -> dict[str, Any]:
        alert_id, sealed = str(uuid7()), None
        if opening.personal:
            filed = Filed(opening.community, opening.at, received_at)
            sealed = self._sealer.seal_json_in_day(_place(alert_id), opening.personal, filed, tx)
        return {
            "id": alert_id,
            "community_id": opening.community,
            "kind": opening.kind,
            "subject": opening.subject,
            "gate_id": opening.gate,
            "at": opening.at,
            "opened_at": received_at,
            "deadline_at": min(opening.at, received_at) + DEADLINES.get(opening.kind, DEADLINE),
            "zh": opening.zh,
            "en": opening.en,
            "visit": opening.visit,
            "demo": opening.demo,
            "sealed": sealed,
        }

    def _alert(self, row: Any, entry: str | None) -> Alert:
        personal, destroyed = self._personal(row)
        return Alert(
            id=row.id,
            kind=row.kind,
            community=row.community_id,
            community_name=row.community_name,
            gate=row.gate_id,
            gate_name=row.gate_name or "",
            at=row.at,
            deadline_at=row.deadline_at,
            zh=row.zh,
            en=row.en,
            name=mask_name(str(personal.get("name") or "")),
            entry=entry,
            demo=row.demo,
            closed_at=row.closed_at,
            closed_by=row.closed_by,
            done=row.done,
            destroyed=destroyed,
        )

    def _personal(self, row: Any) -> tuple[dict[str, Any], bool]:
        """Whom it is about, and whether that was destroyed in time."""
        if not row.sealed:
            return {}, False
        try:
            return self._sealer.open_json(_place(row.id), row.sealed), False
        except Destroyed:
            return {}, True


def _place(alert_id: str) -> str:
    return f"alert:{alert_id}:sealed"


def _alerts() -> Select[Any]:
    columns = [column for column in AlertRow.__table__.columns if column.name != "subject"]
    return (
        select(*columns, UnitRow.name.label("community_name"), GateRow.name.label("gate_name"))
        .join(UnitRow, UnitRow.id == AlertRow.community_id)
        .outerjoin(GateRow, GateRow.id == AlertRow.gate_id)
    )


def _entries(tx: Connection, alerts: Iterable[Any]) -> dict[tuple[str, str], str]:
    """(gate, visit) → event id of the passage, for the alerts that came of a visit."""
    visits = [alert for alert in alerts if alert.visit and alert.gate_id]
    if not visits:
        return {}
    wanted = select(PassageRow.gate_id, PassageRow.visit, PassageRow.id).where(
        PassageRow.gate_id.in_({alert.gate_id for alert in visits}),
        PassageRow.visit.in_({alert.visit for alert in visits}),
        PassageRow.at.between(min(a.at for a in visits) - NEAR, max(a.at for a in visits) + NEAR),
    )
    return {(row.gate_id, row.visit): row.id for row in tx.execute(wanted)}
