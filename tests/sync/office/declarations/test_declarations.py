"""Announcements: made by office and household, found at the gate, used once, called off."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from kiosk import tokens
from kiosk.codes import declaration as codes
from kiosk.lists import Declarations
from sync.office.declarations.wanted import Undeclarable, Wanted
from sync.office.errors import NotFound, Refused
from sync.office.office import Office
from sync.office.values import EVERYTHING, Scope, Unit
from tests.sync.office.conftest import ManualClock
from tests.sync.office.gate_end import PERSON, GateEnd
from tests.sync.office.lists.rosters import ZHANG
from tests.sync.office.lists.test_people import section, token


def visitor(office: Office, **changes: Any) -> Wanted:
    at = office.now()
    given = {
        "kind": "visitor",
        "name": "张三丰",
        "begins": at,
        "ends": at + timedelta(days=2),
        "phone": "138 1234 8000",
    }
    return Wanted(**{**given, **changes})


def handed(office: Office, community: Unit) -> Declarations:
    return Declarations.from_section(section(office, community, "declarations"))


def test_a_visitor_is_found_by_code_and_by_every_number(office: Office, community: Unit) -> None:
    wanted = visitor(office, id_number=ZHANG, plate="闽A12345", household="3栋2单元501")
    made = office.declarations.declare(community.id, wanted, EVERYTHING, who="li")
    assert codes.holds(made.code)
    assert made.text == f"GD1:{made.code}"
    known = (("declaration", made.code), ("id", ZHANG), ("phone", "13812348000"), ("plate", "闽A12345"))
    for kind, identity in known:
        (found,) = handed(office, community).find([token(office, community, kind, identity)])
        assert (found.id, found.kind, found.name) == (made.id, "visitor", "张*丰")
        assert found.state(office.now(), used=False) == "valid"
        assert found.household == token(office, community, "household", "3-2-501")
    text = section(office, community, "declarations")
    for plain in ("张三丰", ZHANG, "13812348000", made.code, "3-2-501"):
        assert plain.encode() not in text


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": "party"}, "kind"),
        ({"name": " "}, "name"),
        ({"phone": ""}, "phone"),
        ({"phone": "123"}, "phone"),
        ({"id_number": "110105194912310021"}, "id_number"),
        ({"plate": "闽A1"}, "plate"),
        ({"purpose": "x" * 101}, "purpose"),
    ],
)
def test_what_cannot_be_announced_is_said_at_its_field(
    office: Office, community: Unit, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(Undeclarable) as refused:
        office.declarations.declare(community.id, visitor(office, **changes), EVERYTHING, who="li")
    assert [problem.field for problem in refused.value.problems] == [field]


@pytest.mark.parametrize(("days", "good"), [(7, True), (7.01, False), (0, False), (-1, False)])
def test_an_announcement_is_good_for_seven_days_at_most(
    office: Office, community: Unit, days: float, good: bool
) -> None:
    wanted = visitor(office, ends=office.now() + timedelta(days=days))
    if good:
        office.declarations.declare(community.id, wanted, EVERYTHING, who="li")
    else:
        with pytest.raises(Undeclarable):
            office.declarations.declare(community.id, wanted, EVERYTHING, who="li")


def test_a_household_announces_by_its_link_and_sees_only_its_own(office: Office, community: Unit) -> None:
    link, secret = office.households.make(community.id, "3-2-501", EVERYTHING, who="li")
    other, _ = office.households.make(community.id, "1-1-101", EVERYTHING, who="li")
    opened = office.households.open(secret)
    made = office.declarations.declare_at_home(opened, visitor(office))
    assert (made.household, made.name) == ("3-2-501", "张三丰")
    assert [one.id for one in office.declarations.of_household(link)] == [made.id]
    assert office.declarations.of_household(other) == ()
    with pytest.raises(NotFound):
        office.declarations.own(made.id, other)
    assert office.declarations.get(made.id, EVERYTHING).name == "张*丰"


def test_a_household_has_ten_announcements_at_a_time(office: Office, community: Unit) -> None:
    link, _ = office.households.make(community.id, "3-2-501", EVERYTHING, who="li")
    made = [office.declarations.declare_at_home(link, visitor(office)) for _ in range(10)]
    with pytest.raises(Refused, match="at most 10"):
        office.declarations.declare_at_home(link, visitor(office))
    office.declarations.cancel(made[0], who="phone")
    office.declarations.declare_at_home(link, visitor(office))
    assert len({one.code for one in made}) == 10


def test_a_link_ends_when_it_is_revoked_replaced_or_old(office: Office, community: Unit, clock: ManualClock) -> None:
    link, secret = office.households.make(community.id, "3-2-501", EVERYTHING, who="li")
    _, newer = office.households.make(community.id, "3栋2单元501室", EVERYTHING, who="li")
    with pytest.raises(NotFound):
        office.households.open(secret)
    found = office.households.open(newer)
    assert [one.id for one in office.households.list(EVERYTHING)] == [found.id]
    office.households.revoke(found.id, EVERYTHING, who="li")
    for wrong in (newer, "", "x" * 500, "\ud800"):
        with pytest.raises(NotFound):
            office.households.open(wrong)
    _, third = office.households.make(community.id, "3-2-501", EVERYTHING, who="li")
    clock.go(days=366)
    with pytest.raises(NotFound):
        office.households.open(third)
    assert link.good(clock()) is False


def test_secrets_and_households_are_not_in_the_database(office: Office, community: Unit) -> None:
    from sqlalchemy import select

    from sync.office.db.lists import DeclarationRow, HouseholdLinkRow

    link, secret = office.households.make(community.id, "3-2-501", EVERYTHING, who="li")
    made = office.declarations.declare_at_home(link, visitor(office))
    with office.database.read() as tx:
        kept = repr(tx.execute(select(HouseholdLinkRow)).all()) + repr(tx.execute(select(DeclarationRow)).all())
    for plain in (secret, "3-2-501", "张三丰", "13812348000", made.code):
        assert plain not in kept


def test_cancelling_reaches_the_gate(office: Office, community: Unit) -> None:
    made = office.declarations.declare(community.id, visitor(office), EVERYTHING, who="li")
    office.declarations.cancel(office.declarations.get(made.id, EVERYTHING), who="li")
    (found,) = handed(office, community).find([token(office, community, "declaration", made.code)])
    assert found.state(office.now(), used=False) == "cancelled"
    version = office.publish.version(community.id)
    office.declarations.cancel(made, who="li")
    assert office.publish.version(community.id) == version


def test_whoever_was_let_in_uses_it_and_the_household_sees_where(
    office: Office, community: Unit, gate_end: GateEnd, clock: ManualClock
) -> None:
    made = office.declarations.declare(community.id, visitor(office), EVERYTHING, who="li")
    gate_end.passes(declaration=made.id, verdict="check")
    gate_end.passes(declaration=made.id, direction="out")
    gate_end.passes(declaration="no such id")
    gate_end.send()
    assert office.declarations.get(made.id, EVERYTHING).state(clock()) == "valid"
    at = clock.go(minutes=3)
    gate_end.passes(declaration=made.id)
    clock.go(minutes=5)
    gate_end.passes(declaration=made.id)
    gate_end.send(4)
    used = office.declarations.get(made.id, EVERYTHING)
    assert (used.state(clock()), used.used_at, used.used_gate) == ("used", at, "东门")
    office.publish.publish(community.id, {}, who="li")
    (found,) = handed(office, community).find([token(office, community, "declaration", made.code)])
    assert found.used


def test_another_communitys_gate_cannot_use_it_up(
    office: Office, community: Unit, street: Unit, gate_end: GateEnd
) -> None:
    other = office.units.add("community", "和平社区", "110101001002", street.id, who="test")
    made = office.declarations.declare(other.id, visitor(office), EVERYTHING, who="li")
    gate_end.passes(personal=PERSON, declaration=made.id)
    gate_end.send()
    assert office.declarations.get(made.id, EVERYTHING).used_at is None
    with pytest.raises(NotFound):
        office.declarations.get(made.id, Scope(community.id))


def test_an_expired_one_is_told_for_a_day_and_then_forgotten_by_the_gates(
    office: Office, community: Unit, clock: ManualClock
) -> None:
    made = office.declarations.declare(community.id, visitor(office), EVERYTHING, who="li")
    own = [tokens.token(office.units.token_key(community.id), "declaration", made.code)]
    clock.go(days=2, hours=1)
    office.publish.publish(community.id, {}, who="li")
    (found,) = handed(office, community).find(own)
    assert found.state(clock(), used=False) == "expired"
    clock.go(days=1)
    office.publish.publish(community.id, {}, who="li")
    assert handed(office, community).find(own) == ()
    assert office.declarations.list(EVERYTHING).total == 0
    assert office.declarations.list(EVERYTHING, only_open=False).total == 1


def test_an_announcement_is_forgotten_a_month_after_its_end_unless_days_are_held(
    office: Office, community: Unit, clock: ManualClock
) -> None:
    def declare() -> str:
        return office.declarations.declare(community.id, visitor(office), EVERYTHING, who="li").id

    first = declare()
    clock.go(days=2 + 30, seconds=-1)
    second = declare()
    assert {office.declarations.get(one, EVERYTHING).id for one in (first, second)} == {first, second}
    clock.go(seconds=2)
    held = office.retention.holds.hold(community.id, clock.at.date(), clock.at.date(), "案件", EVERYTHING, who="li")
    assert office.declarations.purge() == 0
    office.retention.holds.release(held.id, EVERYTHING, who="li")
    declare()  # which forgets by itself what is old
    assert office.declarations.purge() == 0
    with pytest.raises(NotFound):
        office.declarations.get(first, EVERYTHING)
    assert office.declarations.get(second, EVERYTHING).state(clock.at) == "valid"


def test_old_announcements_go_with_what_is_kept_no_longer_unless_the_clock_is_in_doubt(
    office: Office, community: Unit, clock: ManualClock
) -> None:
    made = office.declarations.declare(community.id, visitor(office), EVERYTHING, who="li")
    clock.go(days=2 + 31)
    office.retention.run(who="test")
    assert office.declarations.get(made.id, EVERYTHING).id == made.id
    office.retention.run(who="test", clock_is_right=True)
    with pytest.raises(NotFound):
        office.declarations.get(made.id, EVERYTHING)
