"""What screens and commands are told of the line to the office: plain values."""

from __future__ import annotations

import math
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from kiosk.errors import JournalError
from kiosk.model import Saying, from_iso, iso
from sync.schedule.catching_up import Picture
from sync.schedule.spoken import about, span
from sync.schedule.wishes import Wish
from sync.trouble import saying

if TYPE_CHECKING:
    from sync.schedule.scheduler import Scheduler

FRESH = timedelta(seconds=30)  # so long a screen shows what became of a wish
LONG_PAUSE_S = 900  # a next call further away than this is told


def state(scheduler: Scheduler, wish: Wish | None) -> dict[str, Any]:
    """waiting · last_synced_at (of the last verified receipt) · trouble, trouble_en · office · next_at (of a push that
    is far away) · metered: {sent, received} bytes today, on such a link · held_back: large lists wait for a window ·
    progress: of a long backlog · wish: of whoever wants a call now, with what became of it, for a while."""
    trouble = next((saying(task.trouble) for task in scheduler.tasks if task.trouble), None)
    waiting, synced_at = scheduler.pushing.waits, None
    try:
        queue = scheduler.uplink.queue()
        waiting, synced_at = queue.waiting, queue.synced_at
    except JournalError as error:
        trouble = saying(error)
    told = scheduler.told(wish) if wish else None
    return {
        "waiting": waiting,
        "last_synced_at": synced_at and iso(synced_at),
        "trouble": trouble and trouble.zh,
        "trouble_en": trouble and trouble.en,
        "office": scheduler.uplink.office_url,
        "next_at": _next_at(scheduler),
        "metered": scheduler.uplink.traffic.today() if scheduler.timetable.settings.metered else None,
        "held_back": scheduler.uplink.held_back,
        "progress": progress(scheduler.pushing.picture()),
        "wish": told if told and _is_fresh(scheduler, told) else None,
    }


def progress(picture: Picture | None) -> dict[str, Any] | None:
    """A long backlog on its way, in figures and in words; None while there is none."""
    if picture is None:
        return None
    left_s = picture.left_s if picture.moving else None
    return {
        "sent": picture.sent,
        "total": picture.sent + picture.waiting,
        "per_s": picture.per_s and round(picture.per_s, 1),
        "left_s": left_s and round(left_s),
        "left": _words(None if left_s is None else about(left_s)),
        "since": picture.since and iso(picture.since),
        "away": _words(span(picture.away.total_seconds()) if picture.away else None),
        "moving": picture.moving,
    }


def _is_fresh(scheduler: Scheduler, told: dict[str, Any]) -> bool:
    """One that the office puts off is told for a while only, too."""
    if told["state"] == "running":
        return True
    return abs(scheduler.now() - from_iso(told["ended_at"] or told["at"])) < FRESH


def _words(say: Saying | None) -> dict[str, str] | None:
    return {"zh": say.zh, "en": say.en} if say else None


def _next_at(scheduler: Scheduler) -> str | None:
    """When the next push is due, where that is not soon; None also where only something urgent brings one."""
    pause_s = scheduler.tasks[0].due_s - time.monotonic()
    if math.isinf(pause_s) or pause_s < LONG_PAUSE_S:
        return None
    return iso(scheduler.now() + timedelta(seconds=pause_s))
