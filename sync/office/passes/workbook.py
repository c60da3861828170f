"""Lists of people out of Excel: read within limits, whatever the file; and the template to fill in."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import openpyxl
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.datavalidation import DataValidation

from kiosk.model import Saying
from sync.office.errors import Refused
from sync.office.passes.wanted import Problem, Wanted

MOST_BYTES = 2 * 1024 * 1024
MOST_UNPACKED = 16 * 1024 * 1024
MOST_PARTS = 300
MOST_ROWS = 2000
MOST_COLUMNS = 40
TITLES_ABOVE = 10  # rows in which the heading is looked for
GAP = 50  # empty rows after which nothing more is expected
EXACT_DIGITS = 15  # beyond them Excel keeps a number's digits no longer
OLD_EXCEL = b"\xd0\xcf\x11\xe0"

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

FORMULA = Saying("这一格是公式，请改为数值", "a formula: paste its value instead")
ROUNDED = Saying(
    "Excel 已把末几位改成 0：请把这一列设为文本，再填一次",
    "Excel has rounded it: make the column text and type it again",
)
NO_DATE = Saying("不是日期，请写成 2026-12-31", "no date: write 2026-12-31")


class WorkbookError(Refused):
    """A file that is no list of people; `say` tells what to do."""

    def __init__(self, zh: str, en: str) -> None:
        self.say = Saying(zh, en)
        super().__init__(en)


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
    """The people in an .xlsx; `days` and `medium` hold where a row says nothing. Raises WorkbookError."""
    book = _opened(data)
    try:
        for page in book.worksheets:
            if (found := _heading(page)) is not None:
                return _sheet(page, *found, Wanted("", days=days, medium=medium))
        named = "、".join(name[:20] for name in book.sheetnames[:5])
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, zipfile.BadZipFile, SyntaxError) as error:
        raise _damaged() from error
    finally:
        book.close()
    raise WorkbookError(
        f"没有找到表头：工作表（{named}）前 {TITLES_ABOVE} 行里要有“姓名”一列，请用模板",
        f"no heading: one of the first {TITLES_ABOVE} rows must have a column 姓名 (name); please use the template",
    )


def column(field: str) -> str:
    """The heading of a field as the template writes it; of one that has none, its name."""
    return COLUMNS.get(field, (field,))[0]


def _opened(data: bytes) -> Any:
    if len(data) > MOST_BYTES:
        raise WorkbookError(
            f"文件超过 {MOST_BYTES // 1024**2} MB，请分成几个", f"more than {MOST_BYTES // 1024**2} MB: please split it"
        )
    if data.startswith(OLD_EXCEL):
        raise WorkbookError(
            "这是旧版 .xls 或加了密码的文件，请另存为没有密码的 .xlsx",
            "an old .xls, or a file with a password: save it as .xlsx without one",
        )
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            sizes = [part.file_size for part in parts.infolist()]
        if len(sizes) > MOST_PARTS or sum(sizes) > MOST_UNPACKED:
            raise WorkbookError("文件展开后过大，请只留名单", "too large once unpacked: leave only the list in it")
        return openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, TypeError, SyntaxError, OSError) as error:
        raise _damaged() from error


def _damaged() -> WorkbookError:
    return WorkbookError("不是 .xlsx 表格，或文件已损坏", "no .xlsx workbook, or a damaged one")


def _heading(page: Any) -> tuple[int, dict[int, str], tuple[str, ...]] | None:
    """The heading's row number, which field stands in which column, and the headings that nobody knows."""
    if not hasattr(page, "iter_rows"):  # a sheet that is a chart
        return None
    page.reset_dimensions()
    for number, cells in enumerate(page.iter_rows(max_row=TITLES_ABOVE, max_col=MOST_COLUMNS, values_only=True), 1):
        heads = [_head(cell) for cell in cells]
        if "name" in {HEADS.get(head) for head in heads}:
            fields = {at: HEADS[head] for at, head in enumerate(heads) if head in HEADS}
            return number, fields, tuple(head for head in heads if head and head not in HEADS)
    return None


def _head(cell: object) -> str:
    """A heading without marks and notes: 姓名*（必填） is 姓名."""
    text = str(cell or "").upper().partition("（")[0].partition("(")[0]
    return "".join(char for char in text if char not in "*＊:： \n\t")


def _sheet(page: Any, heading: int, fields: Mapping[int, str], ignored: Sequence[str], basis: Wanted) -> Sheet:
    lines: list[Line] = []
    empty = 0
    for row, cells in enumerate(page.iter_rows(min_row=heading + 1, max_col=MOST_COLUMNS), heading + 1):
        given = {field: cells[at] for at, field in fields.items() if at < len(cells) and _said(cells[at])}
        empty = 0 if given else empty + 1
        if empty >= GAP:
            break
        if given:
            lines.append(_line(row, given, basis))
        if len(lines) > MOST_ROWS:
            raise WorkbookError(
                f"超过 {MOST_ROWS} 人，请分成几个文件", f"more than {MOST_ROWS} people: please split it"
            )
    if not lines:
        raise WorkbookError("表头下面没有名单", "there is nobody below the heading")
    return Sheet(page.title, tuple(lines), tuple(ignored))


def _said(cell: Any) -> bool:
    return cell.value is not None and str(cell.value).strip() != ""


def _line(row: int, given: Mapping[str, Any], basis: Wanted) -> Line:
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for field, cell in given.items():
        try:
            values[field] = _value(field, cell)
        except ValueError as error:
            values[field] = None if field == "until" else str(cell.value)[:80]
            problems.append(Problem(field, error.args[0]))
    wanted = Wanted(**{**{key: getattr(basis, key) for key in ("name", "days", "medium")}, **values})
    return Line(row, wanted, tuple(problems))


def _value(field: str, cell: Any) -> Any:
    """Raises ValueError with the words (a Saying) for what cannot be taken."""
    value = cell.value
    if cell.data_type == "f" or (isinstance(value, str) and value.startswith("=")):
        raise ValueError(FORMULA)
    if field == "until":
        return _day(value)
    text = _text(value)
    known = {"kind": KINDS, "medium": MEDIA}.get(field, {})
    return known.get(text, text)


def _text(value: object) -> str:
    if isinstance(value, bool | date):
        raise ValueError(Saying("这一格的格式不对，请设为文本", "make this cell text"))
    if isinstance(value, int | float):
        if abs(value) >= 10**EXACT_DIGITS:
            raise ValueError(ROUNDED)
        return str(int(value)) if float(value).is_integer() else str(value)
    return str(value).strip()


def _day(value: object) -> date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = (
        str(value).strip().replace("年", "-").replace("月", "-").replace("日", "").replace("/", "-").replace(".", "-")
    )
    try:
        year, month, day = (int(part) for part in text.split("-"))
        return date(year, month, day)
    except ValueError:
        raise ValueError(NO_DATE) from None


# --- the template


def template() -> bytes:
    """An empty list to fill in: text columns, choices where there are some, and a page that explains them."""
    book = openpyxl.Workbook()
    page = book.active
    page.title = "名单 People"
    page.append([spellings[0] + ("*" if field == "name" else "") for field, spellings in COLUMNS.items()])
    widths = (16, 24, 22, 10, 18, 10, 14)
    for at, width in enumerate(widths, 1):
        letter = get_column_letter(at)
        page.column_dimensions[letter].width = width
        head = page.cell(1, at)
        head.font, head.fill = Font(bold=True, color="FFFFFF"), PatternFill("solid", fgColor="0B4F6C")
        for row in range(2, MOST_ROWS + 2) if letter in "BCE" else ():
            page.cell(row, at).number_format = "@"
    page.freeze_panes = "A2"
    _choices(page, "D", ("居民", "访客", "务工", "返乡"))
    _choices(page, "F", ("纸质", "手机"))
    _explained(book.create_sheet("说明 Help"))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _choices(page: Any, letter: str, words: Sequence[str]) -> None:
    choice = DataValidation(type="list", formula1=f'"{",".join(words)}"', allow_blank=True)
    page.add_data_validation(choice)
    choice.add(f"{letter}2:{letter}{MOST_ROWS + 1}")


def _explained(page: Any) -> None:
    page.column_dimensions["A"].width, page.column_dimensions["B"].width = 24, 90
    for row in _notes():
        page.append(row)
    for (cell,) in page.iter_rows(min_col=2, max_col=2):
        cell.alignment = Alignment(wrap_text=True, vertical="top")


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
