"""The clock-work of a gate's calls. What is due when lies in timetable.py.

Exactly one process runs a Scheduler: the gate, which holds the journal's writer lock.
"""

from __future__ import annotations

import math
import random
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from apscheduler.triggers.date import DateTrigger

from kiosk.calling.urgent import Urgent
from kiosk.config import Sync
from kiosk.errors import JournalError
from kiosk.model import Event
from sync.schedule import showing
from sync.schedule.pushing import Pushing
from sync.schedule.steady import SteadyScheduler
from sync.schedule.task import Task
from sync.schedule.timetable import Call, Timetable
from sync.schedule.wishes import Wish
from sync.uplink import Uplink, Vitals

log = structlog.get_logger(__name__)

MANY = 1000
UTC_ZONE = ZoneInfo("UTC")


class Scheduler:
    """Pushes, pulls and beats, each at its own pace: one that fails holds up no other.

    `on_change` is called after every call, and now and then while a backlog goes up, from a thread of the scheduler's
    own. A push that the office refuses for good (fork, broken chain) is not tried again until the gate is started anew;
    pulling and beating go on. `on_wipe` is called when the office has the gate forget its keys.
    """

    def __init__(
        self,
        uplink: Uplink,
        settings: Sync,
        on_change: Callable[[], None] = lambda: None,
        vitals: Callable[[], Vitals] = Vitals,
        wall: Callable[[], float] = time.time,
        on_wipe: Callable[[], None] = lambda: None,
        zone: ZoneInfo = UTC_ZONE,
    ) -> None:
        self.uplink = uplink
        self.timetable = Timetable(settings, zone)
        self._urgent = Urgent(settings.urgent)
        self._on_change = on_change
        self._vitals = vitals
        self._on_wipe = on_wipe
        self._wall = wall
        self._lock = threading.Lock()  # a task's `busy`, `wanted` and appointment, and the wish, change together
        self._stopped = threading.Event()
        self._wish: Wish | None = None
        self._push, self._pull, self._beat = (
            Task(Call.PUSH, self._do_push),
            Task(Call.PULL, self._do_pull),
            Task(Call.BEAT, self._do_beat),
        )
        self.tasks = (self._push, self._pull, self._beat)
        self.pushing = Pushing(uplink, self.timetable, self.now, on_change)
        self._clock = SteadyScheduler(wall, self._reschedule)

    def start(self) -> None:
        """Begin calling: a gate that never met its office at once, any other within the time that gates are spread
        over. What is urgent and still waits is not left to the next window."""
        fresh, urgent = self._left_behind()
        self._push.pressing = fresh or urgent
        for task in self.tasks:
            pause_s = self.timetable.first_s(task.call, self.now(), chance())
            if task is self._push and urgent:
                pause_s = min(pause_s, self.timetable.report_s(chance()))
            self._schedule(task, 0.0 if fresh else pause_s)
        self._clock.start()

    def stop(self) -> None:
        """Call no more; what is under way ends with its present request."""
        self._stopped.set()
        self.pushing.stop()
        if self._clock.running:
            self._clock.shutdown(wait=True)
        self.uplink.close()

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._wall(), UTC)

    def recorded(self, events: Iterable[Event]) -> None:
        """Call at once when one of them is urgent, and shortly when a day was closed."""
        events = tuple(events)
        if self._urgent.any(events):
            self.wake()
        elif any(event.kind == "day.close" for event in events):
            self._report()

    def wake(self) -> None:
        """Push and pull at once. Many wakes while a call is under way become one more call after it.

        On a metered link only push: its receipt says whether there is something to fetch.
        """
        self._wake(self._push)
        if not self.timetable.settings.metered:
            self._wake(self._pull)

    def sync_now(self) -> Wish:
        """Somebody wants it now. Wished twice before it began it is one wish."""
        wanted = (self._push, self._pull)
        with self._lock:
            if self._wish is None or not self._wish.fits(wanted):
                self._wish = Wish.for_next(wanted, self.now(), self.pushing.sent)
            wish = self._wish
            wish.settle(wanted, self.now(), self.pushing.sent)
        for task in wanted:
            self._wake(task)
        return wish

    def told(self, wish: Wish) -> dict[str, Any]:
        """What became of it so far; wishes.py names the keys."""
        wanted = (self._push, self._pull)
        with self._lock:
            wish.settle(wanted, self.now(), self.pushing.sent)
        return wish.told(wanted, self.now(), self.pushing.waiting())

    def state(self) -> dict[str, Any]:
        """What the console shows; showing.py names the keys."""
        return showing.state(self, self._wish)

    def _do_push(self) -> None:
        published = self.pushing.push(pressing=self._push.pressing)
        if published is None:
            return
        self._calm(self._push)
        self._look_at(published)

    def _do_pull(self) -> None:
        bulk = self._pull.pressing or self.timetable.takes_bulk(self.now())
        self.uplink.pull(bulk=bulk)
        self._calm(self._pull)

    def _do_beat(self) -> None:
        again_s = self.timetable.again_s(Call.BEAT, self.now())
        beat = self.uplink.beat(replace(self._vitals(), again_s=again_s))
        if self.uplink.must_wipe(beat):
            log.warning("sync", state="told to wipe this gate")
            self._on_wipe()
            return
        self._look_at(beat.bundle)
        if beat.wake:
            self.wake()

    def _look_at(self, published: int) -> None:
        """Pull when the office has published something newer than what is in force."""
        if published > self.uplink.handdown.bundle.version and not self.uplink.held_back:
            with self._lock:
                self._want(self._pull, 0.0)

    def _report(self) -> None:
        """Send the day's report, and what the hour after it allows, somewhat after all the other gates' days closed."""
        with self._lock:
            self._push.pressing = True
            self._want(self._push, self.timetable.report_s(chance()))
            if self.timetable.settings.metered:
                self._want(self._pull, self.timetable.report_s(chance()))

    def _calm(self, task: Task) -> None:
        """What pressed was done, unless it was wanted again meanwhile."""
        with self._lock:
            task.pressing = task.wanted

    def _wake(self, task: Task) -> None:
        with self._lock:
            task.pressing = True
            self._want(task, 0.0)

    def _want(self, task: Task, pause_s: float) -> None:
        """At the latest after `pause_s`; after the call under way, if there is one."""
        if task.busy:
            task.wanted = True
        elif task.due_s > time.monotonic() + pause_s:
            self._schedule(task, pause_s)

    def _run(self, task: Task) -> None:
        with task.turn:
            with self._lock:
                task.busy, task.wanted = True, False
                task.begun += 1
            pause_s = task.attempt(self.timetable, self.now, chance)
            with self._lock:
                task.busy = False
                task.ended += 1
                self._schedule(task, 0.0 if task.wanted and not task.failures else pause_s)
                if self._wish:
                    self._wish.settle((self._push, self._pull), self.now(), self.pushing.sent)
        self._on_change()

    def _schedule(self, task: Task, pause_s: float) -> None:
        """(Re)place the task's one appointment, never before the office wants to hear from us."""
        if self._stopped.is_set() or task.halted:
            return
        task.due_s = max(time.monotonic() + pause_s, task.not_before_s)
        self._appoint(task)

    def _appoint(self, task: Task) -> None:
        if math.isinf(task.due_s):
            if self._clock.get_job(task.call):
                self._clock.remove_job(task.call)
            return
        at = datetime.now(UTC) + timedelta(seconds=max(0.0, task.due_s - time.monotonic()))
        self._clock.add_job(
            self._run,
            DateTrigger(at),
            [task],
            id=task.call,
            replace_existing=True,
            misfire_grace_time=None,
            max_instances=MANY,  # `turn` keeps them apart; one that APScheduler skips would be lost, and no other comes
        )

    def _reschedule(self) -> None:
        """The machine's clock was set: the appointments, which are times of day, are made anew; those with a window
        by the new clock."""
        log.warning("sync", state="clock was set")
        with self._lock:
            for task in self.tasks:
                if task.busy or task.halted:
                    continue
                if self.timetable.settings.windows and not task.pressing:
                    task.due_s = self._by_the_new_clock(task)
                self._appoint(task)

    def _by_the_new_clock(self, task: Task) -> float:
        """When a task with windows is due: no later than before while one is open."""
        now, now_s = self.now(), time.monotonic()
        due_s = now_s + self.timetable.regular_s(task.call, now, chance())
        if self.timetable.is_open(now):
            due_s = min(due_s, task.due_s)
        return max(due_s, task.not_before_s)

    def _left_behind(self) -> tuple[bool, bool]:
        """Whether the office was never heard, and whether something urgent waits."""
        try:
            return self.uplink.queue().synced_at is None, self.uplink.urgent_waits(self._urgent)
        except JournalError as error:
            log.error("sync", trouble=str(error))
            return False, True


def chance() -> float:
    """This gate's own; no secret."""
    return random.random()  # noqa: S311
