"""make fault-steps: kill -9 at every step of everything; prints at how many points, and what was lost.

python -m tests.faults.kills [NAME …]

Exit code 1 when anything was lost, doubled or altered, or could not be finished after; then it is told at which step.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn, TimeRemainingColumn

from tests.faults.kills.errand import Errand
from tests.faults.kills.everything import ERRANDS
from tests.faults.kills.sweep import Outcome, part, points_of

PROCESSES = 2
PART = 30  # points that one world sees


def main(wanted: Sequence[str]) -> int:
    """Kills at every point of the errands that are wanted, of all where none is named; the exit code."""
    kinds = [kind for kind in ERRANDS if not wanted or kind.__name__ in wanted]
    console, began = Console(highlight=False), time.monotonic()
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with (
        Progress("points", *columns, console=console) as bar,
        ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool,
    ):
        points = dict(zip(kinds, pool.map(points_of, kinds), strict=True))
        task = bar.add_task("points", total=sum(map(len, points.values())))
        outcomes = {kind: Outcome() for kind in kinds}
        parts = {pool.submit(part, kind, some): kind for kind in kinds for some in _parts(points[kind])}
        for done in as_completed(parts):
            kind, outcome = parts[done], done.result()
            outcomes[kind] += outcome
            bar.advance(task, outcome.points)
            if outcomes[kind].points == len(points[kind]):
                console.print(f"{kind.end:7}{kind.name:20} {_figures(outcomes[kind])}", soft_wrap=True)
    return _report(console, outcomes, time.monotonic() - began)


def _parts(points: list[int]) -> list[list[int]]:
    return [points[first : first + PART] for first in range(0, len(points), PART)]


def _report(console: Console, outcomes: dict[type[Errand], Outcome], seconds: float) -> int:
    total = sum(outcomes.values(), Outcome())
    for failure in total.failures:
        console.print(failure, style="red", markup=False, soft_wrap=True)
    for end in ("gate", "office"):
        each = sum((outcome for kind, outcome in outcomes.items() if kind.end == end), Outcome())
        console.print(f"{end:7}{'in all':20} {_figures(each)}", soft_wrap=True)
    console.print(f"{'both':7}{'in all':20} {_figures(total)}, seconds: {seconds:.0f}", soft_wrap=True)
    return int(bool(total.failures))


def _figures(outcome: Outcome) -> str:
    said = f"points: {outcome.points - outcome.alive:,}, lost: {outcome.lost}, duplicated: {outcome.duplicated}"
    return f"{said}, altered: {outcome.altered}, failed: {len(outcome.failures)}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
