"""Watch list and roster: put on, merged, ended, released, found, handed down as tokens and masked names."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from kiosk import tokens
from kiosk.lists import Roster, WatchList
from sync.office.errors import NotFound, Refused
from sync.office.lists.values import ListedFilter
from sync.office.lists.wanted import Unlistable, Wanted
from sync.office.office import Office
from sync.office.values import EVERYTHING, Gate, Scope, Unit
from tests.sync.office.conftest import ManualClock
from tests.sync.office.lists.rosters import ZHANG

OBSERVED = Wanted(
    "张三丰", "110105 19491231 002x", "138 1234 8000", "闽A·12345", "observation", ends=date(2026, 12, 6),
    worker="陈网格", worker_phone="13900000001", do="请回家，通知网格员",
)  # fmt: skip


def section(office: Office, community: Unit, name: str) -> bytes:
    manifest = office.publish.manifest(community.id)
    assert manifest is not None
    content = office.publish.section(manifest.sections[name])
    assert content is not None
    return content


def watch(office: Office, community: Unit) -> WatchList:
    return WatchList.from_section(section(office, community, "watch"))


def token(office: Office, community: Unit, kind: str, identity: str) -> str:
    return tokens.token(office.units.token_key(community.id), kind, identity)


def test_somebody_on_the_list_is_known_at_the_gate_by_any_number(office: Office, community: Unit) -> None:
    office.people.add("watch", community.id, OBSERVED, who="li")
    found = watch(office, community)
    for kind, identity in (("id", ZHANG), ("phone", "13812348000"), ("plate", "闽A12345")):
        (entry,) = found.find([token(office, community, kind, identity)], office.now())
        assert (entry.why, entry.name, entry.worker, entry.worker_phone) == (
            "observation", "张*丰", "陈网格", "13900000001",
        )  # fmt: skip
        assert entry.do is not None
        assert entry.do.zh == "请回家，通知网格员"


def test_no_name_and_no_number_of_anybody_stands_in_a_section(office: Office, community: Unit) -> None:
    office.people.add("watch", community.id, OBSERVED, who="li")
    living = Wanted(
        "李小梅", "", "13712340000", "", "resident", household="3-2-501", special="pregnant", birth_year="1994"
    )
    office.people.add("roster", community.id, living, who="li")
    text = section(office, community, "watch") + section(office, community, "roster")
    for plain in ("张三丰", ZHANG, "13812348000", "闽A12345", "李小梅", "13712340000", "3-2-501"):
        assert plain.encode() not in text, plain


def test_the_roster_is_handed_down_with_household_tokens(office: Office, community: Unit) -> None:
    living = Wanted(
        "李小梅", "", "13712340000", "", "resident", household="3栋2单元501室", special="pregnant", grid="三网格"
    )
    office.people.add("roster", community.id, living, who="li")
    roster = Roster.from_section(section(office, community, "roster"))
    found = roster.find([token(office, community, "phone", "13712340000")])
    assert found is not None
    assert (found.kind, found.name, found.special, found.grid) == ("resident", "李*梅", "pregnant", "三网格")
    assert found.household == token(office, community, "household", "3-2-501")


def test_a_swapped_digit_is_named(office: Office, community: Unit) -> None:
    with pytest.raises(Unlistable) as refused:
        office.people.add("watch", community.id, Wanted("张三丰", "110105194912310021", why="denied"), who="li")
    (problem,) = refused.value.problems
    assert problem.field == "id_number"
    assert "第 18 位应为 X" in problem.say.zh


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        (Wanted("张三", why="denied"), "id_number"),
        (Wanted("", ZHANG, why="denied"), "name"),
        (Wanted("张三", ZHANG, why="nonsense"), "why"),
        (Wanted("张三", ZHANG, why="denied", ends=date(2026, 11, 21)), "ends"),
        (Wanted("张三", ZHANG, why="denied", begins=date(2026, 12, 3), ends=date(2026, 12, 2)), "ends"),
        (Wanted("张三", ZHANG, why="denied", ends=date(2062, 12, 2)), "ends"),
        (Wanted("张三", "", "", "闽A1", "denied"), "plate"),
        (Wanted("张三", ZHANG, why="denied", worker_phone="12"), "worker_phone"),
    ],
)
def test_what_cannot_be_on_the_watch_list_is_said(office: Office, community: Unit, wanted: Wanted, field: str) -> None:
    with pytest.raises(Unlistable) as refused:
        office.people.add("watch", community.id, wanted, who="li")
    assert field in {problem.field for problem in refused.value.problems}


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        (Wanted("张三", ZHANG, why="resident"), "household"),
        (Wanted("张三", ZHANG, why="worker", special="old"), "special"),
        (Wanted("张三", ZHANG, why="worker", birth_year="1950"), "birth_year"),
        (Wanted("张三", ZHANG, why="tourist"), "why"),
    ],
)
def test_what_cannot_be_on_the_roster_is_said(office: Office, community: Unit, wanted: Wanted, field: str) -> None:
    with pytest.raises(Unlistable) as refused:
        office.people.add("roster", community.id, wanted, who="li")
    assert field in {problem.field for problem in refused.value.problems}


def test_the_same_person_again_is_merged_and_keeps_the_longer_time(office: Office, community: Unit) -> None:
    first, was_there = office.people.add("watch", community.id, OBSERVED, who="li")
    again = Wanted("张三丰", ZHANG, "13700000009", why="observation", ends=date(2026, 12, 10))
    second, is_there = office.people.add("watch", community.id, again, who="li")
    assert (was_there, is_there, second.id) == (False, True, first.id)
    assert office.people.list(EVERYTHING).total == 1
    assert second.ends == office.now().replace(hour=16) + timedelta(days=18)
    (entry,) = watch(office, community).find([token(office, community, "phone", "13700000009")], office.now())
    assert entry.worker == "陈网格"


def test_two_categories_are_two_entries(office: Office, community: Unit) -> None:
    office.people.add("watch", community.id, OBSERVED, who="li")
    office.people.add("watch", community.id, Wanted("张三丰", ZHANG, why="denied"), who="li")
    found = watch(office, community).find([token(office, community, "id", ZHANG)], office.now())
    assert {entry.why for entry in found} == {"observation", "denied"}


def test_an_entry_ends_by_itself_at_the_end_of_its_last_day(
    office: Office, community: Unit, clock: ManualClock
) -> None:
    office.people.add("watch", community.id, OBSERVED, who="li")
    found, person = watch(office, community), [token(office, community, "id", ZHANG)]
    end = clock.at.replace(hour=16) + timedelta(days=14)  # midnight in Shanghai after 6 December
    assert found.find(person, end - timedelta(seconds=1))
    assert not found.find(person, end)
    clock.at = end
    assert office.people.list(EVERYTHING).total == 0
    assert office.people.list(EVERYTHING, wanted=ListedFilter(state="past")).total == 1
    office.publish.publish(community.id, {}, who="li")
    assert len(watch(office, community)) == 0


def test_an_ended_entry_is_gone_from_the_gates_and_keeps_who_and_why(office: Office, community: Unit) -> None:
    listed, _ = office.people.add("watch", community.id, OBSERVED, who="li")
    with pytest.raises(Refused):
        office.people.end(listed.id, " ", EVERYTHING, who="wang")
    ended = office.people.end(listed.id, "登记错误", EVERYTHING, who="wang")
    assert (ended.state(office.now()), ended.ended_by, ended.ended_why) == ("ended", "wang", "登记错误")
    assert len(watch(office, community)) == 0
    version = office.publish.version(community.id)
    office.people.end(listed.id, "again", EVERYTHING, who="wang")
    assert office.publish.version(community.id) == version


def test_release_ends_the_observation_and_tells_the_gates_for_two_weeks(
    office: Office, community: Unit, clock: ManualClock
) -> None:
    listed, _ = office.people.add("watch", community.id, OBSERVED, who="li")
    released = office.people.release(listed.id, EVERYTHING, who="wang")
    person = [token(office, community, "id", ZHANG)]
    assert [entry.why for entry in watch(office, community).find(person, clock())] == ["released"]
    assert released.why == "released"
    assert office.people.get(listed.id, EVERYTHING).state(clock()) == "ended"
    assert not watch(office, community).find(person, clock() + timedelta(days=15))
    with pytest.raises(Refused):
        office.people.release(listed.id, EVERYTHING, who="wang")


def test_nobody_is_released_from_being_denied(office: Office, community: Unit) -> None:
    listed, _ = office.people.add("watch", community.id, Wanted("张三", ZHANG, why="denied"), who="li")
    with pytest.raises(Refused):
        office.people.release(listed.id, EVERYTHING, who="wang")


@pytest.mark.parametrize("words", ["张三丰", "张 三丰", ZHANG, "13812348000", "闽A12345", "闽A·12345"])
def test_people_are_found_by_whole_names_and_numbers(office: Office, community: Unit, words: str) -> None:
    office.people.add("watch", community.id, OBSERVED, who="li")
    assert office.people.list(EVERYTHING, wanted=ListedFilter(words=words)).total == 1
    assert office.people.list(EVERYTHING, wanted=ListedFilter(words=words, register="roster")).total == 0
    assert office.people.list(EVERYTHING, wanted=ListedFilter(words=words + "1")).total == 0


def test_lists_show_masked_names_and_the_clear_ones_only_with_a_reason(office: Office, community: Unit) -> None:
    listed, _ = office.people.add("watch", community.id, OBSERVED, who="li")
    assert (listed.name, listed.id_number, listed.phone) == ("张*丰", "110***********002X", "138****8000")
    with pytest.raises(Refused):
        office.people.reveal(listed.id, "", EVERYTHING, who="wang")
    assert office.people.reveal(listed.id, "电话随访", EVERYTHING, who="wang")["id_number"] == ZHANG
    assert office.audit.page(EVERYTHING).rows[0].what == "watch.reveal"


def test_whoever_sees_another_branch_sees_nobody_here(office: Office, community: Unit, street: Unit) -> None:
    other = office.units.add("community", "和平社区", "110101001002", street.id, who="test")
    listed, _ = office.people.add("watch", community.id, OBSERVED, who="li")
    elsewhere = Scope(other.id)
    assert office.people.list(elsewhere).total == 0
    with pytest.raises(NotFound):
        office.people.get(listed.id, elsewhere)
    with pytest.raises(NotFound):
        office.people.add("watch", community.id, OBSERVED, who="li", scope=elsewhere)


def test_a_change_wakes_the_gates(office: Office, community: Unit, gate: Gate, clock: ManualClock) -> None:
    from sync import protocol

    beat = protocol.Heartbeat(journal=gate.id, seq=0, waiting=0, software="x", time="2026-11-22T04:00:00Z")
    assert not office.gates.beat(gate.id, beat, clock()).wake
    office.people.add("watch", community.id, OBSERVED, who="li")
    assert office.gates.beat(gate.id, beat, clock()).wake
    assert not office.gates.beat(gate.id, beat, clock()).wake


def test_entries_written_by_hand_stay_beside_those_of_the_list(office: Office, community: Unit) -> None:
    written = {"token": "ab" * 32, "why": "denied"}
    office.publish.publish(community.id, {"watch": {"entries": [written]}}, who="li")
    office.people.add("watch", community.id, OBSERVED, who="li")
    office.publish.publish(community.id, {}, who="li")
    assert office.publish.draft(community.id)["watch"] == {"entries": [written]}
    assert len(watch(office, community)) == 4
    office.publish.publish(community.id, {"watch": {"entries": []}}, who="li")
    assert len(watch(office, community)) == 3


def test_a_list_that_was_emptied_is_handed_down_empty(office: Office, community: Unit) -> None:
    office.publish.ensure(community.id)
    manifest = office.publish.manifest(community.id)
    assert manifest is not None
    assert "roster" not in manifest.sections
    listed, _ = office.people.add("roster", community.id, Wanted("张三", ZHANG, why="worker"), who="li")
    office.people.end(listed.id, "离职", EVERYTHING, who="li")
    assert len(Roster.from_section(section(office, community, "roster"))) == 0


def test_old_versions_of_a_list_are_not_kept_for_ever(office: Office, community: Unit) -> None:
    from sqlalchemy import func, select

    from sync.office.db.tables import SectionRow

    def kept() -> int:
        with office.database.read() as tx:
            return tx.scalar(select(func.count()).select_from(SectionRow)) or 0

    for number in range(6):
        office.people.add(
            "watch", community.id, Wanted(f"张{number}", "", f"1381234800{number}", why="denied"), who="li"
        )
    before = kept()
    office.people.add("watch", community.id, OBSERVED, who="li")
    assert kept() == before
