"""What the gate remembers of a household."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from kiosk.journal import Journal
from kiosk.journal_past import JournalPast
from kiosk.known import Household
from kiosk.model import Draft
from tests.kiosk.journal.desk import NOON, Desk

HOUSEHOLD, OWN, OTHER = "ef" * 32, "ab" * 32, "cd" * 32
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "journal.db")


@pytest.fixture
def journal(desk: Desk) -> Iterator[Journal]:
    opened = desk.open()
    yield opened
    opened.close()


def leaves(desk: Desk, journal: Journal, token: str) -> None:
    made = desk.passage("admit", "out", token)
    journal.append(Draft(made.kind, made.at, made.open, {**made.personal, "household_token": HOUSEHOLD}))


def test_an_outing_uses_up_the_households_turn_whoever_went(desk: Desk, journal: Journal) -> None:
    leaves(desk, journal, OTHER)
    desk.later(hours=1)
    leaves(desk, journal, OWN)
    past = JournalPast(journal, SHANGHAI)
    for who in (OWN, OTHER):
        assert past.household(HOUSEHOLD, [who], NOON + timedelta(hours=2)) == Household(last_out_h=1.0, outs_today=2)


@pytest.mark.parametrize(("minutes", "known"), [(30, Household()), (31, Household(31 / 60, 1))])
def test_who_leaves_again_within_half_an_hour_is_still_on_the_same_outing(
    desk: Desk, journal: Journal, minutes: int, known: Household
) -> None:
    leaves(desk, journal, OWN)
    later = NOON + timedelta(minutes=minutes)
    assert JournalPast(journal, SHANGHAI).household(HOUSEHOLD, [OWN], later) == known
    assert JournalPast(journal, SHANGHAI).household(HOUSEHOLD, [OTHER], later) == Household(minutes / 60, 1)


def test_coming_back_again_and_again_does_not_make_one_outing_of_a_day(desk: Desk, journal: Journal) -> None:
    leaves(desk, journal, OWN)
    desk.later(minutes=25)
    leaves(desk, journal, OWN)
    known = JournalPast(journal, SHANGHAI).household(HOUSEHOLD, [OWN], NOON + timedelta(minutes=50))
    assert known == Household(50 / 60, 1)


def test_an_exit_before_local_midnight_was_yesterday(desk: Desk, journal: Journal) -> None:
    desk.at = NOON + timedelta(hours=11, minutes=59)
    leaves(desk, journal, OTHER)
    known = JournalPast(journal, SHANGHAI).household(HOUSEHOLD, [OWN], NOON + timedelta(hours=12, minutes=1))
    assert known.outs_today == 0
    assert known.last_out_h == pytest.approx(2 / 60)


def test_a_household_nobody_left_has_used_nothing(journal: Journal) -> None:
    assert JournalPast(journal, SHANGHAI).household(HOUSEHOLD, [], NOON) == Household()
