"""Which keys gates were asked for and lack: counted from the passages, so that the staff can import them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select

from sync.office.db.issuers import IssuerKeyRow
from sync.office.db.log import PassageRow
from sync.office.db.tables import GateRow
from sync.office.scope import within
from sync.office.trust.values import Lacking
from sync.office.values import Scope

LOOK_BACK = timedelta(days=30)
MOST = 50
MOST_GROUPS = 5_000  # of keys and gates: whoever holds up made-up codes must not fill the page, or the memory


def of(tx: Connection, scope: Scope, now: datetime) -> tuple[Lacking, ...]:
    """Those of the branch's gates in the last 30 days, most asked for first. Demonstrations do not count."""
    known = {(row.scheme, row.kid) for row in tx.execute(select(IssuerKeyRow.scheme, IssuerKeyRow.kid))}
    groups: dict[tuple[str, str], list[Any]] = {}
    for row in tx.execute(_asked(scope, now - LOOK_BACK)):
        groups.setdefault((row.scheme, row.kid), []).append(row)
    found = [_lacking(place, group, held=place in known) for place, group in groups.items()]
    return tuple(sorted(found, key=lambda item: (-item.count, item.kid))[:MOST])


def _asked(scope: Scope, since: datetime) -> Any:
    """By key and gate, how often and when it was asked for, most asked first."""
    count = func.count().label("times")
    return (
        select(
            PassageRow.scheme,
            PassageRow.kid,
            GateRow.name.label("gate"),
            count,
            func.min(PassageRow.at).label("first_at"),
            func.max(PassageRow.at).label("last_at"),
        )
        .join(GateRow, GateRow.id == PassageRow.gate_id)
        .where(PassageRow.kid.is_not(None), PassageRow.at >= since, PassageRow.demo.is_(False))
        .where(within(PassageRow.community_id, scope))
        .group_by(PassageRow.scheme, PassageRow.kid, PassageRow.gate_id, GateRow.name)
        .order_by(count.desc())
        .limit(MOST_GROUPS)
    )


def _lacking(place: tuple[str, str], group: Sequence[Any], *, held: bool) -> Lacking:
    return Lacking(
        scheme=place[0],
        kid=place[1],
        count=sum(row.times for row in group),
        first_at=min(row.first_at for row in group),
        last_at=max(row.last_at for row in group),
        gates=tuple(sorted({row.gate for row in group})),
        held=held,
    )
