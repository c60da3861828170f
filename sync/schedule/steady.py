"""APScheduler on a machine whose clock may be set."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC

from apscheduler.schedulers.background import BackgroundScheduler

LOOK_S = 5.0  # how often the machine's clock is compared with time that only moves forward
STEP_S = 2.0  # a larger difference is a clock that was set


class SteadyScheduler(BackgroundScheduler):  # type: ignore[misc]  # APScheduler has no types
    """APScheduler keeps times of day, so a clock that is set back would silence it for as long; this one notices."""

    def __init__(self, wall: Callable[[], float], on_step: Callable[[], None]) -> None:
        super().__init__(timezone=UTC, daemon=True)
        self._wall = wall
        self._on_step = on_step
        self._ahead_s = wall() - time.monotonic()

    def _process_jobs(self) -> float:
        ahead_s = self._wall() - time.monotonic()
        if abs(ahead_s - self._ahead_s) > STEP_S:
            self._ahead_s = ahead_s
            self._on_step()
        wait_s: float | None = super()._process_jobs()
        return LOOK_S if wait_s is None else min(wait_s, LOOK_S)
