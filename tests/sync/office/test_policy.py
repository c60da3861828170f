"""Policies at the office: drafts, the way of two people, handing down now or later, the versions there were."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from kiosk.errors import PolicyError
from kiosk.model import iso
from kiosk.screening import policy, timetable
from sync.office.errors import NotFound, Refused
from sync.office.office import Office
from sync.office.policy.store import named
from sync.office.policy.values import State, Version
from sync.office.second_person import SamePerson
from sync.office.values import EVERYTHING, Scope, Unit
from tests.sync.office.conftest import NOON, ManualClock

Document = dict[str, Any]


def draft(office: Office, community: Unit, **changes: Any) -> Version:
    """A draft out of the policy in force, made by li."""
    base = office.policies.in_force(community.id, EVERYTHING)
    version = office.policies.start(
        community.id, base.current, base.version.name if base.version else "", EVERYTHING, who="li"
    )
    return changed(office, version, **changes)


def changed(office: Office, version: Version, **changes: Any) -> Version:
    return office.policies.change(version.id, lambda document: {**document, **changes}, EVERYTHING, who="li")


def approved(office: Office, version: Version) -> Version:
    """Submitted by li, approved by wang."""
    submitted = office.approval.submit(version.id, "提高警戒", EVERYTHING, who="li")
    return office.approval.approve(version.id, submitted.digest, EVERYTHING, who="wang")


def published(office: Office, version: Version, **when: Any) -> Version:
    return office.approval.publish(approved(office, version).id, EVERYTHING, who="wang", **when)


def handed_down(office: Office, community: Unit) -> timetable.Timetable:
    """What a gate makes of the bundle now published."""
    manifest = office.publish.manifest(community.id)
    assert manifest is not None
    content = office.publish.section(manifest.sections["policy"])
    assert content is not None
    return timetable.from_json(content)


def steps(office: Office) -> list[tuple[str, str]]:
    """Who did what with policies, oldest first."""
    rows = office.audit.page(EVERYTHING, size=200).rows
    return [(row.who, row.what.removeprefix("policy.")) for row in reversed(rows) if row.what.startswith("policy.")]


def test_a_draft_begins_with_what_is_in_force_under_a_number_of_its_own(office: Office, community: Unit) -> None:
    first, second = draft(office, community), draft(office, community)

    assert (first.name, second.name) == ("community@2", "community@3")
    assert first.state is State.DRAFT
    assert {**first.document, "id": "default", "version": 1} == policy.default().to_document()
    assert handed_down_nothing(office, community)


def handed_down_nothing(office: Office, community: Unit) -> bool:
    return office.publish.version(community.id) == 0


def test_a_draft_that_two_people_agreed_on_reaches_the_gates(office: Office, community: Unit) -> None:
    office.publish.ensure(community.id)
    version = draft(office, community, tier=2)

    done = published(office, version)

    assert done.state is State.PUBLISHED
    assert (done.made_by, done.submitted_by, done.decided_by, done.published_by) == ("li", "li", "wang", "wang")
    assert handed_down(office, community).current.name == "community@2"
    assert handed_down(office, community).current.tier == 2
    assert office.policies.in_force(community.id, EVERYTHING).version == done
    assert steps(office) == [
        ("li", "draft"),
        ("li", "edit"),
        ("li", "submit"),
        ("wang", "approve"),
        ("wang", "publish"),
    ]


def test_nobody_approves_what_they_submitted_themselves(office: Office, community: Unit) -> None:
    version = office.approval.submit(draft(office, community, tier=1).id, "等级", EVERYTHING, who="admin")

    with pytest.raises(SamePerson):
        office.approval.approve(version.id, version.digest, EVERYTHING, who="admin")

    assert office.policies.get(version.id, EVERYTHING).state is State.SUBMITTED


def test_one_alone_may_approve_with_sole_as_long_as_there_is_nobody_else(office: Office, community: Unit) -> None:
    version = office.approval.submit(draft(office, community, tier=1).id, "等级", EVERYTHING, who="cli")
    office.users.add("admin", "", "admin", EVERYTHING, who="test")

    done = office.approval.approve(version.id, version.digest, EVERYTHING, who="cli", sole=True)

    assert done.state is State.APPROVED
    assert office.audit.page(EVERYTHING).rows[0].detail == "community@2 alone"
    office.users.add("li", "", "clerk", EVERYTHING, who="test")
    other = office.approval.submit(draft(office, community, tier=2).id, "等级", EVERYTHING, who="cli")
    with pytest.raises(SamePerson, match="2 users"):
        office.approval.approve(other.id, other.digest, EVERYTHING, who="cli", sole=True)


def test_what_was_changed_after_it_was_read_is_not_approved(office: Office, community: Unit) -> None:
    read = office.approval.submit(draft(office, community, tier=1).id, "等级", EVERYTHING, who="li")
    office.approval.withdraw(read.id, EVERYTHING, who="li")
    changed(office, read, tier=3)
    office.approval.submit(read.id, "等级", EVERYTHING, who="li")

    with pytest.raises(Refused, match="changed meanwhile"):
        office.approval.approve(read.id, read.digest, EVERYTHING, who="wang")


def test_a_rejected_draft_says_why_and_can_be_worked_on_again(office: Office, community: Unit) -> None:
    version = office.approval.submit(draft(office, community, tier=1).id, "等级", EVERYTHING, who="li")
    with pytest.raises(Refused, match="why"):
        office.approval.reject(version.id, "  ", EVERYTHING, who="wang")

    rejected = office.approval.reject(version.id, "先看试运行", EVERYTHING, who="wang")

    assert (rejected.state, rejected.reason, rejected.decided_by) == (State.REJECTED, "先看试运行", "wang")
    assert changed(office, rejected, tier=2).state is State.DRAFT
    assert published(office, rejected).state is State.PUBLISHED


@pytest.mark.parametrize("step", ["change", "submit", "discard"])
def test_what_waits_for_approval_stays_as_it_is(office: Office, community: Unit, step: str) -> None:
    version = office.approval.submit(draft(office, community, tier=1).id, "等级", EVERYTHING, who="li")
    tries: dict[str, Callable[[], object]] = {
        "change": lambda: changed(office, version, tier=3),
        "submit": lambda: office.approval.submit(version.id, "等级", EVERYTHING, who="li"),
        "discard": lambda: office.policies.discard(version.id, EVERYTHING, who="li"),
    }

    with pytest.raises(Refused):
        tries[step]()

    assert office.policies.get(version.id, EVERYTHING) == version


@pytest.mark.parametrize("step", ["publish", "approve", "withdraw", "reject", "call_off"])
def test_a_draft_takes_no_step_before_it_was_submitted(office: Office, community: Unit, step: str) -> None:
    version = draft(office, community)
    tries: dict[str, Callable[[], object]] = {
        "publish": lambda: office.approval.publish(version.id, EVERYTHING, who="wang"),
        "approve": lambda: office.approval.approve(version.id, version.digest, EVERYTHING, who="wang"),
        "withdraw": lambda: office.approval.withdraw(version.id, EVERYTHING, who="wang"),
        "reject": lambda: office.approval.reject(version.id, "no", EVERYTHING, who="wang"),
        "call_off": lambda: office.approval.call_off(version.id, "no", EVERYTHING, who="wang"),
    }

    with pytest.raises(Refused):
        tries[step]()

    assert handed_down_nothing(office, community)


def test_a_draft_with_problems_is_kept_and_not_submitted(office: Office, community: Unit) -> None:
    rules = policy.default().to_document()["rule"]
    wrong = [{**rules[0], "when": {"and": [{"var": "reading.celcius"}, True]}}, *rules[1:]]
    version = draft(office, community, rule=wrong)

    with pytest.raises(PolicyError, match=r"rule\[0\].when.and\[0\].var: unknown fact 'reading.celcius'"):
        office.approval.submit(version.id, "试", EVERYTHING, who="li")

    assert office.policies.get(version.id, EVERYTHING).document["rule"] == wrong


def test_an_announced_policy_takes_over_at_its_time_and_the_old_one_never_returns(
    office: Office, community: Unit, clock: ManualClock
) -> None:
    office.publish.ensure(community.id)
    midnight = clock() + timedelta(hours=12)
    version = published(office, draft(office, community, tier=3), at=midnight)

    section = handed_down(office, community)
    assert (section.current.name, section.at(clock()).tier) == ("default@1", 0)
    assert (section.at(midnight).name, section.changes_at) == ("community@2", midnight)
    assert office.policies.in_force(community.id, EVERYTHING).announced == version

    clock.at = midnight
    assert office.policies.in_force(community.id, EVERYTHING).version == version
    office.notices.post(community.id, "通知", "Notice", EVERYTHING, who="li")
    after = handed_down(office, community)
    assert (after.current.name, after.following) == ("community@2", None)


def test_a_bundle_that_is_renewed_before_the_time_keeps_the_announcement(
    office: Office, community: Unit, clock: ManualClock
) -> None:
    at = clock() + timedelta(days=2)
    published(office, draft(office, community, tier=3), at=at)

    office.publish.publish(community.id, {}, who="li")

    assert handed_down(office, community).changes_at == at


def test_an_announced_policy_can_be_called_off_until_its_time(
    office: Office, community: Unit, clock: ManualClock
) -> None:
    version = published(office, draft(office, community, tier=3), at=clock() + timedelta(days=1))

    gone = office.approval.call_off(version.id, "疫情缓和", EVERYTHING, who="li")

    assert (gone.state, gone.reason) == (State.WITHDRAWN, "疫情缓和")
    assert handed_down(office, community).following is None
    with pytest.raises(Refused):
        office.approval.call_off(version.id, "再撤", EVERYTHING, who="li")


def test_publishing_at_once_replaces_what_was_announced(office: Office, community: Unit, clock: ManualClock) -> None:
    announced = published(office, draft(office, community, tier=3), at=clock() + timedelta(days=1))

    urgent = published(office, draft(office, community, tier=2))

    section = handed_down(office, community)
    assert (section.current.name, section.following) == (urgent.name, None)
    old = office.policies.get(announced.id, EVERYTHING)
    assert (old.state, old.reason) == (State.WITHDRAWN, f"replaced by {urgent.name}")


def test_an_older_version_is_not_published_over_a_newer_one(office: Office, community: Unit) -> None:
    old, new = approved(office, draft(office, community, tier=1)), draft(office, community, tier=2)
    published(office, new)

    with pytest.raises(PolicyError, match="community@3 is in force already"):
        office.approval.publish(old.id, EVERYTHING, who="wang")


def test_a_draft_that_others_overtook_gets_a_new_number(office: Office, community: Unit) -> None:
    slow, quick = draft(office, community, tier=1), draft(office, community, tier=2)
    published(office, quick)

    assert office.approval.submit(slow.id, "等级", EVERYTHING, who="li").name == "community@4"


def test_rolling_back_is_a_new_version_with_the_old_content(office: Office, community: Unit) -> None:
    first = published(office, draft(office, community, tier=1))
    published(office, draft(office, community, tier=3))

    back = office.policies.start(community.id, first.document, first.name, EVERYTHING, who="li")
    published(office, back)

    assert handed_down(office, community).current.name == "community@4"
    assert handed_down(office, community).current.tier == 1
    assert office.policies.get(back.id, EVERYTHING).based_on == "community@2"
    assert [version.number for version in office.policies.list(community.id, EVERYTHING)] == [4, 3, 2]


@pytest.mark.parametrize("hours", [0, -1, 24 * 91])
def test_a_policy_is_announced_for_a_time_to_come(
    office: Office, community: Unit, clock: ManualClock, hours: int
) -> None:
    version = approved(office, draft(office, community, tier=1))

    with pytest.raises(Refused, match="time to come"):
        office.approval.publish(version.id, EVERYTHING, who="wang", at=clock() + timedelta(hours=hours))


def test_policies_outside_the_branch_are_not_there(office: Office, street: Unit, community: Unit) -> None:
    other = office.units.add("community", "阳光社区", "", street.id, who="test")
    version, scope = draft(office, community), Scope(other.id)

    for attempt in (
        lambda: office.policies.get(version.id, scope),
        lambda: office.policies.change(version.id, dict, scope, who="li"),
        lambda: office.approval.submit(version.id, "试", scope, who="li"),
        lambda: office.policies.in_force(community.id, scope),
        lambda: office.policies.start(community.id, {}, "", scope, who="li"),
        lambda: office.policies.start(street.id, {}, "", EVERYTHING, who="li"),
        lambda: office.trials.begin(version.id, 7, scope, who="li"),
    ):
        with pytest.raises(NotFound):
            attempt()
    assert office.policies.list(community.id, scope) == ()


def test_a_version_is_named_by_number_name_or_id(office: Office, community: Unit) -> None:
    version = draft(office, community)
    versions = office.policies.list(community.id, EVERYTHING)

    for text in (version.id, "2", "v2", "community@2"):
        assert named(versions, text) == version
    with pytest.raises(NotFound):
        named(versions, "3")


@pytest.mark.parametrize(
    "section", [{"next": {"effective_from": "soon"}}, {"next": []}, {"next": {"effective_from": iso(NOON), "id": "x"}}]
)
def test_a_successor_that_no_gate_could_read_is_not_published(
    office: Office, community: Unit, section: Document
) -> None:
    with pytest.raises(PolicyError, match="next"):
        office.publish.publish(community.id, {"policy": policy.default().to_document() | section}, who="li")
