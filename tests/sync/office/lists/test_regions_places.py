"""Risk regions, places, gatherings and clinics: written by the office, read by gates."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from kiosk.lists import Places, Regions
from sync.office.errors import NotFound, Refused
from sync.office.lists import places, regions
from sync.office.lists.places import Event
from sync.office.lists.regions import RiskRegion
from sync.office.office import Office
from sync.office.values import EVERYTHING, Scope, Unit
from tests.sync.office.lists.test_people import section

CSV = """代码,名称,等级,开始,截止
110105,北京市朝阳区,高风险,2026-11-20,
3502,厦门市,中,2026/11/01,2026/11/30
"""


def test_regions_out_of_a_file_reach_the_gate(office: Office, community: Unit) -> None:
    office.regions.set([community.id], regions.read(CSV.encode()), EVERYTHING, who="li")
    found = Regions.from_section(section(office, community, "regions"))
    assert [(region.code, region.level) for region in found.regions] == [("110105", "high"), ("3502", "medium")]
    match = found.matching("350203", date(2026, 11, 20), date(2026, 11, 22))
    assert match is not None
    assert match.name.zh == "厦门市"


@pytest.mark.parametrize(
    "text", ['[{"code": "110105", "name": {"zh": "朝阳区"}}]', '{"regions": [{"code": "110105", "zh": "朝阳区"}]}']
)
def test_regions_are_read_out_of_json_too(text: str) -> None:
    (region,) = regions.read(text.encode())
    assert (region.code, region.zh, region.level) == ("110105", "朝阳区", "high")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("代码,名称\n11010,朝阳区\n110105,\n", "row 2: a GB/T 2260 code of 2, 4, 6, 9 or 12 digits: 110105; row 3"),
        ("代码,名称\n990105,某地\n", "GB/T 2260"),
        ("代码,名称,等级\n110105,朝阳区,很高\n", "one of high, medium, low"),
        ("代码,名称,开始\n110105,朝阳区,昨天\n", "row 2: a day such as"),
        ("代码,名称,开始,截止\n110105,朝阳区,2026-11-02,2026-11-01\n", "ends before"),
        ("名称\n朝阳区\n", "must name the columns"),
        ("代码,名称\n", "no regions"),
        ("[1]", "JSON must be"),
        ("{", "no JSON"),
    ],
)
def test_a_file_of_regions_with_a_fault_is_refused_whole(text: str, said: str) -> None:
    with pytest.raises(Refused, match=said):
        regions.read(text.encode())


def test_a_region_is_added_replaced_and_removed(office: Office, community: Unit) -> None:
    for level in ("high", "medium"):
        office.regions.add([community.id], RiskRegion("3502", "厦门市", level=level), EVERYTHING, who="li")
    (one,) = office.regions.list(community.id, EVERYTHING)
    assert one["level"] == "medium"
    office.regions.remove(community.id, "3502", "", EVERYTHING, who="li")
    assert office.regions.list(community.id, EVERYTHING) == ()
    with pytest.raises(NotFound):
        office.regions.remove(community.id, "3502", "", EVERYTHING, who="li")
    with pytest.raises(NotFound):
        office.regions.add([community.id], RiskRegion("3502", "厦门市"), Scope("x"), who="li")


def test_a_place_has_a_limit_and_its_gates_and_a_gate_leads_into_one_place(office: Office, community: Unit) -> None:
    store = office.places
    store.put_place(community.id, "菜市场", 80, ["g1", "g2"], EVERYTHING, who="li")
    store.put_place(community.id, "小区", None, ["g2"], EVERYTHING, who="li")
    found = Places.from_section(section(office, community, "places"))
    market, home = found.of_gate("g1"), found.of_gate("g2")
    assert market is not None
    assert (market.name, market.limit) == ("菜市场", 80)
    assert home is not None
    assert (home.name, home.limit) == ("小区", None)
    store.put_place(community.id, "菜市场", 60, ["g1"], EVERYTHING, who="li", place_id=market.id)
    changed = Places.from_section(section(office, community, "places")).of_gate("g1")
    assert changed is not None
    assert changed.limit == 60
    for name, limit in (("", 5), ("x", -1)):
        with pytest.raises(Refused):
            store.put_place(community.id, name, limit, [], EVERYTHING, who="li")


def test_a_gathering_is_approved_later_and_goes_with_its_place(office: Office, community: Unit) -> None:
    store, at = office.places, office.now()
    store.put_place(community.id, "礼堂", 200, [], EVERYTHING, who="li")
    place = store.document(community.id, EVERYTHING)["places"][0]["id"]
    store.add_gathering(community.id, Event(place, "婚宴", 80, at, at + timedelta(hours=4)), EVERYTHING, who="li")
    event = Places.from_section(section(office, community, "places")).gathering(place, at)
    assert event is not None
    assert (event.people, event.approved) == (80, False)
    (said,) = store.document(community.id, EVERYTHING)["gatherings"]
    store.approve(community.id, said["id"], EVERYTHING, who="li")
    event = Places.from_section(section(office, community, "places")).gathering(place, at)
    assert event is not None
    assert event.approved
    store.remove(community.id, "places", place, EVERYTHING, who="li")
    assert store.document(community.id, EVERYTHING)["gatherings"] == []
    with pytest.raises(NotFound):
        store.add_gathering(community.id, Event(place, "婚宴", 80, at, at + timedelta(hours=4)), EVERYTHING, who="li")


def test_clinics_stand_nearest_first_by_kind(office: Office, community: Unit) -> None:
    store = office.places
    for kind, name in (("fever-clinic", "市一医院"), ("test-site", "社区检测点"), ("fever-clinic", "区医院")):
        store.add_clinic(community.id, {"kind": kind, "zh": name, "phone": "010-1"}, EVERYTHING, who="li")
    last = store.document(community.id, EVERYTHING)["clinics"][-1]
    store.nearer(community.id, last["id"], EVERYTHING, who="li")
    found = Places.from_section(section(office, community, "places"))
    assert [clinic.name.zh for clinic in found.clinics("fever-clinic")] == ["区医院", "市一医院"]
    assert [clinic.name.zh for clinic in found.clinics("test-site")] == ["社区检测点"]
    with pytest.raises(Refused):
        store.add_clinic(community.id, {"kind": "bar", "zh": "x"}, EVERYTHING, who="li")


def test_a_whole_section_out_of_a_file_is_checked_as_a_gate_would(office: Office, community: Unit) -> None:
    office.places.set(
        community.id, places.read(b'{"places": [{"id": "p", "name": "A", "limit": 5}]}'), EVERYTHING, who="li"
    )
    assert Places.from_section(section(office, community, "places")).places[0].limit == 5
    with pytest.raises(Refused, match="limit"):
        office.places.set(community.id, places.read(b'{"places": [{"limit": "five"}]}'), EVERYTHING, who="li")
    with pytest.raises(Refused):
        places.read(b"[]")
