"""A gate's day checked again from its stored events: content, order, seals, countersignatures, counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from kiosk import signet
from sync import protocol
from sync.office.days.book import day_of
from sync.office.db.days import GateDayRow
from sync.office.office import Office
from sync.office.proof import runs
from sync.office.proof.runs import Run
from sync.office.values import Gate
from sync.office.verify import Verifier


@dataclass(frozen=True, slots=True)
class DayCheck:
    """What was found of one journal's part in a day. `passages` are those of the day, without demonstrations."""

    journal: str
    first: int
    last: int
    digest: str
    countersigned: int | None  # the number of the day's report
    passages: int
    faults: tuple[str, ...]

    @property
    def ok(self) -> bool:
        return not self.faults


def check(office: Office, gate: Gate, day: date) -> tuple[DayCheck, ...]:
    """One result for each journal the day is in; none when nothing of it is held."""
    with office.database.read() as tx:
        found = runs.of_day(tx, gate, day)
        return tuple(_Checking(office, gate, day, tx).run(run) for run in found)


class _Checking:
    def __init__(self, office: Office, gate: Gate, day: date, tx: Connection) -> None:
        self._office = office
        self._gate = gate
        self._day = day
        self._tx = tx
        self._faults: list[str] = []

    def run(self, run: Run) -> DayCheck:
        self._faults = []
        heads, count = self._events(run)
        for seal in run.seals:
            self._seal(seal, heads)
        self._count(run, count)
        of_day = [seal.seq for seal in run.seals if seal.day == self._day.isoformat()]
        last, digest = max(heads.items(), default=(run.first - 1, run.before))
        passages = count["passages"]
        return DayCheck(run.journal, run.first, last, digest, max(of_day, default=None), passages, tuple(self._faults))

    def _events(self, run: Run) -> tuple[dict[int, str], dict[str, int]]:
        """Digest by number of what is there, and what there is of the day."""
        heads: dict[int, str] = {}
        count = {"events": 0, "passages": 0}
        seq, digest = run.first - 1, run.before
        verifier: Verifier = self._office.verifier
        for row in runs.events(self._tx, run):
            if flaw := verifier.flaw(row, seq, digest):
                self._faults.append(f"event {row.seq}: {flaw}")
            seq, digest = row.seq, row.digest
            heads[seq] = digest
            if day_of(row.at, self._office.settings.zone) == self._day.isoformat():
                count["events"] += 1
                count["passages"] += _is_passage(row)
        if seq != run.last:
            self._faults.append(f"event {seq + 1} is missing")
        return heads, count

    def _seal(self, seal: protocol.DaySeal, heads: dict[int, str]) -> None:
        if not signet.fits(self._office.office_key, protocol.day_statement(self._gate.id, seal), seal.signature):
            self._faults.append(f"day {seal.day}: the countersignature does not fit")
        if heads.get(seal.seq) != seal.digest:
            self._faults.append(f"day {seal.day}: event {seal.seq} is not the one that was countersigned")

    def _count(self, run: Run, count: dict[str, int]) -> None:
        named = (GateDayRow.gate_id == self._gate.id, GateDayRow.day == self._day.isoformat())
        wanted = select(GateDayRow.events).where(*named, GateDayRow.journal_id == run.journal)
        entered = self._tx.scalar(wanted) or 0
        if entered != count["events"]:
            self._faults.append(f"{entered} events of the day came in, {count['events']} are there")


def _is_passage(row: Any) -> bool:
    return row.kind == "passage" and msgspec.json.decode(row.open).get("demo") is not True
