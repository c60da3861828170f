"""A push as the scheduler makes it: watched by whoever shows a bar, and ended where the hour asks for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime

import structlog

from kiosk.errors import GatehouseError, JournalError
from sync.schedule.catching_up import CatchingUp, Picture
from sync.schedule.timetable import Timetable
from sync.uplink import Queue, Uplink

log = structlog.get_logger(__name__)

TELL_EVERY_S = 0.5


class Enough(Exception):
    """Raised from the progress of a push: what was sent was acknowledged, the rest waits for the next one."""


class Pushing:
    """`sent` counts events since the start; `waits` is what waited when that could last be read.

    `on_change` is called while a long backlog goes up, now and then.
    """

    def __init__(
        self, uplink: Uplink, timetable: Timetable, now: Callable[[], datetime], on_change: Callable[[], None]
    ) -> None:
        self.sent = 0
        self._uplink = uplink
        self._timetable = timetable
        self._now = now
        self._on_change = on_change
        self._lock = threading.Lock()  # the picture is looked at from other threads
        self._catching_up = CatchingUp()
        self._stopping = threading.Event()
        self._pressing = False
        self._in_pieces = False  # the hour does not suit: nobody is shown a bar that stands for hours
        self._here = 0  # of these, by this push
        self._told_s = 0.0
        self.waits = 0

    def stop(self) -> None:
        """A push under way ends after its present request."""
        self._stopping.set()

    def push(self, *, pressing: bool) -> int | None:
        """The version that the office has published; None where the push ended before all of it was sent.

        Raises what `Uplink.push` raises.
        """
        self._pressing, self._here = pressing, 0
        queue = self._queue()
        self._in_pieces = self._is_unsuitable(queue.waiting)
        with self._lock:
            self._catching_up.begin(queue.waiting, queue.synced_at, self._now(), time.monotonic())
        try:
            result = self._uplink.push(self._went)
        except Enough:
            self._in_pieces = True
            self._ended(None)
            return None
        except GatehouseError:
            self._ended(None)
            raise
        self._ended(self._queue().waiting)
        return result.bundle

    def picture(self) -> Picture | None:
        with self._lock:
            return None if self._in_pieces else self._catching_up.picture(time.monotonic())

    def waiting(self) -> int:
        """What waits now, or when it could last be read."""
        return self._queue().waiting

    def _went(self, sent: int, waiting: int) -> None:
        """After each answer."""
        self.sent += max(sent - self._here, 0)
        self._here = max(sent, self._here)
        shown = False
        if waiting or self._catching_up.shown:
            with self._lock:
                self._catching_up.advance(self._here, self._queue().waiting, time.monotonic())
                shown = self._catching_up.shown
        if shown and time.monotonic() - self._told_s >= TELL_EVERY_S:
            self._told_s = time.monotonic()
            self._on_change()
        if waiting and self._is_enough(waiting):
            raise Enough

    def _is_enough(self, waiting: int) -> bool:
        return self._stopping.is_set() or self._is_unsuitable(waiting)

    def _is_unsuitable(self, waiting: int) -> bool:
        """In quiet hours a long backlog goes batch by batch, one at each call; with its window a call ends too."""
        now = self._now()
        if self._pressing or not waiting:
            return False
        quiet = self._timetable.is_quiet(now) and waiting > self._timetable.settings.bulk
        return quiet or not self._timetable.is_open(now)

    def _ended(self, waiting: int | None) -> None:
        with self._lock:
            if waiting is None:
                self._catching_up.rest()
            else:
                self._catching_up.end(waiting)

    def _queue(self) -> Queue:
        try:
            queue = self._uplink.queue()
        except JournalError as error:
            log.error("sync", trouble=str(error))
            return Queue(self.waits, None, None)
        self.waits = queue.waiting
        return queue
