"""Lists of people out of Excel or CSV: read within limits, whatever the file; and the templates to fill in."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import Any

import openpyxl
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.datavalidation import DataValidation

from kiosk.model import Saying
from sync.office.errors import Refused
from sync.office.lists import columns
from sync.office.lists.wanted import FIELDS, Problem, Wanted

MOST_BYTES = 8 * 1024 * 1024
MOST_UNPACKED = 96 * 1024 * 1024
MOST_PARTS = 300
MOST_ROWS = 20_000
MOST_COLUMNS = 40
TITLES_ABOVE = 10  # rows in which the heading is looked for
GAP = 50  # empty rows after which nothing more is expected
EVERY = 200  # rows between two words about the progress
OLD_EXCEL = b"\xd0\xcf\x11\xe0"
ZIPPED = b"PK"
DAMAGED = (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, TypeError, IndexError, AttributeError,
           SyntaxError, OSError)  # fmt: skip

Advance = Callable[[int, int], None]  # done, of how many
Cells = Sequence[object]


class SheetError(Refused):
    """A file that is no list; `say` tells what to do."""

    def __init__(self, zh: str, en: str) -> None:
        self.say = Saying(zh, en)
        super().__init__(en)


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the file: its number as Excel shows it, whom it names, what of it could not be read."""

    row: int
    wanted: Wanted
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a file holds. `ignored` are headings that nobody knows."""

    lines: tuple[Line, ...]
    ignored: tuple[str, ...]


def read(register: str, data: bytes, advance: Advance = lambda _done, _all: None) -> Sheet:
    """The people in an .xlsx or .csv. Raises SheetError."""
    if len(data) > MOST_BYTES:
        most = MOST_BYTES // 1024**2
        raise SheetError(f"文件超过 {most} MB，请分成几个", f"more than {most} MB: please split it")
    if data.startswith(OLD_EXCEL):
        raise SheetError(
            "这是旧版 .xls 或加了密码的文件，请另存为没有密码的 .xlsx",
            "an old .xls, or a file with a password: save it as .xlsx without one",
        )
    if not data.startswith(ZIPPED):
        return _found(register, [(0, _csv_rows(data))], advance)
    book = _opened(data)
    try:
        pages = [page for page in book.worksheets if hasattr(page, "iter_rows")]  # not a sheet that is a chart
        for page in pages:
            page.reset_dimensions()
        return _found(register, [(page.max_row or 0, _page_rows(page)) for page in pages], advance)
    except SheetError:
        raise
    except DAMAGED as error:
        raise _damaged() from error
    finally:
        book.close()


def _opened(data: bytes) -> Any:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            sizes = [part.file_size for part in parts.infolist()]
        if len(sizes) > MOST_PARTS or sum(sizes) > MOST_UNPACKED:
            raise SheetError("文件展开后过大，请只留名单", "too large once unpacked: leave only the list in it")
        return openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
    except DAMAGED as error:
        raise _damaged() from error


def _damaged() -> SheetError:
    return SheetError("不是 .xlsx 或 .csv 表格，或文件已损坏", "no .xlsx or .csv, or a damaged one")


def _page_rows(page: Any) -> Iterator[Cells]:
    yield from page.iter_rows(max_col=MOST_COLUMNS, values_only=True)


def _csv_rows(data: bytes) -> Iterator[Cells]:
    """The rows of a CSV as Chinese Excel or anybody else writes it. Raises SheetError."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise _damaged()
    if "\x00" in text:
        raise _damaged()
    separator = "\t" if text.partition("\n")[0].count("\t") else ","
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    except csv.Error as error:
        raise _damaged() from error


def _found(register: str, pages: Sequence[tuple[int, Iterator[Cells]]], advance: Advance) -> Sheet:
    for _count, rows in pages:
        for number, cells in zip(range(1, TITLES_ABOVE + 1), rows, strict=False):
            if found := columns.columns(register, cells):
                heads = [columns.plain_head(cell) for cell in cells]
                ignored = tuple(head for at, head in enumerate(heads) if head and at not in found)
                return Sheet(tuple(_lines(register, found, enumerate(rows, number + 1), advance)), ignored)
    raise SheetError(
        f"没有找到表头：前 {TITLES_ABOVE} 行里要有“姓名”和“证件号码”等列，请用模板",
        f"no heading: one of the first {TITLES_ABOVE} rows must name the columns; please use the template",
    )


def _lines(register: str, found: dict[int, str], rows: Iterator[tuple[int, Cells]], advance: Advance) -> Iterator[Line]:
    empty = count = 0
    for row, cells in rows:
        given = {field: cells[at] for at, field in found.items() if at < len(cells) and _said(cells[at])}
        empty = 0 if given else empty + 1
        if empty >= GAP:
            break
        if given:
            count += 1
            if count > MOST_ROWS:
                raise SheetError(
                    f"超过 {MOST_ROWS} 人，请分成几个文件", f"more than {MOST_ROWS} people: please split it"
                )
            if count % EVERY == 0:
                advance(count, 0)
            yield _line(register, row, given)
    if not count:
        raise SheetError("表头下面没有名单", "there is nobody below the heading")


def _said(cell: object) -> bool:
    return cell is not None and str(cell).strip() != ""


def _line(register: str, row: int, given: dict[str, object]) -> Line:
    values: dict[str, str | date] = {}
    problems: list[Problem] = []
    for field, cell in given.items():
        try:
            values[field] = columns.value(register, field, cell)
        except ValueError as error:
            if field not in ("begins", "ends"):
                values[field] = str(cell)[:80]
            problems.append(Problem(field, error.args[0]))
    return Line(row, columns.with_values(values), tuple(problems))


# --- the templates


def template(register: str) -> bytes:
    """An empty list to fill in: text columns, choices where there are some, and a page that explains them."""
    book = openpyxl.Workbook()
    page = book.active
    page.title = "名单 People"
    page.append([columns.column(register, field) for field in FIELDS[register]])
    for at, field in enumerate(FIELDS[register], 1):
        letter = get_column_letter(at)
        page.column_dimensions[letter].width = 24 if field in ("id_number", "do") else 16
        page.column_dimensions[letter].number_format = "@"
        head = page.cell(1, at)
        head.font, head.fill = Font(bold=True, color="FFFFFF"), PatternFill("solid", fgColor="0B4F6C")
        if words := columns.CHOICES.get((register, field)):
            choice = DataValidation(type="list", formula1=f'"{",".join(words)}"', allow_blank=True)
            page.add_data_validation(choice)
            choice.add(f"{letter}2:{letter}{MOST_ROWS + 1}")
    page.freeze_panes = "A2"
    _explained(book.create_sheet("说明 Help"), register)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _explained(page: Any, register: str) -> None:
    page.column_dimensions["A"].width, page.column_dimensions["B"].width = 18, 90
    notes = ((columns.column(register, field), columns.NOTES[field]) for field in FIELDS[register])
    last = ("", f"一个文件最多 {MOST_ROWS} 人。At most {MOST_ROWS} people in a file.")
    for row in chain(notes, [last]):
        page.append(row)
    for (cell,) in page.iter_rows(min_col=2, max_col=2):
        cell.alignment = Alignment(wrap_text=True, vertical="top")
