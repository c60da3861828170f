"""Ten thousand gates that were held up together: an office sees them come back one after the other.

Simulated with the timetable itself. At rest 10,000 gates that push once a minute are 167 pushes a second; that is what
an office for so many is built for, and no common cause may multiply it.
"""

from __future__ import annotations

import heapq
import random
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from kiosk.config import Sync
from sync.schedule.timetable import Call, Timetable

GATES = 10_000
MOST_A_SECOND = 300
MOST_AFTER_AN_OUTAGE = 500  # while it lasts, each gate tries twice soon, then once in its interval
SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)

Office = Callable[[float], bool | float]  # at a second: takes the call, is away, or asks to be called so much later


class District:
    """The pushes of all gates; seconds count from `began`."""

    def __init__(self, timetable: Timetable, began: datetime = NOON) -> None:
        self._timetable = timetable
        self._began = began
        self._random = random.Random(20261122)
        self.calls: Counter[int] = Counter()  # by second

    def chance(self) -> float:
        return self._random.random()

    def everybody(self, pause_s: Callable[[float], float]) -> list[float]:
        """When each gate's first call is due, by its own chance."""
        return [pause_s(self.chance()) for _ in range(GATES)]

    def run(self, first: list[float], office: Office, until_s: float) -> None:
        due = [(at_s, gate, 0) for gate, at_s in enumerate(first)]
        heapq.heapify(due)
        while due[0][0] < until_s:
            at_s, gate, failures = due[0]
            self.calls[int(at_s)] += 1
            answer, now = office(at_s), self._began + timedelta(seconds=at_s)
            if answer is True:
                failures, pause_s = 0, self._timetable.regular_s(Call.PUSH, now, self.chance())
            else:
                failures += 1
                chance = self.chance()
                pause_s = self._timetable.retry_s(Call.PUSH, failures, now, chance, pressing=False)
                if answer is not False:
                    pause_s = max(pause_s, self._timetable.wish_s(answer, chance))
            heapq.heapreplace(due, (at_s + pause_s, gate, failures))

    def peak(self, from_s: float = 0) -> int:
        return max(count for second, count in self.calls.items() if second >= from_s)


@pytest.fixture
def district() -> District:
    return District(Timetable(Sync(), SHANGHAI))


def test_power_comes_back_to_all_of_them_at_once(district: District) -> None:
    starts = district.everybody(lambda chance: Timetable(Sync(), SHANGHAI).first_s(Call.PUSH, NOON, chance))
    district.run(starts, lambda _: True, 300)
    assert district.peak() <= MOST_A_SECOND


@pytest.mark.parametrize("away_s", [10, 60, 300])
def test_an_office_that_was_away_is_not_stormed(district: District, away_s: int) -> None:
    phases = district.everybody(lambda chance: 60 * chance)
    back_s = 60 + away_s
    district.run(phases, lambda at_s: not 60 <= at_s < back_s, back_s + 90)
    assert district.peak(from_s=back_s) <= MOST_AFTER_AN_OUTAGE


def test_a_time_to_come_back_that_everybody_is_given_at_once_does_not_bring_them_together(district: District) -> None:
    district.run([0.0] * GATES, lambda at_s: 120.0 if at_s < 1 else True, 240)
    assert district.calls[0] == GATES
    assert min(second for second in district.calls if second) >= 120
    assert district.peak(from_s=1) <= MOST_A_SECOND


def test_a_date_to_come_back_at_that_everybody_is_given_does_not_bring_them_together(district: District) -> None:
    phases = district.everybody(lambda chance: 60 * chance)
    district.run(phases, lambda at_s: 300 - at_s if at_s < 240 else True, 420)
    assert district.peak(from_s=240) <= MOST_A_SECOND


def test_a_window_opens_for_all_of_them_at_the_same_minute() -> None:
    timetable = Timetable(Sync(windows=("12:05-13:00",)), SHANGHAI)
    district = District(timetable)
    pauses: list[float] = []
    for _ in range(200):  # the opening is looked for anew for each; two hundred gates show how they lie
        pauses.append(timetable.regular_s(Call.PUSH, NOON, district.chance()))
    assert min(pauses) >= 300
    lying = Counter(int(pause_s) for pause_s in pauses)
    assert max(lying.values()) <= 15
    assert max(lying) - min(lying) >= 50


def test_a_day_is_closed_by_all_of_them_at_the_same_minute(district: District) -> None:
    timetable = Timetable(Sync(), SHANGHAI)
    reports = Counter(int(at_s) for at_s in district.everybody(timetable.report_s))
    assert max(reports.values()) <= MOST_A_SECOND
