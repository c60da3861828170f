"""The bar of a command, for people at a terminal: how much went, and about how long it will still take."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from sync.schedule.estimate import Estimate
from sync.schedule.spoken import about


class Bar:
    def __init__(self, progress: Progress, description: str) -> None:
        self._progress = progress
        self._task = progress.add_task(description, total=None, left="")
        self._estimate = Estimate()

    def show(self, sent: int, waiting: int) -> None:
        """After so many events; what is left is estimated here."""
        now_s = time.monotonic()
        self._estimate.add(sent, waiting, now_s)
        left_s = self._estimate.left_s(now_s)
        self.told(sent, sent + waiting, f"{about(left_s).en} left" if left_s else "")

    def told(self, sent: int, total: int, left: str) -> None:
        """As somebody else counts and estimates."""
        self._progress.update(self._task, completed=sent, total=total, left=left, refresh=True)


@contextmanager
def bar(description: str) -> Iterator[Bar]:
    """On standard error; nothing where nobody looks."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[left]}"),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        yield Bar(progress, description)
