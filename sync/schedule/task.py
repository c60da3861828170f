"""One kind of call and how it fares."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime

import structlog

from kiosk import logs
from kiosk.errors import GatehouseError
from sync.schedule.timetable import Call, Timetable

log = structlog.get_logger(__name__)


class Task:
    """Its appointment, its failures in a row, and how often it was begun and ended."""

    def __init__(self, call: Call, act: Callable[[], None]) -> None:
        self.call = call
        self.act = act
        self.failures = 0
        self.trouble: GatehouseError | None = None
        self.due_s = 0.0  # monotonic
        self.not_before_s = 0.0  # monotonic; the office's own wish
        self.halted = False  # sending the same again cannot help
        self.busy = False
        self.wanted = False  # woken while it was busy
        self.pressing = False  # urgent, or asked for: goes outside windows too
        self.begun = self.ended = 0
        self.turn = threading.Lock()

    def attempt(self, timetable: Timetable, now: Callable[[], datetime], chance: Callable[[], float]) -> float:
        """Act once; the pause until the next time, in seconds."""
        try:
            self.act()
        except GatehouseError as error:
            return self._failed(error, timetable, now(), chance())
        except Exception as error:  # whatever it is, the gate goes on calling
            log.error("sync", task=self.call, fault=logs.origin(error))
            fault = GatehouseError("an unforeseen fault; the log has it")
            return self._failed(fault, timetable, now(), chance())
        self.failures, self.trouble = 0, None
        return timetable.regular_s(self.call, now(), chance())

    def _failed(self, error: GatehouseError, timetable: Timetable, now: datetime, chance: float) -> float:
        self.failures += 1
        self.trouble = error
        self.halted = getattr(error, "permanent", False)
        log.warning("sync", task=self.call, failures=self.failures, halted=self.halted, trouble=str(error))
        pause_s = timetable.retry_s(self.call, self.failures, now, chance, pressing=self.pressing)
        if (wish_s := getattr(error, "retry_after_s", None)) is not None:
            pause_s = max(pause_s, timetable.wish_s(wish_s, chance))
            self.not_before_s = time.monotonic() + timetable.wish_s(wish_s, chance)
        return pause_s
