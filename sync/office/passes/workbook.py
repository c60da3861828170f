"""Lists of people out of Excel: read within limits, whatever the file; and the template to fill in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sync.office.errors import Problem
from sync.office.lists import spreadsheet
from sync.office.lists.spreadsheet import GAP, MOST_COLUMNS, TITLES_ABOVE, SheetError
from sync.office.passes.wanted import Wanted

MOST_BYTES = 2 * 1024 * 1024
MOST_UNPACKED = 16 * 1024 * 1024
LIMITS = spreadsheet.Limits(MOST_BYTES, MOST_UNPACKED)
MOST_ROWS = 2000

COLUMNS: Mapping[str, tuple[str, ...]] = {  # the first spelling is the template's
    "name": ("姓名", "NAME"),
    "document": ("证件号码或后四位", "证件号码", "身份证号", "身份证号码", "身份证后四位", "证件号", "ID", "DOCUMENT"),
    "household": ("住户", "户号", "楼栋单元房号", "地址", "HOUSEHOLD"),
    "kind": ("类别", "KIND"),
    "phone": ("电话", "手机", "手机号", "联系电话", "PHONE"),
    "medium": ("载体", "MEDIUM"),
    "until": ("有效期至", "UNTIL"),
}
KINDS = {"居民": "resident", "访客": "visitor", "务工": "worker", "务工人员": "worker", "返乡": "returnee",
         "返乡人员": "returnee"}  # fmt: skip
MEDIA = {"纸质": "paper", "纸": "paper", "手机": "phone"}
HEADS = {spelling: field for field, spellings in COLUMNS.items() for spelling in spellings}


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the sheet: its number as Excel shows it, what it asks for, what of it could not be read."""

    row: int
    wanted: Wanted
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a file holds. `ignored` are headings that nobody knows."""

    title: str
    lines: tuple[Line, ...]
    ignored: tuple[str, ...]


def read(data: bytes, *, days: int, medium: str) -> Sheet:
    """The people in an .xlsx; `days` and `medium` hold where a row says nothing. Raises SheetError."""
    book = LIMITS.open(data)
    try:
        for page in spreadsheet.pages(book):
            if (found := _heading(page)) is not None:
                return _sheet(page, *found, Wanted("", days=days, medium=medium))
        named = "、".join(name[:20] for name in book.sheetnames[:5])
    except spreadsheet.DAMAGED as error:
        raise LIMITS.damaged() from error
    finally:
        book.close()
    raise SheetError(
        f"没有找到表头：工作表（{named}）前 {TITLES_ABOVE} 行里要有“姓名”一列，请用模板",
        f"no heading: one of the first {TITLES_ABOVE} rows must have a column 姓名 (name); please use the template",
    )


def column(field: str) -> str:
    """The heading of a field as the template writes it; of one that has none, its name."""
    return COLUMNS.get(field, (field,))[0]


def _heading(page: Any) -> tuple[int, dict[int, str], tuple[str, ...]] | None:
    """The heading's row number, which field stands in which column, and the headings that nobody knows."""
    for number, cells in enumerate(page.iter_rows(max_row=TITLES_ABOVE, max_col=MOST_COLUMNS, values_only=True), 1):
        heads = [spreadsheet.head(cell) for cell in cells]
        if "name" in {HEADS.get(head) for head in heads}:
            fields = {at: HEADS[head] for at, head in enumerate(heads) if head in HEADS}
            return number, fields, tuple(head for head in heads if head and head not in HEADS)
    return None


def _sheet(page: Any, heading: int, fields: Mapping[int, str], ignored: Sequence[str], basis: Wanted) -> Sheet:
    lines: list[Line] = []
    empty = 0
    rows = page.iter_rows(min_row=heading + 1, max_col=MOST_COLUMNS, values_only=True)
    for row, cells in enumerate(rows, heading + 1):
        given = {field: cells[at] for at, field in fields.items() if at < len(cells) and spreadsheet.filled(cells[at])}
        empty = 0 if given else empty + 1
        if empty >= GAP:
            break
        if given:
            lines.append(_line(row, given, basis))
        if len(lines) > MOST_ROWS:
            raise SheetError(f"超过 {MOST_ROWS} 人，请分成几个文件", f"more than {MOST_ROWS} people: please split it")
    if not lines:
        raise SheetError("表头下面没有名单", "there is nobody below the heading")
    return Sheet(page.title, tuple(lines), tuple(ignored))


def _line(row: int, given: Mapping[str, Any], basis: Wanted) -> Line:
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for field, cell in given.items():
        try:
            values[field] = _value(field, cell)
        except ValueError as error:
            values[field] = None if field == "until" else str(cell)[:80]
            problems.append(Problem(field, error.args[0]))
    wanted = Wanted(**{**{key: getattr(basis, key) for key in ("name", "days", "medium")}, **values})
    return Line(row, wanted, tuple(problems))


def _value(field: str, cell: object) -> Any:
    """Raises ValueError with the words (a Saying) for what cannot be taken."""
    if field == "until":
        return spreadsheet.day(cell)
    text = spreadsheet.text(cell)
    known = {"kind": KINDS, "medium": MEDIA}.get(field, {})
    return known.get(text, text)


# --- the template


def template() -> bytes:
    """An empty list to fill in: text columns, choices where there are some, and a page that explains them."""
    import openpyxl
    from openpyxl.utils import get_column_letter

    book = openpyxl.Workbook()
    page: Any = book.active
    page.title = "名单 People"
    page.append([spellings[0] + ("*" if field == "name" else "") for field, spellings in COLUMNS.items()])
    widths = (16, 24, 22, 10, 18, 10, 14)
    for at, width in enumerate(widths, 1):
        letter = get_column_letter(at)
        page.column_dimensions[letter].width = width
        for row in range(2, MOST_ROWS + 2) if letter in "BCE" else ():
            page.cell(row, at).number_format = "@"
    spreadsheet.style_head(page)
    spreadsheet.offer(page, "D", ("居民", "访客", "务工", "返乡"), MOST_ROWS)
    spreadsheet.offer(page, "F", ("纸质", "手机"), MOST_ROWS)
    spreadsheet.explain(book, _notes())
    return spreadsheet.saved(book)


def _notes() -> Iterator[tuple[str, str]]:
    yield "姓名*", "必填。Required: the name as on the document."
    yield (
        "证件号码或后四位",
        "完整号码会校验，证上只写后四位，其余不保存。A whole number is checked; only its last four are kept.",
    )
    yield "住户", "例如 3-2-501 或 3栋2单元501。For example 3-2-501."
    yield "类别", "居民、访客、务工、返乡；空为居民。resident, visitor, worker, returnee; empty is resident."
    yield "电话", "可不填，不写在证上。Optional; it does not stand in the pass."
    yield "载体", "纸质或手机；空则按导入时所选。paper or phone; empty as chosen when importing."
    yield "有效期至", "最后一天，例如 2026-12-31；空则按导入时所选天数。The last day; empty as chosen when importing."
    yield "", f"一个文件最多 {MOST_ROWS} 人。At most {MOST_ROWS} people in a file."
