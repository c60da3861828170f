"""Distances in time as people say them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from kiosk.model import iso
from web import times

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "zh", "en"),
    [
        (-30, "刚刚", "just now"),
        (9, "刚刚", "just now"),
        (10, "10 秒前", "10 s ago"),
        (59, "59 秒前", "59 s ago"),
        (60, "1 分钟前", "1 min ago"),
        (125, "2 分钟前", "2 min ago"),
        (7200, "2 小时前", "2 h ago"),
        (200_000, "2 天前", "2 d ago"),
    ],
)
def test_how_long_ago(seconds: int, zh: str, en: str) -> None:
    said = times.ago(iso(NOON - timedelta(seconds=seconds)), NOON)
    assert (said.zh, said.en) == (zh, en)


def test_what_never_happened_was_never() -> None:
    assert times.ago(None, NOON).zh == "从未"


def test_a_time_is_shown_in_the_zone_of_the_gate() -> None:
    assert times.local(iso(NOON), ZoneInfo("Asia/Shanghai"), "%H:%M") == "12:00"
    assert times.local(None, ZoneInfo("UTC")) == ""
