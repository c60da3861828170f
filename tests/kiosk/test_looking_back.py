"""New lists are held against the gate's own last 14 days: who was here before anybody knew."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from kiosk.journal import Journal
from kiosk.lists import Region, Regions, WatchEntry, WatchList
from kiosk.looking_back import LookingBack
from kiosk.model import Draft, Event, Saying, iso
from kiosk.recognition import Lists
from tests.kiosk.journal.desk import NOON, TOKEN, Desk

CONTACT = WatchEntry(TOKEN, "close-contact", id="w-1")
QUANZHOU = Region("3505", Saying("泉州市", "Quanzhou"), begins=date(2026, 11, 1))


class House:
    """A gate's journal, and who looks back into it."""

    def __init__(self, folder: Path) -> None:
        self.desk = Desk(folder / "journal.db")
        self.journal: Journal = self.desk.open()
        self.told: list[Event] = []

    def passes(self, token: str = TOKEN, **changes: Any) -> None:
        """Somebody goes in. `why` is what the watch list said of them then, `stays` where they had been."""
        made = self.desk.passage(visit=f"v-{self.desk.at:%d%H%M}", **changes.get("said", {}))
        facts = {"watch": {"why": changes.get("why", [])}}
        personal = {"name": "张三", "phone": "13812348000", "tokens": [token], "facts": facts}
        self.journal.append(Draft("passage", made.at, made.open, personal | {"stays": changes.get("stays", [])}))

    def look(self, *entries: WatchEntry, regions: tuple[Region, ...] = ()) -> tuple[Event, ...]:
        lists = Lists(watch=WatchList(entries), regions=Regions(regions))
        return self.looker(lists).look(lists, threading.Event())

    def looker(self, lists: Lists, version: int = 1) -> LookingBack:
        return LookingBack(
            self.journal,
            lambda: (version, lists),
            self.told.extend,
            gate="g-1",
            zone=self.desk.zone,
            now=self.desk.now,
        )


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    yield made
    made.journal.close()


def test_somebody_listed_today_was_here_the_day_before_yesterday(house: House) -> None:
    house.passes()
    house.desk.later(days=2)
    [alert] = house.look(CONTACT)
    assert (alert.open["alert"], alert.open["visit"], alert.open["seen_at"]) == ("retro", "v-220400", iso(NOON))
    assert alert.open["zh"] == "密切接触者：周日（11月22日）12:00 曾经过本门岗"
    assert alert.open["en"] == "close contact: was here on Sunday 22 Nov 12:00"
    assert alert.personal is not None
    assert alert.personal["name"] == "张三"
    assert house.told == [alert]


def test_one_person_gives_one_alert_that_names_every_passage(house: House) -> None:
    for _ in range(3):
        house.passes()
        house.desk.later(hours=5)
    [alert] = house.look(CONTACT)
    assert [seen["at"] for seen in alert.open["seen"]] == [iso(NOON + timedelta(hours=5 * n)) for n in (2, 1, 0)]
    assert "等 3 次" in alert.open["zh"]


def test_what_was_told_is_not_told_again_after_a_restart(house: House) -> None:
    house.passes()
    assert len(house.look(CONTACT)) == 1
    assert house.look(CONTACT) == ()
    assert len(house.look(CONTACT, WatchEntry(TOKEN, "denied", id="w-2"))) == 1


@pytest.mark.parametrize(
    ("days", "found"), [(14, 1), (15, 0)], ids=["fourteen days ago counts", "fifteen days ago does not"]
)
def test_the_last_fourteen_local_days_are_looked_at(house: House, days: int, found: int) -> None:
    house.passes()
    house.desk.later(days=days)
    assert len(house.look(CONTACT)) == found


def test_whoever_was_listed_then_was_dealt_with_then(house: House) -> None:
    house.passes(why=["close-contact"])
    assert house.look(CONTACT) == ()


@pytest.mark.parametrize(
    "entry",
    [
        WatchEntry("cd" * 32, "close-contact"),
        WatchEntry(TOKEN, "released"),
        WatchEntry(TOKEN, "close-contact", ends=NOON),
        WatchEntry(TOKEN, "close-contact", begins=NOON + timedelta(days=30)),
    ],
    ids=["never here", "released", "over", "not begun"],
)
def test_others_are_not_told(house: House, entry: WatchEntry) -> None:
    house.passes()
    assert house.look(entry) == ()


def test_demonstrations_are_left_out(house: House) -> None:
    house.passes()
    house.passes(said={"demo": True})
    [alert] = house.look(CONTACT)
    assert len(alert.open["seen"]) == 1


def test_a_stay_in_a_region_that_became_one_later_is_told(house: House) -> None:
    house.passes(stays=[{"region": "350582", "day": "2026-11-10"}])
    house.desk.later(days=1)
    [alert] = house.look(regions=(QUANZHOU,))
    assert alert.open["zh"].startswith("到过风险地区泉州市：")
    assert house.look(regions=(QUANZHOU,)) == ()


def test_new_lists_are_noticed_by_their_version(house: House) -> None:
    house.passes()
    lists, stopped = Lists(watch=WatchList([CONTACT])), threading.Event()
    stopped.set()
    looker = house.looker(lists)
    looker.step(stopped)
    looker.step(stopped)
    assert len(house.told) == 1


def test_five_hundred_passages_are_gone_through_in_chunks(house: House) -> None:
    drafts = []
    for number in range(1_100):
        made = house.desk.passage(token=f"{number:064x}")
        drafts.append(Draft("passage", made.at, {**made.open, "visit": f"v-{number}"}, made.personal))
    house.journal.append(*drafts)
    assert {alert.open["visit"] for alert in house.look(WatchEntry(f"{1_050:064x}", "denied", id="w"))} == {"v-1050"}


def test_an_alert_says_when_by_the_gates_own_clock(house: House) -> None:
    house.desk.at = datetime.fromisoformat("2026-11-23T16:14:00+00:00")
    house.passes()
    [alert] = house.look(CONTACT)
    assert "周二（11月24日）00:14" in alert.open["zh"]
