"""When a gate's next call is due: settings, a time and a chance in, seconds to wait out. Pure.

A `chance` lies in [0, 1) and is the gate's own: with it ten thousand gates that were held up together, by an outage, a
power cut, an hour of the day or the office's own wish, come back one after the other.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from kiosk.calling.day_close import DayClose
from kiosk.calling.hours import hold
from kiosk.config import Sync

FIRST_RETRY_S = 1.0
TIMES_LONGER = 8.0  # each further pause: many short ones would make a storm of an outage that all gates share
METERED_BEAT_S = 3600.0  # between heartbeats on a link that is paid by the byte
METERED_RETRY_S = 900.0  # the longest pause after failures there
NIGHTLY = timedelta(hours=1)  # after the day's close a metered gate without windows may fetch what is large
NEVER = math.inf
_MINUTE = timedelta(minutes=1)
_FAR = 3 * 24 * 60  # minutes; a window that summer time skips opens a day later


class Call(StrEnum):
    PUSH = "push"
    PULL = "pull"
    BEAT = "beat"


@dataclass(frozen=True, slots=True)
class Timetable:
    """The calls of one gate, where it stands."""

    settings: Sync
    zone: ZoneInfo

    def is_open(self, at: datetime) -> bool:
        """Whether regular calls are made: inside a window; without windows always, on a metered link never."""
        windows = self.settings.windows
        return hold(windows, at.astimezone(self.zone)) if windows else not self.settings.metered

    def is_quiet(self, at: datetime) -> bool:
        return hold(self.settings.quiet, at.astimezone(self.zone))

    def takes_bulk(self, at: datetime) -> bool:
        """Whether large lists may be fetched now."""
        return not self.is_quiet(at) and (self.is_open(at) or self._is_night(at))

    def regular_s(self, call: Call, now: datetime, chance: float) -> float:
        """The pause after a success: the interval, give or take its share `jitter`, but inside a window."""
        if self._beats_anyway(call, now):
            return min(_around(METERED_BEAT_S, self.settings.jitter, chance), self._opening_s(now, chance))
        return self._inside(_around(self.settings.interval_s, self.settings.jitter, chance), now, chance)

    def again_s(self, call: Call, now: datetime) -> int | None:
        """Within how many seconds after a success the next one comes, whatever chance; None where none is sure to."""
        pause_s = self.regular_s(call, now, 1.0)
        if not (self._beats_anyway(call, now) or self._stays_open(now)):
            pause_s = max(pause_s, self._opening_s(now, 1.0))
        return None if math.isinf(pause_s) else math.ceil(pause_s)

    def first_s(self, call: Call, now: datetime, chance: float) -> float:
        """The pause after a start: power comes back to a whole district at once."""
        if call is Call.BEAT and self.settings.metered:
            return chance * self._spread_s
        return self._inside(chance * self._spread_s, now, chance)

    def retry_s(self, call: Call, failures: int, now: datetime, chance: float, *, pressing: bool) -> float:
        """The pause after so many failures in a row: 1, 8, 64… s up to the interval, of which the half to the whole.

        What is `pressing` is tried again outside windows too.
        """
        most_s = self.settings.interval_s
        if self.settings.metered:
            most_s = max(most_s, METERED_RETRY_S)
        pause_s = min(most_s, FIRST_RETRY_S * TIMES_LONGER ** min(failures - 1, 6)) * (0.5 + chance / 2)
        if pressing or self.is_open(now + timedelta(seconds=pause_s)):
            return pause_s
        return max(pause_s, self.regular_s(call, now, chance))

    def wish_s(self, wish_s: float, chance: float) -> float:
        """How long the office is left alone that asked for it: it may have asked everybody, for the same moment."""
        return wish_s + chance * self._spread_s

    def report_s(self, chance: float) -> float:
        """The pause between a day's close and its report: every gate closes its day at the same minute."""
        return chance * self._spread_s

    @property
    def _spread_s(self) -> float:
        return min(self.settings.spread_s, self.settings.interval_s)

    def _is_night(self, at: datetime) -> bool:
        if self.settings.windows or not self.settings.metered:
            return False
        close = DayClose(self.settings.day_close, self.zone)
        return close.until(at) != close.until(at - NIGHTLY)

    def _beats_anyway(self, call: Call, now: datetime) -> bool:
        """Whether it is a heartbeat on a metered link outside windows, of which one an hour is sent."""
        return call is Call.BEAT and self.settings.metered and not self.is_open(now)

    def _stays_open(self, now: datetime) -> bool:
        """Whether every moment at which the interval's jitter may put the next call lies inside a window."""
        soonest, latest = (_around(self.settings.interval_s, self.settings.jitter, chance) for chance in (0.0, 1.0))
        steps = (soonest + 60.0 * step for step in range(math.ceil((latest - soonest) / 60.0)))
        return all(self.is_open(now + timedelta(seconds=pause_s)) for pause_s in (*steps, latest))

    def _inside(self, pause_s: float, now: datetime, chance: float) -> float:
        """The pause where it ends inside a window, else until after the next one opens."""
        return pause_s if self.is_open(now + timedelta(seconds=pause_s)) else self._opening_s(now, chance)

    def _opening_s(self, now: datetime, chance: float) -> float:
        """Until after the next window opens; not all at its first second, but before half of it has passed."""
        opening = self._opening(now)
        if opening is None:
            return NEVER
        lasts = next((n for n in range(1, _FAR) if not self.is_open(opening + n * _MINUTE)), _FAR)
        return (opening - now).total_seconds() + chance * min(self._spread_s, 30.0 * lasts)

    def _opening(self, now: datetime) -> datetime | None:
        """The next minute that is open after one that is not. Looked for minute by minute, since windows are written
        in minutes: so the days when summer time begins and ends need no case of their own."""
        if not self.settings.windows:
            return None
        minute, shut = now.astimezone(UTC).replace(second=0, microsecond=0), False
        for _ in range(_FAR):
            if not self.is_open(minute):
                shut = True
            elif shut:
                return minute
            minute += _MINUTE
        return None


def _around(pause_s: float, jitter: float, chance: float) -> float:
    return pause_s * (1 + jitter * (2 * chance - 1))
