"""Past passages, judged once more by another policy.

The facts are those the gate recorded, except for the policy's own part in them: its limits and its tier are taken
from the policy that is tried. What a gate worked out from its policy before recording (whether a code was stale, which
questions were asked) stays as recorded, so a question that is new in a draft counts as not answered.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import func, select

from kiosk.model import Decision, Verdict, iso
from kiosk.screening import Policy, decide
from sync.office.db import Database
from sync.office.db.log import EventRow, PassageRow
from sync.office.db.types import has_id
from sync.office.entries import PASSAGE, SAME_EVENT
from sync.office.policy.values import Tally
from sync.office.reading import place
from sync.office.seal import Destroyed, Sealer

HOUR = timedelta(hours=1)
STEP = timedelta(hours=1)  # of reading


@dataclass(frozen=True, slots=True)
class Passage:
    """One past passage. `facts` is None once they are gone: never sent, or destroyed in time."""

    event: str
    gate: str
    at: datetime
    verdict: Verdict
    facts: dict[str, Any] | None


@dataclass(slots=True)
class Outcome:
    """What was found so far. `changed` holds event, gate, time, old and new verdict of those not taken out yet."""

    seen: int = 0
    gone: int = 0
    count: int = 0
    changed: list[tuple[Passage, Verdict]] = field(default_factory=list)
    _tally: dict[tuple[str, datetime, Verdict, Verdict], int] = field(default_factory=dict)

    def add(self, passage: Passage, policy: Policy) -> None:
        self.seen += 1
        if passage.facts is None:
            self.gone += 1
            return
        verdict = judge(passage.facts, policy).verdict
        if verdict is not passage.verdict:
            self.count += 1
            self.changed.append((passage, verdict))
            hour = passage.at.replace(minute=0, second=0, microsecond=0)
            key = (passage.gate, hour, passage.verdict, verdict)
            self._tally[key] = self._tally.get(key, 0) + 1

    def take(self) -> list[tuple[Passage, Verdict]]:
        """The changes found since this was last asked."""
        taken, self.changed = self.changed, []
        return taken

    @property
    def tally(self) -> tuple[Tally, ...]:
        """By gate and hour, oldest first."""
        found = (Tally(*key, count) for key, count in self._tally.items())
        return tuple(sorted(found, key=lambda tally: (tally.hour, tally.gate, tally.old, tally.new)))


class _Personal(msgspec.Struct):
    facts: dict[str, Any] | None = None


class _Sealed(msgspec.Struct):
    personal: _Personal


_decoder = msgspec.json.Decoder(_Sealed)


class Past:
    """The stored passages of a community."""

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer

    def count(self, community_id: str, since: datetime, until: datetime) -> int:
        with self._database.read() as tx:
            wanted = select(func.count()).select_from(PassageRow).where(*_between(community_id, since, until))
            return tx.scalar(wanted) or 0

    def passages(self, community_id: str, since: datetime, until: datetime) -> Iterator[Passage]:
        """Oldest first, read by the hour: no transaction stays open while they are judged."""
        while since < until:
            end = min(since + STEP, until)
            wanted = _rows().where(*_between(community_id, since, end)).order_by(PassageRow.at)
            with self._database.read() as tx:
                found = tx.execute(wanted).all()
            yield from map(self._passage, found)
            since = end

    def one(self, community_id: str, event_id: str) -> tuple[Passage, tuple[dict[str, Any], ...]] | None:
        """A passage with the reasons on record; None when it is not there."""
        wanted = _rows(EventRow.open).where(
            has_id(PassageRow.id, event_id), has_id(PassageRow.community_id, community_id)
        )
        with self._database.read() as tx:
            row = tx.execute(wanted.limit(1)).one_or_none()
        return row and (self._passage(row), tuple(msgspec.json.decode(row.open).get("reasons", ())))

    def _passage(self, row: Any) -> Passage:
        return Passage(row.id, row.gate_id, row.at, Verdict(row.verdict), self._facts(row))

    def _facts(self, row: Any) -> dict[str, Any] | None:
        """What the gate recorded, None where nothing (readable) is left of it."""
        if row.sealed is None:
            return None
        try:
            found = _decoder.decode(self._sealer.open(place(row.journal_id, row.seq), row.sealed))
        except (msgspec.ValidationError, Destroyed):
            return None
        return found.personal.facts or None


def judge(facts: dict[str, Any], policy: Policy) -> Decision:
    """The verdict of `policy` on recorded facts, at the policy's own tier and limits."""
    return decide({key: value for key, value in facts.items() if key != "tier"}, policy)


def week(now: datetime, days: int) -> tuple[datetime, datetime]:
    """From which to which instant `days` days of the past reach."""
    return now - timedelta(days=days), now


def spelt(tally: tuple[Tally, ...]) -> list[dict[str, Any]]:
    """A tally as plain values."""
    return [
        {"gate": one.gate, "hour": iso(one.hour), "old": one.old.value, "new": one.new.value, "count": one.count}
        for one in tally
    ]


def _between(community_id: str, since: datetime, until: datetime) -> list[Any]:
    return [
        has_id(PassageRow.community_id, community_id),
        PassageRow.kind == PASSAGE,
        PassageRow.at >= since,
        PassageRow.at < until,
    ]


def _rows(*more: Any) -> Any:
    columns = (
        PassageRow.id,
        PassageRow.gate_id,
        PassageRow.at,
        PassageRow.verdict,
        PassageRow.journal_id,
        PassageRow.seq,
    )
    return select(*columns, EventRow.sealed, *more).join(EventRow, SAME_EVENT)
