"""Fourteen days without a network, then the first contact: how long the gate takes to bring all of it to the office,
what memory either end takes, and whether people at the lane notice.

Gate and office are real processes, each on a core of its own. The journal is written by the journal's own code, in
large transactions at the times of the past days.
"""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.progress import Progress

from kiosk.journal import Journal
from kiosk.model import Draft
from sync.office.values import JournalCheck
from tests.bench.bench_journal import passage
from tests.bench.figures import median, percentile
from tests.soak.ends import GateEnd, OfficeEnd
from tests.soak.lane import Lane, watched
from tests.soak.processes import Memory, load, two_cores, until

DAYS = 14
AT_ONCE = 200  # passages in one transaction while the journal is made
CALM = 50  # verdicts taken before the office is there again
PATIENCE_S = 1800.0
MOST_MB = 200  # at either end


@dataclass(frozen=True, slots=True)
class Outage:
    """`calm_s` and `busy_s` are the times of verdicts before and while the journal drained; `checks` what the office
    says of every event that it holds."""

    waiting: int
    events: int
    took_s: float
    calm_s: list[float]
    busy_s: list[float]
    scans_s: list[float]
    gate: Memory
    office: Memory
    checks: tuple[JournalCheck, ...]
    head: tuple[int, str]
    load: str

    @property
    def agrees(self) -> bool:
        """Whether the office holds every event up to the gate's last one, all of them sound, and nothing else."""
        return [(check.ok, check.seq, check.digest) for check in self.checks] == [(True, *self.head)]

    @property
    def small(self) -> bool:
        """Whether neither end ever took more than it may, all its processes together."""
        return max(self.gate.whole, self.office.whole) < MOST_MB


def run(folder: Path, passages: int, progress: Progress) -> Outage:
    """The whole of it, in `folder`. Raises RuntimeError when an end does not answer or the journal does not drain."""
    gate_core, office_core = two_cores()
    office = OfficeEnd(folder / "office", workers=1, core=office_core)  # one core has no use for a second
    with ExitStack() as ending:
        ending.callback(office.server.stop)
        office.server.start()
        gate = GateEnd(folder / "gate", office, office.community(), core=gate_core)
        office.server.stop()
        live_alone(gate, passages, progress)
        ending.callback(gate.server.stop)
        gate.server.start()
        return contact(gate, office, progress)


def live_alone(gate: GateEnd, passages: int, progress: Progress) -> None:
    """What the gate recorded in the meantime: every day alike, each day closed."""
    bar = progress.add_task(f"{passages:,} passages of {DAYS} days", total=passages)
    begun = datetime.now(UTC) - timedelta(days=DAYS)
    step = timedelta(days=DAYS) / passages
    with gate.journal(writer=True) as journal:
        for first in range(0, passages, AT_ONCE):
            count = min(AT_ONCE, passages - first)
            journal.append(*(_at(number, begun + number * step) for number in range(first, first + count)))
            progress.advance(bar, count)
        journal.close_days(datetime.now(gate.settings.zone).date())


def _at(number: int, at: datetime) -> Draft:
    draft = passage(number)
    return Draft(draft.kind, at, draft.open, draft.personal)


def contact(gate: GateEnd, office: OfficeEnd, progress: Progress, calm: int = CALM) -> Outage:
    """The gate runs; the office is started once `calm` verdicts were timed, and the journal drains."""
    with gate.journal(writer=False) as journal:
        waiting = journal.outbox().waiting
    lane = Lane(gate.url).start()
    try:
        watched(lane, calm)
        _, calm_s = lane.begin_anew()
        office.server.start()
        begun = time.monotonic()
        with gate.journal(writer=False) as journal:
            _drained(journal, lane, progress)
        took_s, busy = time.monotonic() - begun, load()
    finally:
        lane.stop()
    with gate.journal(writer=False) as journal:
        until(lambda: not journal.outbox().waiting, lambda: "the last visits do not drain")
        head = journal.head()
    with office.inside() as stores:
        checks = stores.verify(gate.identity.gate)
    return Outage(
        waiting=waiting,
        events=head.seq,
        took_s=took_s,
        calm_s=calm_s,
        busy_s=lane.verdicts_s,
        scans_s=lane.scans_s,
        gate=gate.server.memory,
        office=office.server.memory,
        checks=checks,
        head=(head.seq, head.digest),
        load=busy,
    )


def _drained(journal: Journal, lane: Lane, progress: Progress) -> None:
    waiting = journal.outbox().waiting
    bar = progress.add_task("first contact", total=waiting)

    def done() -> bool:
        left = journal.outbox().waiting
        progress.update(bar, completed=max(waiting - left, 0))
        return left == 0 or lane.fault is not None

    until(done, lambda: f"still waiting: {journal.outbox().waiting}", PATIENCE_S)


def told(result: Outage) -> list[str]:
    """The figures, a line each."""
    return [
        f"{result.waiting:,} events of {DAYS} days drained in {result.took_s:.1f} s,"
        f" {result.waiting / result.took_s:,.0f} events/s; load {result.load}",
        f"verdict at the console while draining: p50 {_ms(result.busy_s, 0.5)}, p99 {_ms(result.busy_s, 0.99)},"
        f" worst {_ms(result.busy_s, 1)} of {len(result.busy_s)};"
        f" before: p50 {median(result.calm_s) * 1e3:.0f} ms, p99 {_ms(result.calm_s, 0.99)}",
        f"code to question while draining: p50 {_ms(result.scans_s, 0.5)}, p99 {_ms(result.scans_s, 0.99)}",
        f"memory of the gate: {result.gate.told()}",
        f"memory of the office: {result.office.told()}; both below {MOST_MB} MB: {result.small}",
        f"office holds {sum(check.seq for check in result.checks):,} events, all sound, head equal: {result.agrees}",
    ]


def _ms(times_s: list[float], share: float) -> str:
    return f"{percentile(times_s, share) * 1e3:.0f} ms" if times_s else "-"
