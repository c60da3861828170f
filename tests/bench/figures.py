"""One measured figure, beside the limit or the peer measured in the same run."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """`ratio` is this figure against `of` ("raw sqlite3 commits") of the same run; None where there is no peer."""

    what: str
    value: float
    unit: str
    ratio: float | None = None
    of: str = ""


def times_s(work: Callable[[], object], rounds: int) -> list[float]:
    """How long each of `rounds` calls took, in seconds."""
    taken = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return taken


def interleaved_s(works: Sequence[Callable[[], object]], rounds: int) -> list[list[float]]:
    """The same for several works, turn by turn, so that a noisy neighbour disturbs all of them alike."""
    taken: list[list[float]] = [[] for _ in works]
    for _ in range(rounds):
        for work, times in zip(works, taken, strict=True):
            times += times_s(work, 1)
    return taken


def median(values: Iterable[float]) -> float:
    return statistics.median(values)


def percentile(values: Iterable[float], share: float) -> float:
    """The value below which `share` (0 to 1) of all lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
