"""Lists out of Excel: read however people lay them out, refused clearly when they are none."""

from __future__ import annotations

import contextlib
import io
import zipfile
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.formula import ArrayFormula

from sync.office.lists.spreadsheet import SheetError
from sync.office.passes import workbook
from sync.office.passes.wanted import Wanted
from sync.office.passes.workbook import Sheet
from tests.sync.office.passes.sheets import HEAD, crowd, xlsx

PERSON = ["张三丰", "11010519491231002X", "3-2-501", "访客", "13812348000", "手机", date(2026, 12, 31)]


def read(data: bytes) -> Sheet:
    return workbook.read(data, days=14, medium="paper")


def problems(row: list[Any]) -> dict[str, str]:
    (line,) = read(xlsx([row])).lines
    return {problem.field: problem.say.en for problem in line.problems}


def test_a_filled_in_template_is_read() -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook.template()))
    for column, value in enumerate(PERSON, 1):
        book.worksheets[0].cell(2, column).value = value
    out = io.BytesIO()
    book.save(out)
    (line,) = read(out.getvalue()).lines
    assert line.wanted == Wanted(
        "张三丰", "11010519491231002X", "3-2-501", "13812348000", "visitor", "phone", 14, date(2026, 12, 31)
    )
    assert (line.row, line.problems) == (2, ())


def test_what_a_row_does_not_say_is_as_chosen_for_the_file() -> None:
    (line,) = workbook.read(xlsx([["张三"]]), days=30, medium="phone").lines
    assert (line.wanted.days, line.wanted.medium, line.wanted.kind) == (30, "phone", "resident")


def test_titles_above_other_orders_and_unknown_columns_are_no_trouble() -> None:
    sheet = read(
        xlsx([["", "3-2-501", "张三", "0042", "好人"]], ["序号", "地址", "姓名（必填）", "ID", "备注"], above=3)
    )
    (line,) = sheet.lines
    assert (line.row, line.wanted.name, line.wanted.household, line.wanted.document) == (5, "张三", "3-2-501", "0042")
    assert sheet.ignored == ("序号", "备注")


def test_the_sheet_with_the_heading_is_found_and_empty_rows_are_passed_over() -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].append(["封面"])
    page = book.create_sheet("名单")
    for row in (["姓名"], ["张三"], [], [None, " "], ["李四"]):
        page.append(row)
    out = io.BytesIO()
    book.save(out)
    sheet = read(out.getvalue())
    assert (sheet.title, [line.row for line in sheet.lines]) == ("名单", [2, 5])


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("2026-12-31", date(2026, 12, 31)),
        ("2026/12/31", date(2026, 12, 31)),
        ("2026年12月31日", date(2026, 12, 31)),
        (datetime(2026, 12, 31, 8), date(2026, 12, 31)),  # noqa: DTZ001 - a workbook knows no zones
    ],
)
def test_a_last_day_is_understood_as_people_write_it(value: object, day: date) -> None:
    assert read(xlsx([[*PERSON[:6], value]])).lines[0].wanted.until == day


def test_what_cannot_be_read_of_a_row_is_named_by_its_column() -> None:
    assert "formula" in problems(["=A1", "0042"])["name"]
    assert "rounded" in problems(["张三", 110105194912310023])["document"]
    assert "no date" in problems([*PERSON[:6], "31/12"])["until"]
    assert "text" in problems(["张三", "0042", "", "", True])["phone"]
    assert problems(["张三", 42, "", "", 13812348000]) == {}


def test_a_formula_over_several_cells_is_one_too() -> None:
    book = openpyxl.load_workbook(io.BytesIO(xlsx([["张三", "0042"]])))
    book.worksheets[0]["A2"] = ArrayFormula("A2:A2", "=A1&A1")
    out = io.BytesIO()
    book.save(out)
    (line,) = read(out.getvalue()).lines
    assert "formula" in line.problems[0].say.en


def test_short_numbers_keep_what_excel_left_of_them() -> None:
    (line,) = read(xlsx([["张三", 1234.0, "", "", 13812348000]])).lines
    assert (line.wanted.document, line.wanted.phone) == ("1234", "13812348000")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "no .xlsx"),
        (b"name,id\nZhang,1234", "no .xlsx"),
        (b"\xd0\xcf\x11\xe0" + bytes(100), "old .xls, or a file with a password"),
        (b"PK\x03\x04" + bytes(100), "no .xlsx"),
        (bytes(workbook.MOST_BYTES + 1), "split"),
    ],
)
def test_a_file_that_is_no_workbook_says_what_to_do(data: bytes, words: str) -> None:
    with pytest.raises(SheetError, match=words):
        read(data)


def test_a_wrong_sheet_says_what_is_missing_and_what_it_has() -> None:
    with pytest.raises(SheetError) as refused:
        read(xlsx([["a", 1]], ["商品", "数量"], name="库存"))
    assert "库存" in refused.value.say.zh
    assert "姓名" in refused.value.say.zh
    with pytest.raises(SheetError, match="nobody below"):
        read(xlsx([]))


def test_more_people_than_a_file_may_hold_are_refused() -> None:
    assert len(read(crowd(workbook.MOST_ROWS)).lines) == workbook.MOST_ROWS
    with pytest.raises(SheetError, match="more than 2000"):
        read(crowd(workbook.MOST_ROWS + 1))


def _rezipped(data: bytes, **parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, parts.get(name.rpartition("/")[2].partition(".")[0], old.read(name)))
    return out.getvalue()


def test_a_workbook_that_unfolds_into_too_much_is_refused_before_it_is_read() -> None:
    bomb = _rezipped(xlsx([["张三"]]), sheet1=bytes(workbook.MOST_UNPACKED + 1))
    assert len(bomb) < 100_000
    with pytest.raises(SheetError, match="too large once unpacked"):
        read(bomb)


def test_xml_that_unfolds_without_end_is_refused() -> None:
    laughs = b"".join(b'<!ENTITY a%d "%s">' % (at, b"&a%d;" % (at - 1) * 10) for at in range(1, 10))
    evil = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a0 "ha">' + laughs + b"]><worksheet>&a9;</worksheet>"
    with pytest.raises(SheetError, match="damaged"):
        read(_rezipped(xlsx([["张三"]]), sheet1=evil))


def test_a_file_of_which_a_part_was_overwritten_is_one_clear_refusal() -> None:
    data = bytearray(_rezipped(xlsx([[f"张{number}", "0042"] for number in range(500)])))
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        starts = next(part.header_offset for part in parts.infolist() if part.filename.endswith("sheet1.xml"))
    for at in range(starts + 120, starts + 400):
        data[at] ^= 0x5A
    with pytest.raises(SheetError, match="damaged"):
        read(bytes(data))


@pytest.mark.parametrize("part", ["sheet1", "workbook", "sharedStrings", "styles"])
@pytest.mark.parametrize("content", [b"", b"<", b"<x/>", bytes(50), b"<worksheet><sheetData><row><c t='s'><v>9"])
def test_damaged_parts_are_one_clear_refusal(part: str, content: bytes) -> None:
    with contextlib.suppress(SheetError):  # nothing else, whatever openpyxl stumbles over
        assert read(_rezipped(xlsx([["张三"]]), **{part: content})).lines


def test_every_column_of_the_template_has_its_explanation() -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook.template()))
    explained = [str(cell.value) for cell in book.worksheets[1]["A"]]
    assert [str(cell.value) for cell in book.worksheets[0][1]] == explained[: len(HEAD)]
