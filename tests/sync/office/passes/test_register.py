"""The register of passes: issued, found, issued anew, revoked; what is handed over is what gates believe."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from kiosk import codes
from kiosk.codes import ReadContext, Revoked, Trust
from kiosk.model import HealthCode, Reason, Verification
from sync.office.db.tables import PassRow
from sync.office.errors import NotFound, Refused
from sync.office.office import Office
from sync.office.passes.wanted import Unissuable, Wanted
from sync.office.values import EVERYTHING, IssuedPass, PassFilter, Scope, Unit
from tests.sync.office.conftest import ManualClock


def at_a_gate(office: Office, community: Unit, text: str) -> HealthCode:
    """What a gate of the community makes of a symbol, by the newest bundle."""
    office.publish.ensure(community.id)
    manifest = office.publish.manifest(community.id)
    assert manifest is not None
    trust, revoked = (office.publish.document(manifest.sections[name]) for name in ("trust", "revoked"))
    return codes.read(text, ReadContext(office.now(), Trust.from_section(trust), Revoked.from_section(revoked)))


def issue(office: Office, community: Unit, name: str = "张三丰", last4: str = "1234", **more: object) -> IssuedPass:
    home = str(more.pop("household", "3-2-501"))
    return office.passes.issue(community.id, name, last4, home, who="li", **more)  # type: ignore[arg-type]


def found(office: Office, **wanted: object) -> list[str]:
    return [item.serial for item in office.passes.list(EVERYTHING, wanted=PassFilter(**wanted)).rows]  # type: ignore[arg-type]


def test_of_a_whole_id_number_only_the_last_four_are_kept(office: Office, community: Unit) -> None:
    issued = issue(office, community, last4="110105 19491231 002x")
    assert issued.id_last4 == "002X"
    assert at_a_gate(office, community, issued.text).holder.id_last4 == "002X"
    with office.database.read() as tx:
        assert b"19491231" not in tx.scalars(select(PassRow.sealed)).one()


def test_a_number_whose_check_fails_is_refused_with_its_field_and_digit(office: Office, community: Unit) -> None:
    with pytest.raises(Unissuable, match="character 18 should be X") as refused:
        issue(office, community, last4="110105194912310021")
    assert [problem.field for problem in refused.value.problems] == ["document"]


def test_every_problem_is_named_at_once(office: Office, community: Unit) -> None:
    with pytest.raises(Unissuable) as refused:
        issue(office, community, "", "12", kind="king", medium="stone", phone="12", household="x" * 61, valid_days=0)
    fields = [problem.field for problem in refused.value.problems]
    assert fields == ["name", "household", "document", "phone", "kind", "medium", "days"]


def test_a_name_too_long_for_a_readable_symbol_is_refused(office: Office, community: Unit) -> None:
    with pytest.raises(Unissuable, match="symbol"):
        issue(office, community, "王" * 58)


def test_a_household_is_issued_all_or_none(office: Office, community: Unit) -> None:
    people = [Wanted("张三", "123X", "3-2-501"), Wanted("李四", "12", "3-2-501")]
    with pytest.raises(Unissuable):
        office.passes.issue_all(community.id, people, who="li")
    assert office.passes.list(EVERYTHING).total == 0
    assert len(office.passes.issue_all(community.id, people[:1] * 2, who="li")) == 2


def test_a_gate_learns_what_a_pass_was_made_for(office: Office, community: Unit) -> None:
    assert at_a_gate(office, community, issue(office, community).text).medium == "paper"
    assert at_a_gate(office, community, issue(office, community, medium="phone").text).medium == "phone"


def test_a_last_day_is_good_to_its_end_by_the_offices_own_clock(office: Office, community: Unit) -> None:
    wanted = Wanted("张三", "123X", until=office.passes.today() + timedelta(days=2))
    (issued,) = office.passes.issue_all(community.id, [wanted], who="li")
    assert issued.valid_until.isoformat() == "2026-11-25T00:00:00+08:00"


@pytest.mark.parametrize("words", ["张三丰", "张 三丰", "3-2-501", "3栋2单元501室", "３－２－５０１"])
def test_a_pass_is_found_by_name_or_household_however_they_are_written(
    office: Office, community: Unit, words: str
) -> None:
    issued = issue(office, community)
    issue(office, community, "李四", household="3-2-50")
    assert found(office, words=words) == [issued.serial]


def test_a_pass_is_found_by_its_number_and_its_serial(office: Office, community: Unit) -> None:
    issued = issue(office, community)
    issue(office, community, "李四")
    assert found(office, words=issued.number) == [issued.serial]
    assert found(office, words=issued.number.replace("-", " ")) == [issued.serial]
    assert found(office, words=issued.serial.upper()) == [issued.serial]
    assert found(office, words="张三") == []


def test_filters_join(office: Office, street: Unit, community: Unit, clock: ManualClock) -> None:
    other = office.units.add("community", "阳光社区", "", street.id, who="test")
    short = issue(office, community, valid_days=1)
    phone = issue(office, community, "李四", medium="phone", kind="visitor")
    gone = issue(office, other, "王五")
    office.passes.revoke(gone.serial, EVERYTHING, who="li", why="搬走")
    clock.go(days=2)
    assert found(office, state="valid") == [phone.serial]
    assert found(office, state="expired") == [short.serial]
    assert found(office, state="revoked") == [gone.serial]
    assert found(office, kind="visitor", medium="phone") == [phone.serial]
    assert found(office, community=other.id) == [gone.serial]
    assert found(office, words="李四", state="expired") == []
    assert office.passes.list(Scope(other.id), wanted=PassFilter(words="李四")).total == 0


def test_marks_differ_by_community_and_tell_no_name(office: Office, street: Unit, community: Unit) -> None:
    other = office.units.add("community", "阳光社区", "", street.id, who="test")
    issue(office, community)
    issue(office, other)
    with office.database.read() as tx:
        rows = tx.execute(select(PassRow.name_mark, PassRow.person_mark, PassRow.household_mark)).all()
    assert all(len(set(column)) == 2 for column in zip(*rows, strict=True))


def test_passes_of_an_older_version_are_found_too(office: Office, community: Unit) -> None:
    issued = issue(office, community)
    bare = {"number": "", "name_mark": None, "person_mark": None, "household_mark": None, "medium": ""}
    with office.database.write() as tx:
        tx.execute(update(PassRow).values(**bare))
    assert found(office, words="张三丰") == []
    office.passes.index_older()
    office.passes.index_older()
    assert found(office, words="张三丰") == found(office, words=issued.number) == [issued.serial]


def test_a_pass_issued_anew_names_the_same_person_and_voids_the_old_one(
    office: Office, community: Unit, clock: ManualClock
) -> None:
    old = issue(office, community, kind="worker")
    clock.go(days=3)
    new = office.passes.reissue(old.serial, "证件遗失", EVERYTHING, who="wang")
    assert new.serial != old.serial
    assert (new.name, new.id_last4, new.household, new.kind) == (old.name, old.id_last4, old.household, old.kind)
    assert (new.valid_from, new.valid_until) == (office.now(), old.valid_until)
    assert at_a_gate(office, community, old.text).reason is Reason.REVOKED
    assert at_a_gate(office, community, new.text).verification is Verification.VERIFIED
    gone = office.passes.get(old.serial, EVERYTHING)
    assert (gone.revoked_by, gone.revoked_why) == ("wang", "证件遗失")
    after = office.passes.replaced_by(old.serial, EVERYTHING)
    assert after is not None
    assert (after.serial, after.replaces) == (new.serial, old.serial)
    assert office.passes.replaced_by(new.serial, EVERYTHING) is None


def test_issuing_anew_needs_a_reason_and_happens_once(office: Office, community: Unit, clock: ManualClock) -> None:
    old = issue(office, community)
    with pytest.raises(Refused, match="why"):
        office.passes.reissue(old.serial, "  ", EVERYTHING, who="li")
    new = office.passes.reissue(old.serial, "lost", EVERYTHING, who="li", medium="phone", days=30)
    assert (new.medium, new.valid_until - new.valid_from) == ("phone", timedelta(days=30))
    with pytest.raises(Refused, match="replaced already"):
        office.passes.reissue(old.serial, "lost", EVERYTHING, who="li")
    assert office.passes.list(EVERYTHING).total == 2
    clock.go(days=40)
    with pytest.raises(Refused, match="expired"):
        office.passes.reissue(new.serial, "lost", EVERYTHING, who="li")
    with pytest.raises(NotFound):
        office.passes.reissue(new.serial, "lost", Scope("0" * 8), who="li", days=3)


def test_a_pass_that_was_revoked_when_it_was_lost_can_still_be_issued_anew(office: Office, community: Unit) -> None:
    old = issue(office, community)
    office.passes.revoke(old.serial, EVERYTHING, who="li", why="lost")
    office.passes.reissue(old.serial, "found nowhere", EVERYTHING, who="wang")
    assert office.passes.get(old.serial, EVERYTHING).revoked_why == "lost"


def test_a_household_is_revoked_whole_and_alone(office: Office, community: Unit) -> None:
    ours = [issue(office, community, name) for name in ("张三", "李四")]
    theirs = issue(office, community, "王五", household="3-2-502")
    assert office.passes.revoke_household(community.id, "3栋2单元501", EVERYTHING, who="li", why="搬走") == 2
    assert {at_a_gate(office, community, each.text).reason for each in ours} == {Reason.REVOKED}
    assert at_a_gate(office, community, theirs.text).verification is Verification.VERIFIED
    for nothing in ("3-2-501", "", "9-9-9"):
        with pytest.raises(NotFound):
            office.passes.revoke_household(community.id, nothing, EVERYTHING, who="li")


def test_what_is_printed_is_the_same_pass_signed_again_and_noted(office: Office, community: Unit) -> None:
    issued = issue(office, community)
    phone = issue(office, community, "李四", medium="phone")
    gone = issue(office, community, "王五")
    office.passes.revoke(gone.serial, EVERYTHING, who="li")
    (again,) = office.passes.in_clear(PassFilter(), EVERYTHING, who="wang", medium="paper")
    assert (again.serial, again.name, again.number, again.issuer) == (
        *(issued.serial, "张三丰", issued.number),
        "测试街道办 幸福社区",
    )
    read = at_a_gate(office, community, again.text)
    assert (read.verification, read.serial) == (Verification.VERIFIED, issued.serial)
    assert office.passes.get(issued.serial, EVERYTHING).printed_at == office.now()
    assert office.passes.get(phone.serial, EVERYTHING).printed_at is None
    newest = office.audit.page(EVERYTHING).rows[0]
    assert (newest.who, newest.what, newest.subject) == ("wang", "pass.print", issued.serial)
    assert office.passes.in_clear(PassFilter(), Scope(community.id), who="li", medium="phone")[0].name == "李四"


def test_a_long_list_is_handed_out_in_parts(office: Office, community: Unit) -> None:
    wanted = [Wanted(f"张{number}", "1234") for number in "一二三四五"]
    serials = [each.serial for each in office.passes.issue_all(community.id, wanted, who="li")]
    parts = [
        office.passes.in_clear(PassFilter(), EVERYTHING, who="li", medium="paper", first=first, most=2)
        for first in (0, 2, 4, 6)
    ]
    assert [len(part) for part in parts] == [2, 2, 1, 0]
    assert [each.serial for part in parts for each in part] == serials


def test_a_sheet_keeps_the_order_of_the_list(office: Office, community: Unit) -> None:
    names = [f"张{number}" for number in "一二三四五六七八"]
    office.passes.issue_all(community.id, [Wanted(name, "1234", "3-2-501") for name in names], who="li")
    printed = office.passes.in_clear(PassFilter(), EVERYTHING, who="li", medium="paper")
    assert [each.name for each in printed] == names
