"""Waiting for something to become true, with a deadline instead of a guess."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


def until(true: Callable[[], object], within_s: float = 60) -> None:
    """Return as soon as `true()` holds; fail after `within_s` seconds."""
    deadline = time.monotonic() + within_s
    pause = threading.Event()
    while not true():
        assert time.monotonic() < deadline, "did not happen in time"
        pause.wait(0.005)
