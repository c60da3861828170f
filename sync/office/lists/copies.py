"""同一个码多处使用: one code at two gates of a community within minutes, in the same direction, is somebody's copy.

A gate sees copies at itself; between gates only the office does. Codes are known by their tokens, kept for an hour.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

import msgspec
import structlog
from sqlalchemy import Connection, delete, select
from sqlalchemy.exc import SQLAlchemyError

from kiosk.errors import GatehouseError
from kiosk.model import Verdict, mask_name
from kiosk.recognition import COPY_WITHIN
from sync.office.alerts import Alerts, Opening
from sync.office.db import Database, bulk
from sync.office.db.lists import ListedRow, RecentCodeRow
from sync.office.db.once import insert_once
from sync.office.declarations.store import mark_used
from sync.office.lists.wanted import WATCH
from sync.office.reading import Ready, Sender
from sync.office.seal import Sealer

log = structlog.get_logger(__name__)

KIND = "copied-code"
KEPT = timedelta(hours=1)
WATCHED = timedelta(hours=24)
OFFICE = "office"  # who lists the code
RECENT: Any = RecentCodeRow.__table__
WORDS = ("同一个码几分钟内在两个门岗使用，请核实持码人", "One code at two gates within minutes: find out who holds it")


class Copies:
    """`hand_down(community, who)` publishes what changed and calls the gates."""

    def __init__(
        self, database: Database, alerts: Alerts, sealer: Sealer, hand_down: Callable[[str, str], None]
    ) -> None:
        self._database = database
        self._alerts = alerts
        self._sealer = sealer
        self._hand_down = hand_down

    def note(self, tx: Connection, sender: Sender, good: Sequence[Ready]) -> None:
        """Keeps which codes were seen and which declarations used, in the transaction of their events."""
        for item in good:
            if item.used and item.at and not item.repeated:
                mark_used(tx, sender.community, sender.gate, item.used, item.at)
        tx.execute(delete(RecentCodeRow).where(RecentCodeRow.received_at < sender.received_at - KEPT))
        bulk.append(tx, RECENT, [_row(item.code) for item in good if item.code and not item.repeated])

    def look(self, sender: Sender, good: Sequence[Ready]) -> None:
        """After the events are stored, so that of two gates that send at once the later sees both: opens an alert and
        lists the code for a day. Never fails the intake: whatever could not be told is logged."""
        people = {item.code["token"]: item.personal for item in good if item.code}
        if not people:
            return
        try:
            with self._database.write() as tx:
                found = list(self._pairs(tx, sender.community, _elsewhere(tx, sender, good, list(people))))
                new = [pair for pair in found if self._told(tx, sender, *pair, people)]
            if new:
                self._hand_down(sender.community, OFFICE)
        except (GatehouseError, SQLAlchemyError) as error:
            log.error("copies", community=sender.community, trouble=str(error).partition("\n")[0])

    def _pairs(self, tx: Connection, community: str, tokens: Sequence[str]) -> Iterator[tuple[Any, Any]]:
        """The first pair of passages of each code that cannot both be its holder's."""
        if not tokens:
            return
        seen = select(RecentCodeRow).where(RecentCodeRow.community_id == community, RecentCodeRow.token.in_(tokens))
        rows = tx.execute(seen.order_by(RecentCodeRow.token, RecentCodeRow.at, RecentCodeRow.event_id)).all()
        for _token, passages in groupby(rows, key=lambda row: row.token):
            if (pair := copied(list(passages))) is not None:
                yield pair

    def _told(self, tx: Connection, sender: Sender, first: Any, second: Any, people: dict[str, Any]) -> bool:
        """Whether this is news: an alert and an entry on the watch list, each once a day for one code."""
        token, personal = second.token, people[second.token]
        row_id = str(uuid.uuid5(uuid.UUID(sender.community), f"{token}:{second.at.date()}"))
        if tx.scalar(select(ListedRow.id).where(ListedRow.id == row_id)) is not None:
            return False
        zh, en = WORDS
        who = {name: personal.get(name, "") for name in ("name", "phone", "id_last4", "household")}
        opening = Opening(KIND, f"{token}:{second.at.date()}", sender.community, second.gate_id, second.at, zh, en,
                          second.visit, personal=who)  # fmt: skip
        self._alerts.open(tx, [opening], sender.received_at)
        tx.execute(insert_once(tx, ListedRow), self._listed(row_id, sender, token, who, first.at, second.at))
        return True

    def _listed(
        self, row_id: str, sender: Sender, token: str, who: dict[str, Any], first: datetime, second: datetime
    ) -> dict[str, Any]:
        shown = {"tokens": [token], "name": mask_name(str(who["name"])), "do": {"zh": WORDS[0], "en": WORDS[1]}}
        held = {"name": who["name"], "phone": who["phone"], "household": who["household"]}
        return {
            "id": row_id,
            "community_id": sender.community,
            "register": WATCH,
            "why": KIND,
            "begins": first,
            "ends": max(second, sender.received_at) + WATCHED,
            "mark": token,
            "shown": msgspec.json.encode({name: value for name, value in shown.items() if value}).decode(),
            "sealed": self._sealer.seal_json(f"listed:{row_id}:sealed", held),
            "source": KIND,
            "made_at": sender.received_at,
            "made_by": OFFICE,
        }


def _elsewhere(tx: Connection, sender: Sender, good: Sequence[Ready], tokens: Sequence[str]) -> Sequence[str]:
    """Those of these codes that another gate saw within minutes: of what one gate brings after days without a network,
    nearly none has to be looked at."""
    times = [item.at for item in good if item.code and item.at]
    row = RecentCodeRow
    seen = select(row.token).distinct().where(row.community_id == sender.community, row.token.in_(tokens))
    elsewhere = seen.where(
        row.gate_id != sender.gate, row.at.between(min(times) - COPY_WITHIN, max(times) + COPY_WITHIN)
    )
    return tx.scalars(elsewhere).all()


def copied(passages: Sequence[Any]) -> tuple[Any, Any] | None:
    """Two passages of one code, in the order of time, that two people must have made: let through at one gate, then
    at another in the same direction within minutes, without having come back between."""
    last: Any = None
    for one in passages:
        elsewhere = last is not None and last.direction == one.direction and last.gate_id != one.gate_id
        if elsewhere and one.at - last.at <= COPY_WITHIN:
            return last, one
        if one.verdict == Verdict.ADMIT:
            last = one
    return None


def _row(code: dict[str, Any]) -> dict[str, Any]:
    return {
        "community_id": code["community_id"],
        "token": code["token"],
        "event_id": code["id"],
        **{name: code[name] for name in ("gate_id", "at", "direction", "verdict", "visit", "received_at")},
    }
