"""Passes in bulk: nothing is issued before somebody has seen every problem and confirmed."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from sync.office.db.tables import PassBatchRow
from sync.office.errors import NotFound, Refused
from sync.office.office import Office
from sync.office.passes import workbook
from sync.office.passes.batches import Batch, people
from sync.office.passes.wanted import Wanted
from sync.office.values import EVERYTHING, PassFilter, Scope, Unit
from tests.sync.office.conftest import ManualClock
from tests.sync.office.passes.sheets import crowd, xlsx

ROWS = [
    ["张三丰", "11010519491231002X", "3-2-501"],
    ["李小梅", "108X", "3栋2单元501室"],
    ["王芳", "110105194912310021", "1-1-1"],
    ["张 三丰", "002x", "9-9-9"],
]


def draft(office: Office, community: Unit, data: bytes = b"") -> Batch:
    listed = workbook.read(data or xlsx(ROWS), days=14, medium="paper")
    return office.batches.draft(community.id, "名单.xlsx", listed.lines, who="li")


def count(office: Office) -> int:
    return office.passes.list(EVERYTHING).total


def test_a_list_is_looked_at_before_anything_is_issued(office: Office, community: Unit) -> None:
    made = draft(office, community)
    assert count(office) == 0
    seen = office.batches.get(made.id, EVERYTHING)
    assert seen.rows == made.rows
    assert [row.row for row in seen.good] == [2, 3]
    told = {(row.row, problem.field): problem.say.en for row in seen.bad for problem in row.problems}
    assert "character 18 should be X" in told[4, "document"]
    assert told[5, "name"] == "the same person as in row 2"


def test_a_list_that_waits_is_sealed(office: Office, community: Unit) -> None:
    draft(office, community)
    with office.database.read() as tx:
        sealed = tx.scalars(select(PassBatchRow.sealed)).one()
    assert sealed
    assert "张三丰".encode() not in sealed


def test_confirming_issues_the_good_rows_once(office: Office, community: Unit) -> None:
    made = draft(office, community)
    done = office.batches.confirm(made.id, EVERYTHING, who="wang")
    assert office.batches.confirm(made.id, EVERYTHING, who="wang") == done
    assert (done.count, done.rows, done.issued_at, done.printed) == (2, (), office.now(), 0)
    rows = office.passes.list(EVERYTHING, wanted=PassFilter(batch=made.id)).rows
    assert sorted(row.name for row in rows) == ["张*丰", "李*梅"]
    assert [row.id for row in office.batches.list(EVERYTHING)] == [made.id]
    newest = office.audit.page(EVERYTHING).rows[0]
    assert (newest.who, newest.what, newest.detail) == ("wang", "pass.bulk", "2")


def test_who_has_a_valid_pass_is_shown_and_gets_no_second_unless_wanted(office: Office, community: Unit) -> None:
    held = office.passes.issue(community.id, "张三丰", "002X", "3-2-501", who="li")
    made = draft(office, community)
    assert [(row.row, row.valid) for row in made.holding] == [(2, held.number)]
    assert office.batches.confirm(made.id, EVERYTHING, who="li").count == 1
    again = draft(office, community)
    assert len(again.holding) == 2
    with pytest.raises(Refused, match="nobody"):
        office.batches.confirm(again.id, EVERYTHING, who="li")
    assert office.batches.confirm(again.id, EVERYTHING, who="li", again=True).count == 2


def test_a_pass_given_between_looking_and_confirming_counts(office: Office, community: Unit) -> None:
    made = draft(office, community)
    office.passes.issue(community.id, "李小梅", "108X", "3-2-501", who="wang")
    assert office.batches.confirm(made.id, EVERYTHING, who="li").count == 1


def test_a_revoked_or_expired_pass_is_no_valid_one(office: Office, community: Unit, clock: ManualClock) -> None:
    gone = office.passes.issue(community.id, "张三丰", "002X", "", who="li")
    office.passes.revoke(gone.serial, EVERYTHING, who="li")
    office.passes.issue(community.id, "李小梅", "108X", "", valid_days=1, who="li")
    clock.go(days=2)
    assert draft(office, community).holding == ()


def test_people_without_a_document_are_one_person_by_name_and_household(office: Office, community: Unit) -> None:
    rows = [["王奶奶", "", "1-1"], ["王奶奶", "", "1栋1"], ["王奶奶", "", "2-2"], ["路人", "", ""], ["路人", "", ""]]
    assert [row.row for row in draft(office, community, xlsx(rows)).bad] == [3]


def test_a_list_that_nobody_confirms_is_forgotten(office: Office, community: Unit, clock: ManualClock) -> None:
    made = draft(office, community)
    clock.go(hours=25)
    for act in (
        lambda: office.batches.get(made.id, EVERYTHING),
        lambda: office.batches.confirm(made.id, EVERYTHING, who="li"),
    ):
        with pytest.raises(NotFound):
            act()
    draft(office, community)
    with office.database.read() as tx:
        assert len(tx.scalars(select(PassBatchRow.id)).all()) == 1


def test_a_discarded_list_is_gone_and_an_issued_one_stays(office: Office, community: Unit) -> None:
    made = draft(office, community)
    office.batches.discard(made.id, EVERYTHING)
    with pytest.raises(NotFound):
        office.batches.get(made.id, EVERYTHING)
    issued = office.batches.confirm(draft(office, community).id, EVERYTHING, who="li")
    office.batches.discard(issued.id, EVERYTHING)
    assert office.batches.get(issued.id, EVERYTHING).count == 2


def test_a_list_of_another_branch_is_not_there(office: Office, street: Unit, community: Unit) -> None:
    other = office.units.add("community", "阳光社区", "", street.id, who="test")
    made = draft(office, community)
    for wrong in (made.id, "no id", ""):
        with pytest.raises(NotFound):
            office.batches.confirm(wrong, Scope(other.id), who="li")
    with pytest.raises(NotFound):
        office.batches.draft(community.id, "x", [], who="li", scope=Scope(other.id))
    assert count(office) == 0


def test_a_whole_estate_at_once(office: Office, community: Unit) -> None:
    made = draft(office, community, crowd(800))
    assert office.batches.confirm(made.id, EVERYTHING, who="li").count == 800
    assert office.passes.list(EVERYTHING, wanted=PassFilter(words="7-1-337")).total == 1


def test_printing_part_of_a_list_is_counted(office: Office, community: Unit) -> None:
    made = draft(office, community)
    office.batches.confirm(made.id, EVERYTHING, who="li")
    office.passes.in_clear(PassFilter(batch=made.id), EVERYTHING, who="li", medium="paper", most=1)
    assert office.batches.get(made.id, EVERYTHING).printed == 1


@pytest.mark.parametrize(
    ("line", "name", "document"),
    [
        ("张三 123X", "张三", "123X"),
        ("张三：110105 19491231 002X", "张三 110105 19491231", "002X"),
        ("张三:11010519491231002X", "张三", "11010519491231002X"),
        ("王奶奶", "王奶奶", ""),
        ("John Smith, E12345678", "John Smith", "E12345678"),
    ],
)
def test_a_household_is_typed_one_person_a_line(line: str, name: str, document: str) -> None:
    (found,) = people(["", line, "  "], Wanted("", household="3-2-501"))
    assert (found.row, found.wanted.name, found.wanted.document) == (2, name, document)
    assert found.wanted.household == "3-2-501"
