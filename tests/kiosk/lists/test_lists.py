"""The sections of people, regions and places: what is found, and that a broken entry is named."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from kiosk.errors import HandDownError
from kiosk.lists import Declarations, Places, Regions, Roster, WatchList

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
TODAY = date(2026, 11, 22)


def section(**content: Any) -> bytes:
    return json.dumps(content).encode()


def test_a_watch_entry_is_found_by_any_identity_and_told_once() -> None:
    entry = {"id": "w1", "why": "observation"}
    watch = WatchList.from_section(section(entries=[{"token": "phone", **entry}, {"token": "id", **entry}]))
    assert [found.why for found in watch.find(["id", "phone"], NOON)] == ["observation"]


@pytest.mark.parametrize(
    ("at", "runs"),
    [
        (NOON - timedelta(seconds=1), False),
        (NOON, True),
        (NOON + timedelta(days=14) - timedelta(seconds=1), True),
        (NOON + timedelta(days=14), False),
    ],
)
def test_a_watch_entry_runs_from_its_begin_until_before_its_end(at: datetime, runs: bool) -> None:
    entry = {"token": "t", "from": "2026-11-22T12:00:00Z", "until": "2026-12-06T12:00:00Z"}
    assert bool(WatchList.from_section(section(entries=[entry])).find(["t"], at)) is runs


def test_a_resident_is_found_by_the_phone_as_by_the_id_number() -> None:
    person = {"tokens": ["id", "phone"], "household": "3-2-501", "special": "pregnant"}
    roster = Roster.from_section(section(people=[person]))
    assert roster.find(["phone"]) == roster.find(["nobody", "id"])
    assert roster.find(["nobody"]) is None


REGIONS = Regions.from_section(
    section(regions=[{"code": "3505", "name": {"zh": "泉州市", "en": "Quanzhou"}, "from": "2026-11-01"}])
)


@pytest.mark.parametrize(
    ("code", "day", "counts"),
    [
        ("350582", TODAY - timedelta(days=14), True),
        ("350582", TODAY - timedelta(days=15), False),
        ("350582", TODAY, True),
        ("350582", TODAY + timedelta(days=1), False),
        ("35", TODAY, True),  # somewhere in the province: it may have been there
        ("3506", TODAY, False),
        ("", TODAY, False),
    ],
)
def test_a_stay_counts_for_fourteen_days_in_the_region_and_what_lies_in_it(code: str, day: date, counts: bool) -> None:
    assert (REGIONS.matching(code, day, TODAY) is not None) is counts


def test_a_stay_before_the_region_was_one_does_not_count() -> None:
    begun = {"code": "3505", "name": {"zh": "泉州市"}, "from": "2026-11-20", "until": "2026-11-21"}
    regions = Regions.from_section(section(regions=[begun]))
    counted = [regions.matching("350582", date(2026, 11, day), TODAY) is not None for day in (19, 20, 21, 22)]
    assert counted == [False, True, True, False]
    assert [len(regions.current(date(2026, 12, day))) for day in (5, 6)] == [1, 0]


def test_the_largest_gathering_under_way_is_the_one_that_counts() -> None:
    gatherings = [{"place": "p", "people": 20}, {"place": "p", "people": 80}, {"place": "q", "people": 500}]
    places = Places.from_section(section(places=[{"id": "p", "limit": 100, "gates": ["g"]}], gatherings=gatherings))
    place = places.of_gate("g")
    assert place is not None
    assert places.gathering(place.id, NOON).people == 80  # type: ignore[union-attr]
    assert places.of_gate("another") is None


def test_clinics_come_in_the_offices_order() -> None:
    clinics = [{"kind": "fever-clinic", "name": {"zh": name}} for name in ("近", "远")]
    found = Places.from_section(section(clinics=clinics)).clinics("fever-clinic")
    assert [clinic.name.zh for clinic in found] == ["近", "远"]


DECLARED = {"id": "d", "tokens": ["code"], "from": "2026-11-22T12:00:00Z", "until": "2026-11-23T12:00:00Z"}


@pytest.mark.parametrize(
    ("said", "at", "used", "state"),
    [
        ({}, NOON, False, "valid"),
        ({}, NOON - timedelta(seconds=1), False, "early"),
        ({}, NOON + timedelta(days=1), False, "expired"),
        ({}, NOON, True, "used"),
        ({"used": True}, NOON, False, "used"),
        ({"once": False}, NOON, True, "valid"),
        ({"cancelled": True}, NOON, False, "cancelled"),
    ],
)
def test_a_declaration_says_why_it_cannot_be_used(said: dict[str, Any], at: datetime, used: bool, state: str) -> None:
    [declaration] = Declarations.from_section(section(entries=[DECLARED | said])).find(["code"])
    assert declaration.state(at, used=used) == state


@pytest.mark.parametrize(
    ("read", "content", "place"),
    [
        (WatchList.from_section, {"entries": [{"why": "x"}]}, r"entries\[0\]: missing 'token'"),
        (WatchList.from_section, {"entries": [{"token": "t", "from": "soon"}]}, r"entries\[0\]"),
        (WatchList.from_section, {"entries": {}}, "must hold a list 'entries'"),
        (Roster.from_section, {"people": [{"tokens": ["t"]}, {"tokens": "t"}]}, r"people\[1\]: 'tokens'"),
        (Roster.from_section, {"people": [{"tokens": ["t"], "special": "vip"}]}, r"people\[0\]"),
        (Regions.from_section, {"regions": [{"code": "350", "name": {"zh": "x"}}]}, r"regions\[0\].*GB/T 2260"),
        (Regions.from_section, {"regions": [{"code": "35", "name": {"zh": "x"}, "from": "1.2."}]}, r"regions\[0\]"),
        (Places.from_section, {"places": [{"id": "p", "limit": -1}]}, r"places\[0\]: 'limit'"),
        (Places.from_section, {"gatherings": [{"place": "p", "people": True}]}, r"gatherings\[0\]"),
        (Declarations.from_section, {"entries": [{"id": "d", "once": "no"}]}, r"entries\[0\]"),
        (Declarations.from_section, {"entries": [[]]}, r"entries\[0\]: must be an object"),
    ],
)
def test_an_entry_at_fault_is_named_and_the_section_refused(read: Any, content: dict[str, Any], place: str) -> None:
    with pytest.raises(HandDownError, match=place):
        read(section(**content))


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff", b"[" * 100_000])
def test_bytes_that_are_no_section_are_refused(content: bytes) -> None:
    for read in (WatchList, Roster, Regions, Places, Declarations):
        with pytest.raises(HandDownError):
            read.from_section(content)
