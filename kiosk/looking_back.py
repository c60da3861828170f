"""Retro-screening: when the office hands down new people or regions, the gate's own last 14 days are looked at again.

Whoever passed before they were listed was let by then; now it is told (rows O1, C10): "was here on Tuesday 08:14".
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from typing import Any

import structlog

from kiosk.errors import GatehouseError
from kiosk.journal import Journal
from kiosk.lists import WatchEntry
from kiosk.lists.regions import LOOK_BACK
from kiosk.lists.watch import CATEGORIES
from kiosk.model import Draft, Event, Saying, iso
from kiosk.recognition import Lists
from kiosk.worker import AtWork

log = structlog.get_logger(__name__)

KIND = "retro"
EVERY_S = 5.0  # how often it is asked whether there are new lists
CHUNK = 500
REST_S = 0.02  # between chunks: a lane comes first
MOST_SEEN = 50  # passages named in one alert
KEPT_ALERTS = 10_000

_WEEKDAYS = (
    ("周一", "Monday"), ("周二", "Tuesday"), ("周三", "Wednesday"), ("周四", "Thursday"),
    ("周五", "Friday"), ("周六", "Saturday"), ("周日", "Sunday"),
)  # fmt: skip


@dataclass(slots=True)
class _Found:
    """One person who passed and is listed now; `passages` in the order they happened."""

    why: Saying
    passages: list[Event] = field(default_factory=list)


class LookingBack(AtWork):
    """`lists()` answers the version of the hand-down and its lists; `told(events)` gets the alerts just recorded."""

    def __init__(
        self,
        journal: Journal,
        lists: Callable[[], tuple[int, Lists]],
        told: Callable[[tuple[Event, ...]], None],
        *,
        gate: str,
        zone: tzinfo,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        super().__init__("looking-back")
        self._journal = journal
        self._lists = lists
        self._told = told
        self._gate = gate
        self._zone = zone
        self._now = now
        self._version: int | None = None

    def step(self, stopping: threading.Event) -> None:
        """Look back once for each new version of the lists."""
        version, lists = self._lists()
        if version != self._version:
            try:
                self.look(lists, stopping)
                self._version = version
            except GatehouseError as error:
                log.error("looking back", trouble=str(error))
        stopping.wait(EVERY_S)

    def look(self, lists: Lists, stopping: threading.Event) -> tuple[Event, ...]:
        """Go through the last 14 days and record one alert for each person found. Raises JournalError."""
        now = self._now()
        wanted = self._wanted(lists, now)
        if not wanted and not len(lists.regions):
            return ()
        found: dict[str, _Found] = {}
        for event in self._passages(now.astimezone(self._zone).date() - LOOK_BACK, stopping):
            for key, why in _listed_now(event, wanted, lists, self._zone):
                found.setdefault(key, _Found(why)).passages.append(event)
        known = self._told_before()
        drafts = [self._alert(key, one, now) for key, one in found.items() if key not in known]
        events = self._journal.append(*drafts) if drafts else ()
        log.info("looking back", watched=len(wanted), found=len(found), alerts=len(events))
        if events:
            self._told(events)
        return events

    def _wanted(self, lists: Lists, now: datetime) -> Mapping[str, tuple[WatchEntry, ...]]:
        """The entries in force whose person this gate has ever seen, by token."""
        wanted: dict[str, tuple[WatchEntry, ...]] = {}
        for entry in lists.watch.all():
            if entry.why != "released" and entry.runs(now) and self._journal.last_seen(entry.token):
                wanted[entry.token] = (*wanted.get(entry.token, ()), entry)
        return wanted

    def _passages(self, since: date, stopping: threading.Event) -> Iterator[Event]:
        behind = 0
        while chunk := self._journal.since(since, behind, CHUNK):
            behind = chunk[-1][0]
            yield from (event for _, event in chunk if event.open.get("demo") is not True)
            if stopping.wait(REST_S):
                return

    def _told_before(self) -> frozenset[str]:
        alerts = self._journal.recent(KEPT_ALERTS, ("alert",))
        return frozenset(str((alert.personal or {}).get("key")) for alert in alerts if alert.open.get("alert") == KIND)

    def _alert(self, key: str, found: _Found, now: datetime) -> Draft:
        newest, times = found.passages[-1], len(found.passages)
        say = _say(found.why, newest, times, self._zone)
        said, personal = newest.open, newest.personal or {}
        open_part = {
            "gate": self._gate,
            "lane": said.get("lane"),
            "alert": KIND,
            "visit": said.get("visit"),
            "passage": newest.id,
            "seen_at": iso(newest.at),
            "seen": [_seen(event) for event in reversed(found.passages[-MOST_SEEN:])],
            "verdict": None,
            "zh": say.zh,
            "en": say.en,
            "demo": False,
        }
        who = {name: personal.get(name, "") for name in ("name", "phone", "id_last4", "household")}
        return Draft("alert", now, open_part, who | {"key": key})


def _listed_now(
    event: Event, wanted: Mapping[str, tuple[WatchEntry, ...]], lists: Lists, zone: tzinfo
) -> Iterator[tuple[str, Saying]]:
    """Why this passage would be judged otherwise today: what says so, and in words."""
    personal = event.personal or {}
    facts = personal.get("facts") or {}
    then = set((facts.get("watch") or {}).get("why") or ())
    for token in personal.get("tokens", ()):
        for entry in wanted.get(token, ()):
            if entry.why not in then:
                yield f"watch:{entry.id or entry.token}:{entry.why}", CATEGORIES.get(entry.why, CATEGORIES["other"])
    if (facts.get("stays") or {}).get("risk") is not True:
        yield from _stayed(event, personal.get("stays", ()), lists, event.at.astimezone(zone).date())


def _stayed(event: Event, stays: Any, lists: Lists, then: date) -> Iterator[tuple[str, Saying]]:
    for stay in stays:
        region = lists.regions.matching(str(stay["region"]), date.fromisoformat(stay["day"]), then)
        if region is not None:
            why = Saying(
                f"到过风险地区{region.name.zh}", f"stayed in {region.name.en or region.name.zh}, a risk region"
            )
            yield f"region:{region.code}:{event.open.get('visit')}", why


def _seen(event: Event) -> dict[str, Any]:
    said = event.open
    return {name: said.get(name) for name in ("visit", "lane", "direction")} | {
        "passage": event.id,
        "at": iso(event.at),
    }


def _say(why: Saying, newest: Event, times: int, zone: tzinfo) -> Saying:
    at = newest.at.astimezone(zone)
    zh, en = _WEEKDAYS[at.weekday()]
    more_zh, more_en = (f"等 {times} 次", f" and {times - 1} more") if times > 1 else ("", "")
    return Saying(
        f"{why.zh}：{zh}（{at:%m月%d日}）{at:%H:%M} {more_zh}曾经过本门岗",
        f"{why.en}: was here on {en} {at:%d %b %H:%M}{more_en}",
    )
