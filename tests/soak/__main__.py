"""make soak: a long outage and a whole city, with real processes; each prints its figures and ends by itself.

    python -m tests.soak outage      PASSAGES=60000 in the journal of fourteen days
    python -m tests.soak city        EVENTS=1000000 from GATES=200

Exit code 1 when anything was lost, doubled or altered, or an end of the outage took more memory than it may.
docs/scale.md has the figures.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from kiosk import logs
from tests.soak import city, outage
from tests.soak.ends import OfficeEnd

COLUMNS = (
    TextColumn("{task.description}"),
    BarColumn(),
    MofNCompleteColumn(),
    TimeElapsedColumn(),
    TimeRemainingColumn(),
)


def main(wanted: list[str]) -> int:
    if unknown := set(wanted) - set(PROGRAMS):
        print(f"no such soak: {', '.join(sorted(unknown))}; there are {', '.join(PROGRAMS)}")
        return 2
    logs.configure(30)  # warnings
    return max(PROGRAMS[name]() for name in wanted or PROGRAMS)


def _outage() -> int:
    with _folder() as folder, Progress(*COLUMNS) as progress:
        result = outage.run(Path(folder), int(os.environ.get("PASSAGES", "60000")), progress)
    _print("outage", outage.told(result))
    return 0 if result.agrees and result.small else 1


def _city() -> int:
    events, gates = int(os.environ.get("EVENTS", "1000000")), int(os.environ.get("GATES", "200"))
    with _folder() as folder, Progress(*COLUMNS) as progress, city.postgres() as url:
        office = OfficeEnd(Path(folder), url)
        try:
            result = city.run(office, city.Plan(events, gates), progress)
        finally:
            office.server.stop()
    _print("city", city.told(result))
    return 0 if not result.differences else 1


def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(dir="/var/tmp")  # /tmp may lie in memory, where a commit costs nothing


def _print(name: str, lines: list[str]) -> None:
    console = Console(width=140, highlight=False)
    console.print(f"[bold]{name}[/bold]")
    for line in lines:
        console.print(f"  {line}")


PROGRAMS = {"outage": _outage, "city": _city}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
