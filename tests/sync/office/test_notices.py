"""Notices hang one by one, and somebody always administers the office."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from sync.office.errors import NotFound, Refused
from sync.office.office import Office
from sync.office.values import EVERYTHING, Scope, Unit
from tests.sync.office.conftest import ManualClock


def post(office: Office, community: Unit, zh: str) -> None:
    office.notices.post(community.id, zh, f"{zh} in English", EVERYTHING, who="clerk")


def hanging(office: Office, community: Unit) -> list[str]:
    return [notice["zh"] for notice in office.notices.list(community.id, EVERYTHING)]


def test_the_newest_notice_hangs_first(office: Office, community: Unit, clock: ManualClock) -> None:
    for zh in ("一", "二", "三"):
        post(office, community, zh)
        clock.go(minutes=1)
    assert hanging(office, community) == ["三", "二", "一"]


def test_a_posted_notice_stands_in_the_next_bundle(office: Office, community: Unit) -> None:
    post(office, community, "停水")
    manifest = office.publish.manifest(community.id)
    assert manifest is not None
    assert office.publish.document(manifest.sections["notices"])["notices"][0]["zh"] == "停水"


def test_two_people_posting_at_once_lose_neither_notice(office: Office, community: Unit) -> None:
    with ThreadPoolExecutor(4) as people:
        list(people.map(lambda number: post(office, community, f"第{number}条"), range(8)))
    assert sorted(hanging(office, community)) == sorted(f"第{number}条" for number in range(8))


@pytest.mark.parametrize(("zh", "en"), [("", "en"), ("中文", "  "), ("长" * 2001, "en")])
def test_a_notice_has_words_in_both_languages(office: Office, community: Unit, zh: str, en: str) -> None:
    with pytest.raises(Refused):
        office.notices.post(community.id, zh, en, EVERYTHING, who="clerk")
    assert hanging(office, community) == []


def test_withdrawing_takes_down_one_notice_once(office: Office, community: Unit) -> None:
    post(office, community, "一")
    post(office, community, "二")
    first = next(notice for notice in office.notices.list(community.id, EVERYTHING) if notice["zh"] == "一")
    office.notices.withdraw(community.id, first["id"], EVERYTHING, who="clerk")
    assert hanging(office, community) == ["二"]
    with pytest.raises(NotFound):
        office.notices.withdraw(community.id, first["id"], EVERYTHING, who="clerk")


def test_outside_ones_branch_no_notice_can_be_posted(office: Office, community: Unit, street: Unit) -> None:
    other = office.units.add("community", "和平社区", "110101001002", street.id, who="test")
    with pytest.raises(NotFound):
        office.notices.post(community.id, "停水", "No water", Scope(other.id), who="clerk")


def test_the_last_administrator_of_the_whole_office_stays_one(office: Office, community: Unit) -> None:
    office.users.add("admin", "", "admin", EVERYTHING, who="test")
    office.users.add("branch", "", "admin", Scope(community.id), who="test")
    with pytest.raises(Refused):
        office.users.set_role("admin", "clerk", who="test")
    office.users.add("second", "", "clerk", EVERYTHING, who="test")
    office.users.set_role("second", "admin", who="test")
    office.users.set_role("admin", "clerk", who="test")
    assert {user.login: user.role for user in office.users.list()} == {
        "admin": "clerk",
        "branch": "admin",
        "second": "admin",
    }


@pytest.mark.parametrize(("login", "role", "fault"), [("admin", "root", Refused), ("nobody", "clerk", NotFound)])
def test_a_role_that_is_none_or_for_nobody_is_not_given(
    office: Office, login: str, role: str, fault: type[Exception]
) -> None:
    office.users.add("admin", "", "admin", EVERYTHING, who="test")
    with pytest.raises(fault):
        office.users.set_role(login, role, who="test")
