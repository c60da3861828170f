"""Lists in bulk: read, every problem named by row and column, confirmed whole, merged with what is there."""

from __future__ import annotations

import io

import openpyxl
import pytest

from sync.office.errors import NotFound, Refused
from sync.office.lists import sheet
from sync.office.lists.columns import column
from sync.office.lists.imports import Draft
from sync.office.lists.spreadsheet import SheetError
from sync.office.lists.values import Counts, ListedFilter
from sync.office.lists.wanted import Wanted
from sync.office.office import Office
from sync.office.values import EVERYTHING, Unit
from tests.sync.office.conftest import ManualClock
from tests.sync.office.lists.rosters import ROSTER_HEAD, ZHANG, crowd, csv, xlsx

ROWS = [
    ["张三丰", ZHANG, "", "", "密切接触者", "2026/11/20", "2026-12-06", "陈网格", "13900000001", "请联系网格员"],
    ["李小梅", "", "13712340000", "", "居家观察", "", "2026年12月1日", "", "", ""],
    ["王芳", "110105194912310021", "", "", "禁止进入", "", "", "", "", ""],
]


def read(office: Office, community: Unit, data: bytes, register: str = "watch", *, replaces: bool = False) -> Draft:
    found = sheet.read(register, data)
    return office.imports.draft(
        register, community.id, "名单.xlsx", found.lines, who="li", replaces=replaces, ignored=found.ignored
    )


def total(office: Office, register: str = "watch") -> int:
    return office.people.list(EVERYTHING, wanted=ListedFilter(register)).total


@pytest.mark.parametrize(
    "data", [xlsx(ROWS), csv(ROWS), csv(ROWS, encoding="gb18030"), csv(ROWS, encoding="utf-8-sig")]
)
def test_a_list_is_looked_at_before_it_counts(office: Office, community: Unit, data: bytes) -> None:
    draft = read(office, community, data)
    assert (len(draft.good), [row.row for row in draft.bad], draft.new) == (2, [4], 2)
    (problem,) = draft.bad[0].problems
    assert column("watch", problem.field) == "证件号码"
    assert "第 18 位应为 X" in problem.say.zh
    assert total(office) == 0
    assert office.imports.confirm(draft.id, EVERYTHING, who="li") == Counts(new=2)
    assert total(office) == 2
    with pytest.raises(NotFound):
        office.imports.confirm(draft.id, EVERYTHING, who="li")


def test_two_neighbouring_digits_that_were_swapped_are_named(office: Office, community: Unit) -> None:
    swapped = "110150194912310 02X".replace(" ", "")
    draft = read(office, community, xlsx([["赵六", swapped, "", "", "其他重点人员"]]))
    (problem,) = draft.bad[0].problems
    assert problem.field == "id_number"
    assert "可能写反了第 5、6 位" in problem.say.zh


def test_the_same_person_twice_in_a_list_is_one_entry(office: Office, community: Unit) -> None:
    later = ["张三丰", ZHANG, "13812348000", "", "密切接触者", "", "2026-12-10"]
    draft = read(office, community, xlsx([ROWS[0], later]))
    (row,) = draft.rows
    assert row.rows == (2, 3)
    office.imports.confirm(draft.id, EVERYTHING, who="li")
    (listed,) = office.people.list(EVERYTHING).rows
    assert listed.phone == "138****8000"
    assert listed.worker == "陈网格"
    assert listed.ends is not None
    assert listed.ends.date().isoformat() == "2026-12-10"


def test_one_number_with_two_names_is_a_problem(office: Office, community: Unit) -> None:
    draft = read(office, community, xlsx([ROWS[0], ["张四", ZHANG, "", "", "密切接触者"]]))
    assert not draft.good
    assert "第 2 行与第 3 行号码相同而姓名不同" in draft.bad[0].problems[0].say.zh


def test_whoever_is_listed_already_is_merged_and_told_before(office: Office, community: Unit) -> None:
    office.people.add("watch", community.id, Wanted("张三丰", ZHANG, why="close-contact"), who="li")
    draft = read(office, community, xlsx(ROWS))
    assert draft.new == 1
    assert [row.there for row in draft.good] == [True, False]
    assert office.imports.confirm(draft.id, EVERYTHING, who="li") == Counts(new=1, merged=1)
    again = read(office, community, xlsx(ROWS))
    assert office.imports.confirm(again.id, EVERYTHING, who="li") == Counts(same=2)
    assert total(office) == 2


def test_a_roster_that_replaces_drops_whoever_is_not_in_it(office: Office, community: Unit) -> None:
    first = [["张三", "", "13800000001", "", "1-1-101", "居民"], ["李四", "", "13800000002", "", "", "工作人员"]]
    office.imports.confirm(read(office, community, xlsx(first, ROSTER_HEAD), "roster").id, EVERYTHING, who="li")
    draft = read(office, community, xlsx(first[1:], ROSTER_HEAD), "roster", replaces=True)
    assert office.imports.confirm(draft.id, EVERYTHING, who="li") == Counts(same=1, gone=1)
    assert total(office, "roster") == 1


def test_a_replacing_list_with_a_problem_changes_nothing(office: Office, community: Unit) -> None:
    rows = [["张三", "", "13800000001", "", "1-1-101", "居民"], ["李四", "", "138", "", "", "工作人员"]]
    draft = read(office, community, xlsx(rows, ROSTER_HEAD), "roster", replaces=True)
    with pytest.raises(Refused):
        office.imports.confirm(draft.id, EVERYTHING, who="li")
    assert total(office, "roster") == 0


def test_a_draft_is_its_makers_and_good_for_an_hour(office: Office, community: Unit, clock: ManualClock) -> None:
    draft = read(office, community, xlsx(ROWS))
    with pytest.raises(NotFound):
        office.imports.get(draft.id, EVERYTHING, who="wang")
    clock.go(minutes=61)
    with pytest.raises(NotFound):
        office.imports.confirm(draft.id, EVERYTHING, who="li")


def test_a_dropped_list_leaves_nothing(office: Office, community: Unit) -> None:
    draft = read(office, community, xlsx(ROWS))
    office.imports.discard(draft.id, EVERYTHING, who="li")
    with pytest.raises(NotFound):
        office.imports.get(draft.id, EVERYTHING, who="li")


def test_people_wait_in_the_database_under_seal(office: Office, community: Unit) -> None:
    from sqlalchemy import select

    from sync.office.db.lists import ListDraftRow, ListedRow

    draft = read(office, community, xlsx(ROWS[:2]))
    with office.database.read() as tx:
        waiting = tx.scalar(select(ListDraftRow.sealed)) or b""
    office.imports.confirm(draft.id, EVERYTHING, who="li")
    with office.database.read() as tx:
        kept = repr(tx.execute(select(ListedRow)).all()).encode()
    for plain in ("张三丰", ZHANG, "13712340000"):
        assert plain.encode() not in waiting + kept


def test_long_numbers_that_excel_rounded_are_told_apart_from_wrong_ones() -> None:
    (line,) = sheet.read("watch", xlsx([["张三", 110105194912310000, "", "", "禁止进入"]])).lines
    assert "设为文本" in line.problems[0].say.zh


def test_progress_is_told_and_many_rows_are_taken(office: Office, community: Unit) -> None:
    told: list[int] = []
    found = sheet.read("watch", xlsx(crowd(1000)), lambda done, _all: told.append(done))
    assert told == [200, 400, 600, 800, 1000]
    steps: list[tuple[int, int]] = []
    draft = office.imports.draft(
        "watch",
        community.id,
        "",
        found.lines,
        who="li",
        advance=lambda done, everybody: steps.append((done, everybody)),
    )
    assert steps[0] == (0, 1000)
    assert (len(draft.good), draft.bad) == (1000, ())
    assert office.imports.confirm(draft.id, EVERYTHING, who="li").new == 1000
    assert office.people.list(EVERYTHING).total == 1000


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\xd0\xcf\x11\xe0" + bytes(50), "另存为没有密码的 .xlsx"),
        (b"PK\x03\x04 broken", "文件已损坏"),
        (b"\x00\x01\x02\xff", "文件已损坏"),
        (xlsx([["a"]], ["商品"]), "没有找到表头"),
        (xlsx([]), "表头下面没有名单"),
        (b"", "没有找到表头"),
        (bytes(sheet.MOST_BYTES + 1), "文件超过 8 MB"),
    ],
)
def test_a_file_that_is_no_list_is_explained(data: bytes, said: str) -> None:
    with pytest.raises(SheetError) as refused:
        sheet.read("watch", data)
    assert said in refused.value.say.zh


@pytest.mark.parametrize("register", ["watch", "roster"])
def test_the_template_takes_people_as_it_is(office: Office, community: Unit, register: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(sheet.template(register)))
    page = book.worksheets[0]
    why = {"watch": "禁止进入", "roster": "工作人员"}[register]
    heads = [cell.value for cell in page[1]]
    page.cell(2, 1, "张三丰")
    page.cell(2, 2, ZHANG)
    page.cell(2, heads.index("类别" if register == "watch" else "身份") + 1, why)
    out = io.BytesIO()
    book.save(out)
    draft = read(office, community, out.getvalue(), register)
    assert (len(draft.good), draft.bad) == (1, ())
