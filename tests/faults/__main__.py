"""make faults: random histories of gate, wire and office; prints what befell them and what was lost.

HISTORIES=1000 SEED=1 python -m tests.faults

Exit code 1 when anything was lost, doubled or altered; then the history is told step by step. A tenth of the histories
has its office on PostgreSQL. The same seed gives the same histories.
"""

from __future__ import annotations

import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from tests.faults.histories import part
from tests.faults.tally import Tally

PART = 25  # histories of one seed
ON_POSTGRES = 0.1
PROCESSES = 2


def main(histories: int, first: int) -> int:
    """Runs so many, from seed `first` on; the exit code."""
    on_postgres = round(histories * ON_POSTGRES)
    counts = [PART] * ((histories - on_postgres) // PART)
    counts += [rest] if (rest := histories - on_postgres - sum(counts)) else []
    work = [(on_postgres, first, True)] if on_postgres else []
    work += [(count, first + place, False) for place, count in enumerate(counts, 1)]
    console, total, failures, began = Console(), Tally(), list[str](), time.monotonic()
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with (
        Progress("histories", *columns, console=console) as bar,
        ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool,
    ):
        task = bar.add_task("histories", total=histories)
        for done in as_completed([pool.submit(part, *words) for words in work]):
            outcome = done.result()
            total += outcome.tally
            failures += [outcome.failure] if outcome.failure else []
            bar.update(task, completed=total.histories)
    _report(console, total, time.monotonic() - began)
    for failure in failures:
        console.print(failure, style="red", markup=False, highlight=False)
    return int(bool(failures or total.bad))


def _report(console: Console, total: Tally, seconds: float) -> None:
    table = Table("fault", "injected", box=None)
    for fault, count in sorted(total.faults.items()):
        table.add_row(fault, f"{count:,}")
    console.print(table)
    figures = {
        "histories": total.histories,
        "faults": sum(total.faults.values()),
        "passages": total.passages,
        "known to be missing": total.known_missing,
        "lost": total.lost,
        "duplicated": total.duplicated,
        "altered": total.altered,
    }
    for name, figure in figures.items():
        console.print(f"{name}: {figure:,}", highlight=False)
    console.print(f"seconds: {seconds:.0f}", highlight=False)


if __name__ == "__main__":
    sys.exit(main(int(os.environ.get("HISTORIES", "1000")), int(os.environ.get("SEED", "1"))))
