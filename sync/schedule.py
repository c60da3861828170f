"""When the gate calls its office: on its interval, at once when it matters, less and less often while that fails.

Exactly one process runs a Scheduler: the gate, which holds the journal's writer lock.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.date import DateTrigger

from kiosk import logs
from kiosk.config import Sync
from kiosk.errors import GatehouseError, JournalError
from kiosk.model import iso
from sync.trouble import saying
from sync.uplink import Uplink, Vitals

log = structlog.get_logger(__name__)

FIRST_RETRY_S = 1.0
LOOK_S = 5.0  # how often the machine's clock is compared with time that only moves forward
STEP_S = 2.0  # a larger difference is a clock that was set
MANY = 1000


def regular_s(interval_s: float, jitter: float, chance: float) -> float:
    """The pause after a success: the interval, give or take its share `jitter`. `chance` is in [0, 1)."""
    return interval_s * (1 + jitter * (2 * chance - 1))


def backoff_s(failures: int, interval_s: float, chance: float) -> float:
    """The pause after so many failures in a row: 1, 2, 4… s up to the interval, of which the half to the whole."""
    return min(interval_s, FIRST_RETRY_S * 2.0 ** min(failures - 1, 20)) * (0.5 + chance / 2)


class Task:
    """One kind of call and how it fares."""

    def __init__(self, name: str, act: Callable[[], None]) -> None:
        self.name = name
        self.act = act
        self.failures = 0
        self.trouble: GatehouseError | None = None
        self.due_s = 0.0  # monotonic
        self.not_before_s = 0.0  # monotonic; the office's own wish
        self.halted = False  # sending the same again cannot help
        self.busy = False
        self.wanted = False  # woken while it was busy
        self.turn = threading.Lock()

    def attempt(self, settings: Sync) -> float:
        """Act once; the pause until the next time, in seconds."""
        try:
            self.act()
        except GatehouseError as error:
            return self._failed(error, settings)
        except Exception as error:  # whatever it is, the gate goes on calling
            log.error("sync", task=self.name, fault=logs.origin(error))
            return self._failed(GatehouseError("an unforeseen fault; the log has it"), settings)
        self.failures, self.trouble = 0, None
        return regular_s(settings.interval_s, settings.jitter, random.random())  # noqa: S311  no secret

    def _failed(self, error: GatehouseError, settings: Sync) -> float:
        self.failures += 1
        self.trouble = error
        self.halted = getattr(error, "permanent", False)
        log.warning("sync", task=self.name, failures=self.failures, halted=self.halted, trouble=str(error))
        wish_s = getattr(error, "retry_after_s", None) or 0.0
        self.not_before_s = time.monotonic() + wish_s
        return max(wish_s, backoff_s(self.failures, settings.interval_s, random.random()))  # noqa: S311


class Scheduler:
    """Pushes, pulls and beats, each at its own pace: one that fails holds up no other.

    `on_change` is called after every call, from a thread of the scheduler's own. A push that the office refuses for
    good (fork, broken chain) is not tried again until the gate is started anew; pulling and beating go on.
    `on_wipe` is called when the office has the gate forget its keys.
    """

    def __init__(
        self,
        uplink: Uplink,
        settings: Sync,
        on_change: Callable[[], None] = lambda: None,
        vitals: Callable[[], Vitals] = Vitals,
        wall: Callable[[], float] = time.time,
        on_wipe: Callable[[], None] = lambda: None,
    ) -> None:
        self._uplink = uplink
        self._settings = settings
        self._on_change = on_change
        self._vitals = vitals
        self._on_wipe = on_wipe
        self._waiting = 0
        self._lock = threading.Lock()  # a task's `busy`, `wanted` and appointment change together
        self._stopped = threading.Event()
        self._push, self._pull, self._beat = (
            Task("push", self._do_push),
            Task("pull", self._do_pull),
            Task("beat", self._do_beat),
        )
        self._tasks = (self._push, self._pull, self._beat)
        self._clock = _SteadyScheduler(wall, self._reschedule)

    def start(self) -> None:
        """Begin calling: at once, spread over two seconds so that a street's gates do not call in step."""
        for task in self._tasks:
            self._schedule(task, random.random() * min(2.0, self._settings.interval_s * self._settings.jitter))  # noqa: S311
        self._clock.start()

    def stop(self) -> None:
        """Call no more; a call under way is waited for."""
        self._stopped.set()
        if self._clock.running:
            self._clock.shutdown(wait=True)
        self._uplink.close()

    def wake(self) -> None:
        """Push and pull at once. Many wakes while a call is under way become one more call after it."""
        for task in (self._push, self._pull):
            self._wake(task)

    def state(self) -> dict[str, Any]:
        """What the console shows: waiting, last_synced_at (of the last verified receipt), trouble, office."""
        trouble = next((saying(task.trouble) for task in self._tasks if task.trouble), None)
        synced_at = None
        try:
            queue = self._uplink.queue()
            self._waiting, synced_at = queue.waiting, queue.synced_at
        except JournalError as error:
            trouble = saying(error)
        return {
            "waiting": self._waiting,
            "last_synced_at": synced_at and iso(synced_at),
            "trouble": trouble and trouble.zh,
            "trouble_en": trouble and trouble.en,
            "office": self._uplink.office_url,
        }

    def _do_push(self) -> None:
        result = self._uplink.push()
        self._look_at(result.bundle)

    def _do_pull(self) -> None:
        self._uplink.pull()

    def _do_beat(self) -> None:
        beat = self._uplink.beat(self._vitals())
        if self._uplink.must_wipe(beat):
            log.warning("sync", state="told to wipe this gate")
            self._on_wipe()
            return
        self._look_at(beat.bundle)
        if beat.wake:
            self.wake()

    def _look_at(self, published: int) -> None:
        """Pull when the office has published something newer than what is in force."""
        if published > self._uplink.handdown.bundle.version:
            self._wake(self._pull)

    def _wake(self, task: Task) -> None:
        with self._lock:
            task.wanted = True
            if not task.busy:
                self._schedule(task, 0.0)

    def _run(self, task: Task) -> None:
        with task.turn:
            with self._lock:
                task.busy, task.wanted = True, False
            pause_s = task.attempt(self._settings)
            with self._lock:
                task.busy = False
                self._schedule(task, 0.0 if task.wanted and not task.failures else pause_s)
        self._on_change()

    def _schedule(self, task: Task, pause_s: float) -> None:
        """(Re)place the task's one appointment, never before the office wants to hear from us."""
        if self._stopped.is_set() or task.halted:
            return
        task.due_s = max(time.monotonic() + pause_s, task.not_before_s)
        self._appoint(task)

    def _appoint(self, task: Task) -> None:
        at = datetime.now(UTC) + timedelta(seconds=max(0.0, task.due_s - time.monotonic()))
        self._clock.add_job(
            self._run,
            DateTrigger(at),
            [task],
            id=task.name,
            replace_existing=True,
            misfire_grace_time=None,
            max_instances=MANY,  # `turn` keeps them apart; one that APScheduler skips would be lost, and no other comes
        )

    def _reschedule(self) -> None:
        """The machine's clock was set: the appointments, which are times of day, are made anew."""
        log.warning("sync", state="clock was set")
        with self._lock:
            for task in self._tasks:
                if not (task.busy or task.halted):
                    self._appoint(task)


class _SteadyScheduler(BackgroundScheduler):  # type: ignore[misc]  # APScheduler has no types
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
