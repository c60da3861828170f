"""The day's report falls out of the journal, zero included (row O3)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from kiosk.journal import Journal
from kiosk.journal.schema import COUNTS
from tests.kiosk.journal.desk import NOON, Desk

TODAY = NOON.date()


def test_a_day_is_closed_once_with_its_counts(desk: Desk, journal: Journal) -> None:
    journal.append(desk.passage(), desk.passage("isolate"))
    desk.later(days=1)
    report = journal.day_close(TODAY)
    assert report is not None
    assert (report.kind, report.open["day"]) == ("day.close", "2026-11-22")
    assert report.open["counts"] == journal.counts(TODAY)
    assert report.open["counts"]["isolate"] == 1
    assert journal.day_close(TODAY) is None


def test_a_day_on_which_nothing_happened_is_reported_as_zero(desk: Desk, journal: Journal) -> None:
    desk.later(days=1)
    report = journal.day_close(TODAY)
    assert report is not None
    assert report.open["counts"] == dict.fromkeys(COUNTS, 0)


def test_a_day_that_is_not_over_cannot_be_closed(desk: Desk, journal: Journal) -> None:
    desk.at = NOON.replace(hour=15, minute=59)
    with pytest.raises(ValueError, match="not over"):
        journal.day_close(TODAY)
    desk.at = NOON.replace(hour=16, minute=0)
    assert journal.day_close(TODAY) is not None


def test_every_day_the_gate_was_off_is_closed_when_it_comes_back(desk: Desk) -> None:
    with desk.open() as journal:
        journal.append(desk.passage())
    desk.later(days=3)
    with desk.open() as journal:
        reports = journal.close_days(TODAY + timedelta(days=3))
        assert [report.open["day"] for report in reports] == ["2026-11-22", "2026-11-23", "2026-11-24"]
        assert [report.open["counts"]["passages"] for report in reports] == [1, 0, 0]
        assert journal.close_days(TODAY + timedelta(days=3)) == ()


def test_today_stays_open_whatever_is_asked(desk: Desk, journal: Journal) -> None:
    assert journal.close_days(date(2027, 1, 1)) == ()


def test_a_clock_that_was_decades_behind_makes_no_thousand_reports(desk: Desk) -> None:
    desk.at = NOON.replace(year=1970)
    with desk.open() as journal:
        desk.at = NOON
        assert len(journal.close_days(TODAY)) == 31
