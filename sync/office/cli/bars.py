"""How far a command is, for people at a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


class Advance(Protocol):
    """Moves a bar to `done`, of `everybody` where that is told only now."""

    def __call__(self, done: int, everybody: int = 0, /) -> None: ...


@contextmanager
def progress(words: str, total: int | None = None) -> Iterator[Advance]:
    """A bar on standard error; nothing where nobody looks."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(words, total=total)

        def advance(done: int, everybody: int = 0, /) -> None:
            bar.update(task, completed=done, total=everybody or total)

        yield advance
