"""Links to a pass on a phone: unguessable, short-lived, one at a time, and they tell nothing but the pass."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from sync.office.db.tables import PassLinkRow
from sync.office.errors import NotFound, Refused
from sync.office.office import Office
from sync.office.values import EVERYTHING, IssuedPass, Scope, Unit
from tests.sync.office.conftest import ManualClock
from tests.sync.office.passes.test_register import at_a_gate


def on_phone(office: Office, community: Unit) -> IssuedPass:
    return office.passes.issue(community.id, "张三丰", "1234", "3-2-501", medium="phone", who="li")


def test_a_link_shows_the_pass_until_it_expires(office: Office, community: Unit, clock: ManualClock) -> None:
    issued = on_phone(office, community)
    link = office.links.make(issued.serial, EVERYTHING, who="li")
    shown = office.links.open(link.secret)
    assert (shown.serial, shown.name) == (issued.serial, "张三丰")
    assert at_a_gate(office, community, shown.text).medium == "phone"
    clock.go(hours=24)
    with pytest.raises(NotFound):
        office.links.open(link.secret)


def test_only_the_hash_of_a_link_is_kept_and_its_making_is_noted(office: Office, community: Unit) -> None:
    issued = on_phone(office, community)
    link = office.links.make(issued.serial, EVERYTHING, who="li")
    assert len(link.secret) >= 26
    with office.database.read() as tx:
        assert tx.scalars(select(PassLinkRow.hash)).one() != link.secret
    newest = office.audit.page(EVERYTHING).rows[0]
    assert (newest.what, newest.subject) == ("pass.link", issued.serial)
    assert link.secret not in str(newest)


def test_a_newer_link_voids_the_older(office: Office, community: Unit) -> None:
    issued = on_phone(office, community)
    first, second = (office.links.make(issued.serial, EVERYTHING, who="li") for _ in range(2))
    with pytest.raises(NotFound):
        office.links.open(first.secret)
    assert office.links.open(second.secret).serial == issued.serial


def test_a_revoked_or_expired_pass_is_not_shown(office: Office, community: Unit, clock: ManualClock) -> None:
    gone = on_phone(office, community)
    link = office.links.make(gone.serial, EVERYTHING, who="li")
    office.passes.revoke(gone.serial, EVERYTHING, who="li")
    with pytest.raises(NotFound):
        office.links.open(link.secret)
    with pytest.raises(Refused, match="no longer valid"):
        office.links.make(gone.serial, EVERYTHING, who="li")


def test_a_pass_made_for_paper_gets_no_link(office: Office, community: Unit) -> None:
    paper = office.passes.issue(community.id, "张三丰", "1234", "", who="li")
    with pytest.raises(Refused, match="anew for a phone"):
        office.links.make(paper.serial, EVERYTHING, who="li")
    with pytest.raises(NotFound):
        office.links.make(on_phone(office, community).serial, Scope("0" * 8), who="li")


@pytest.mark.parametrize("secret", ["", "x", "\x00", "张" * 9999, "a" * 27])
def test_what_is_no_link_opens_nothing(office: Office, community: Unit, secret: str) -> None:
    on_phone(office, community)
    with pytest.raises(NotFound):
        office.links.open(secret)
