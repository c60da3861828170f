"""make bench: every figure as a ratio to the raw limit or the peer of the same run."""

from __future__ import annotations

import importlib
import platform
import sys

from rich.console import Console
from rich.table import Table

from tests.bench.figures import Figure

SUBJECTS = ("scan", "codes", "decide", "policy", "journal", "office", "sync")


def main(wanted: list[str]) -> None:
    console = Console(width=140)
    console.print(f"Python {platform.python_version()} on {platform.machine()}; compare ratios, not absolute figures")
    for subject in wanted or SUBJECTS:
        with console.status(f"measuring {subject}…"):
            figures = importlib.import_module(f"tests.bench.bench_{subject}").run()
        console.print(_table(subject, figures))


def _table(subject: str, figures: list[Figure]) -> Table:
    table = Table(title=subject, title_justify="left", box=None, pad_edge=False)
    table.add_column("what", min_width=60)
    table.add_column("figure", justify="right")
    table.add_column("ratio", justify="right")
    table.add_column("to")
    for figure in figures:
        ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}"
        table.add_row(figure.what, f"{figure.value:,.4g} {figure.unit}", ratio, figure.of)
    return table


if __name__ == "__main__":
    main(sys.argv[1:])
