"""make fault-steps: kill -9 at every step of everything; prints at how many points, and what was lost.

python -m tests.faults.kills [NAME …]

Exit code 1 when anything was lost, doubled or altered, or could not be finished after; then it is told at which step.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from multiprocessing import get_context

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from tests.faults.kills.errand import Errand
from tests.faults.kills.everything import ERRANDS
from tests.faults.kills.sweep import Outcome, length, part

PROCESSES = 2
PART = 30  # points that one world sees


def main(wanted: Sequence[str]) -> int:
    """Kills at every point of the errands that are wanted, of all where none is named; the exit code."""
    kinds = [kind for kind in ERRANDS if not wanted or kind.__name__ in wanted]
    console, began = Console(), time.monotonic()
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with (
        Progress("points", *columns, console=console) as bar,
        ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool,
    ):
        lengths = dict(zip(kinds, pool.map(length, kinds), strict=True))
        task = bar.add_task("points", total=sum(lengths.values()))
        parts: dict[Future[Outcome], type[Errand]] = {}
        for kind, steps in lengths.items():
            for first in range(1, steps + 1, PART):
                parts[pool.submit(part, kind, range(first, min(first + PART, steps + 1)))] = kind
        outcomes = {kind: Outcome() for kind in kinds}
        for done in as_completed(parts):
            outcomes[parts[done]] += done.result()
            bar.advance(task, done.result().points)
    return _report(console, outcomes, time.monotonic() - began)


def _report(console: Console, outcomes: dict[type[Errand], Outcome], seconds: float) -> int:
    table = Table("end", "killed in the middle of", "points", "lost", "duplicated", "altered", box=None)
    for kind, each in outcomes.items():
        table.add_row(kind.end, kind.name, *(str(count) for count in _figures(each)))
    console.print(table)
    total = sum(outcomes.values(), Outcome())
    ends = {end: sum(each.points for kind, each in outcomes.items() if kind.end == end) for end in ("gate", "office")}
    for failure in total.failures:
        console.print(failure, style="red", markup=False, highlight=False)
    console.print(
        f"points: {total.points:,} (gate {ends['gate']:,}, office {ends['office']:,}); lost: {total.lost}; "
        f"duplicated: {total.duplicated}; altered: {total.altered}; not finished: {len(total.failures)}; "
        f"seconds: {seconds:.0f}",
        highlight=False,
    )
    return int(bool(total.failures))


def _figures(outcome: Outcome) -> tuple[int, int, int, int]:
    return outcome.points, outcome.lost, outcome.duplicated, outcome.altered


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
