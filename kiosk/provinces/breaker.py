"""A circuit breaker: a server that failed several times in a row is left alone for a while, then tried once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Literal

State = Literal["closed", "open", "half-open"]


class Breaker:
    """Opens after `failures` in a row, for `retry_s`; then one question goes out, and its end decides. Thread-safe."""

    def __init__(self, failures: int, retry_s: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._limit, self._retry_s, self._monotonic = failures, retry_s, monotonic
        self._lock = threading.Lock()
        self._failures = 0
        self._opened_at: float | None = None
        self._probing = False

    def admits(self) -> bool:
        """Whether a question may go out now. Each one admitted ends with `succeeded`, `failed` or `abandoned`."""
        with self._lock:
            if self._opened_at is None:
                return True
            if self._probing or self._remaining_s(self._opened_at) > 0:
                return False
            self._probing = True
            return True

    def succeeded(self) -> None:
        with self._lock:
            self._failures, self._opened_at, self._probing = 0, None, False

    def failed(self) -> None:
        with self._lock:
            self._failures += 1
            self._probing = False
            if self._failures >= self._limit:
                self._opened_at = self._monotonic()

    def abandoned(self) -> None:
        """The question never went out, and says nothing of the server."""
        with self._lock:
            self._probing = False

    @property
    def failures(self) -> int:
        """How many in a row."""
        return self._failures

    @property
    def state(self) -> State:
        with self._lock:
            if self._opened_at is None:
                return "closed"
            return "open" if self._remaining_s(self._opened_at) > 0 else "half-open"

    @property
    def retry_in_s(self) -> float | None:
        """Seconds until the next try; None while closed."""
        with self._lock:
            return None if self._opened_at is None else max(self._remaining_s(self._opened_at), 0.0)

    def _remaining_s(self, opened_at: float) -> float:
        return opened_at + self._retry_s - self._monotonic()
