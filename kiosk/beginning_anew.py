"""A gate that learned who it is begins anew: its process ends in order, and whatever serves it starts another one.

Nearly every part of a gate is built for one office and one key. A new start is the only change of all of them that
leaves none behind.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable

LONGEST_S = 120.0  # then visits under way are broken off, and recorded as such
LOOK_S = 0.5


def wait_until_idle(idle: Callable[[], bool]) -> None:
    """Until `idle()`, but not for ever."""
    deadline = time.monotonic() + LONGEST_S
    while not idle() and time.monotonic() < deadline:
        time.sleep(LOOK_S)  # a thread of its own, with nothing to wake it: lanes do not say when they fall idle


def leave() -> None:
    """End this process as a stop does."""
    os.kill(os.getpid(), signal.SIGTERM)
