"""How long it will still take, as people want to hear it: roughly, soon, and without jumps. Pure; seconds go in."""

from __future__ import annotations

import math
from collections import deque

WINDOW_S = 10.0  # the speed is that of the last seconds
SAMPLES = 4  # on a slow line, of the last few answers
CALM_S = 8.0  # how fast the estimate follows a new speed


class Estimate:
    """Fed with how many went out in all and how many wait, each with a time that only moves forward."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque()
        self._end_s: float | None = None
        self._waiting = 0

    def add(self, sent: int, waiting: int, at_s: float) -> None:
        self._seen.append((at_s, sent))
        while len(self._seen) > SAMPLES and at_s - self._seen[1][0] >= WINDOW_S:
            self._seen.popleft()
        self._waiting = waiting
        self._aim(at_s)

    def rest(self) -> None:
        """The line broke off: what was measured says nothing of what comes."""
        self._seen.clear()
        self._end_s = None

    @property
    def per_s(self) -> float | None:
        """Events a second over the last seconds; None before there is something to measure."""
        if len(self._seen) < 2:
            return None
        (began_s, before), (ended_s, after) = self._seen[0], self._seen[-1]
        return (after - before) / (ended_s - began_s) if ended_s > began_s and after > before else None

    def left_s(self, at_s: float) -> float | None:
        """What is left by this estimate; None before there is one, and while it is overdue."""
        if self._end_s is None or not self._waiting:
            return None
        return max(self._end_s - at_s, 0.0)

    def _aim(self, at_s: float) -> None:
        """Move the end towards where this speed puts it, the further the longer the last answer is ago."""
        speed = self.per_s
        if speed is None or len(self._seen) < SAMPLES:
            return
        end_s = at_s + self._waiting / speed
        if self._end_s is None:
            self._end_s = end_s
            return
        passed_s = at_s - self._seen[-2][0]
        self._end_s += (end_s - self._end_s) * (1 - math.exp(-passed_s / CALM_S))
