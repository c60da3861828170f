"""Hours, the day's close and urgent kinds, as kiosk.toml says them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.calling.day_close import DayClose
from kiosk.calling.hours import Hours
from kiosk.calling.urgent import ALERTS, Urgent
from kiosk.config import load
from kiosk.errors import ConfigError
from kiosk.model import Event
from kiosk.screening import policy
from tests.kiosk.journal.desk import Desk

minutes = st.integers(0, 24 * 60 - 1)


def at(minute: int) -> datetime:
    return datetime(2026, 11, 22, minute // 60, minute % 60, 59, tzinfo=UTC)


@given(minutes, minutes, minutes)
def test_hours_hold_from_their_first_minute_until_before_their_last_also_over_midnight(
    begin: int, end: int, minute: int
) -> None:
    if begin == end:
        return
    inside = (minute - begin) % 1440 < (end - begin) % 1440
    assert Hours(begin, end).hold(at(minute)) is inside
    assert Hours.read(str(Hours(begin, end))) == Hours(begin, end)


def test_a_whole_day_is_written_until_twenty_four() -> None:
    assert all(Hours.read("00:00-24:00").hold(at(minute)) for minute in range(1440))


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ('windows = ["6-8"]', "[sync] windows: hours are written"),
        ('quiet = ["23:00-24:30"]', "[sync] quiet: 23:00-24:30: from 00:00 to 24:00"),
        ('quiet = ["08:00-08:00"]', "not from an hour to the same one"),
        ('day_close = "5 0 * * 1"', "[sync] day_close: minute and hour of every day"),
        ('day_close = "61 0 * * *"', "[sync] day_close: "),
        ('urgent = ["alert:fevr"]', "[sync] urgent: 'alert:fevr' is no alert that is known here; known: fever"),
        ('urgent = ["alerts"]', "[sync] urgent: 'alerts' is no kind of event"),
    ],
)
def test_what_cannot_be_meant_stops_the_start_and_says_how_it_is_written(
    tmp_path: Path, line: str, complaint: str
) -> None:
    path = tmp_path / "kiosk.toml"
    path.write_text(f'[gate]\nname = "东门"\n[sync]\n{line}\n', encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load(path)
    assert complaint in str(caught.value)


@pytest.mark.parametrize(
    ("zone", "cron", "now", "until"),
    [
        ("Asia/Shanghai", "0 0 * * *", "2026-11-21T15:59:59Z", "2026-11-21"),
        ("Asia/Shanghai", "0 0 * * *", "2026-11-21T16:00:00Z", "2026-11-22"),
        ("Asia/Shanghai", "5 0 * * *", "2026-11-21T16:04:59Z", "2026-11-21"),
        ("Asia/Shanghai", "5 0 * * *", "2026-11-21T16:05:00Z", "2026-11-22"),
        ("Asia/Shanghai", "55 23 * * *", "2026-11-22T15:54:00Z", "2026-11-21"),
        ("Asia/Shanghai", "55 23 * * *", "2026-11-22T15:55:00Z", "2026-11-22"),
        ("Europe/Berlin", "30 2 * * *", "2026-03-29T01:29:00Z", "2026-03-28"),  # an hour that is skipped that night
        ("Europe/Berlin", "30 2 * * *", "2026-03-29T01:31:00Z", "2026-03-29"),
        ("Europe/Berlin", "30 2 * * *", "2026-10-25T00:30:00Z", "2026-10-25"),  # an hour that comes twice
    ],
)
def test_days_are_closed_once_the_minute_has_come_where_the_gate_stands(
    zone: str, cron: str, now: str, until: str
) -> None:
    close = DayClose(cron, ZoneInfo(zone))
    assert close.until(datetime.fromisoformat(now)) == date.fromisoformat(until)


@pytest.fixture
def events(tmp_path: Path) -> dict[str, Event]:
    """A passage, an alert of two kinds."""
    desk = Desk(tmp_path / "journal.db")
    journal = desk.open()
    passage = desk.passage()
    alerts = [type(passage)("alert", desk.at, {"alert": kind}) for kind in ("fever", "quota")]
    recorded = journal.append(passage, *alerts)
    journal.close()
    return dict(zip(("passage", "fever", "quota"), recorded, strict=True))


@pytest.mark.parametrize(
    ("names", "urgent"),
    [
        (["alert"], {"fever", "quota"}),
        (["alert:fever"], {"fever"}),
        (["passage", "alert:quota"], {"passage", "quota"}),
        ([], set()),
    ],
)
def test_a_kind_is_urgent_or_one_kind_of_alert(events: dict[str, Event], names: list[str], urgent: set[str]) -> None:
    wanted = Urgent(names)
    assert {name for name, event in events.items() if wanted.is_urgent(event)} == urgent
    assert wanted.any(events.values()) is bool(urgent)


def test_every_alert_of_the_shipped_policy_can_be_called_urgent() -> None:
    actions = {action for rule in policy.default().rules for action in rule.do}
    raised = {action.partition(":")[2] for action in actions if action.startswith("alert:")}
    assert raised
    assert raised <= set(ALERTS)
