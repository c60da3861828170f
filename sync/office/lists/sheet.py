"""Lists of people out of Excel or CSV: read within limits, whatever the file; and the templates to fill in."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import Any

from sync.office.errors import Problem
from sync.office.lists import columns, spreadsheet
from sync.office.lists.spreadsheet import GAP, MOST_COLUMNS, TITLES_ABOVE, SheetError
from sync.office.lists.wanted import FIELDS, Wanted

MOST_BYTES = 8 * 1024 * 1024
LIMITS = spreadsheet.Limits(MOST_BYTES, unpacked=96 * 1024 * 1024, kinds=(".xlsx", ".csv"))
MOST_ROWS = 20_000
EVERY = 200  # rows between two words about the progress
ZIPPED = b"PK"

Advance = Callable[[int, int], None]  # done, of how many
Cells = Sequence[object]


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
    if not data.startswith(ZIPPED):
        LIMITS.check(data)
        return _found(register, [_csv_rows(data)], advance)
    book = LIMITS.open(data)
    try:
        return _found(register, [_page_rows(page) for page in spreadsheet.pages(book)], advance)
    except spreadsheet.DAMAGED as error:
        raise LIMITS.damaged() from error
    finally:
        book.close()


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
        raise LIMITS.damaged()
    if "\x00" in text:
        raise LIMITS.damaged()
    separator = "\t" if text.partition("\n")[0].count("\t") else ","
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    except csv.Error as error:
        raise LIMITS.damaged() from error


def _found(register: str, pages: Sequence[Iterator[Cells]], advance: Advance) -> Sheet:
    for rows in pages:
        for number, cells in zip(range(1, TITLES_ABOVE + 1), rows, strict=False):
            if found := columns.columns(register, cells):
                heads = [spreadsheet.head(cell) for cell in cells]
                ignored = tuple(head for at, head in enumerate(heads) if head and at not in found)
                return Sheet(tuple(_lines(register, found, enumerate(rows, number + 1), advance)), ignored)
    raise SheetError(
        f"没有找到表头：前 {TITLES_ABOVE} 行里要有“姓名”和“证件号码”等列，请用模板",
        f"no heading: one of the first {TITLES_ABOVE} rows must name the columns; please use the template",
    )


def _lines(register: str, found: dict[int, str], rows: Iterator[tuple[int, Cells]], advance: Advance) -> Iterator[Line]:
    empty = count = 0
    for row, cells in rows:
        given = {field: cells[at] for at, field in found.items() if at < len(cells) and spreadsheet.filled(cells[at])}
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
    import openpyxl
    from openpyxl.utils import get_column_letter

    book = openpyxl.Workbook()
    page: Any = book.active
    page.title = "名单 People"
    page.append([columns.column(register, field) for field in FIELDS[register]])
    for at, field in enumerate(FIELDS[register], 1):
        letter = get_column_letter(at)
        page.column_dimensions[letter].width = 24 if field in ("id_number", "do") else 16
        page.column_dimensions[letter].number_format = "@"
        if words := columns.CHOICES.get((register, field)):
            spreadsheet.offer(page, letter, words, MOST_ROWS)
    spreadsheet.style_head(page)
    notes = ((columns.column(register, field), columns.NOTES[field]) for field in FIELDS[register])
    last = ("", f"一个文件最多 {MOST_ROWS} 人。At most {MOST_ROWS} people in a file.")
    spreadsheet.explain(book, chain(notes, [last]))
    return spreadsheet.saved(book)
