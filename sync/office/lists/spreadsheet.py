"""Excel files that anybody may have made: opened within limits, their cells read; and the look of our templates.

openpyxl is loaded with the first of them: an office that takes in what gates send, day after day, needs none.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from kiosk.model import Saying
from sync.office.errors import Refused

MOST_PARTS = 300
MOST_COLUMNS = 40
TITLES_ABOVE = 10  # rows in which the heading is looked for
GAP = 50  # empty rows after which nothing more is expected
EXACT_DIGITS = 15  # beyond them Excel keeps a number's digits no longer
OLD_EXCEL = b"\xd0\xcf\x11\xe0"
DAMAGED = (zipfile.BadZipFile, zlib.error, KeyError, ValueError, TypeError, IndexError,
           AttributeError, SyntaxError, RuntimeError, EOFError, OSError)  # fmt: skip

FORMULA = Saying("这一格是公式，请改为数值", "a formula: paste its value instead")
ROUNDED = Saying(
    "Excel 已把末几位改成 0：请把这一列设为文本，再填一次",
    "Excel has rounded it: make the column text and type it again",
)
NO_DATE = Saying("不是日期，请写成 2026-12-31", "no date: write 2026-12-31")
NO_TEXT = Saying("这一格的格式不对，请设为文本", "make this cell text")


class SheetError(Refused):
    """A file that is no list; `say` tells what to do."""

    def __init__(self, zh: str, en: str) -> None:
        self.say = Saying(zh, en)
        super().__init__(en)


@dataclass(frozen=True, slots=True)
class Limits:
    """Of a file in bytes, as it comes and unpacked; `kinds` are the endings of what is taken."""

    size: int
    unpacked: int
    kinds: tuple[str, ...] = (".xlsx",)

    def check(self, data: bytes) -> None:
        """Raises SheetError for what is too large, and for what only looks like an Excel file of today."""
        if len(data) > self.size:
            most = self.size // 1024**2
            raise SheetError(f"文件超过 {most} MB，请分成几个", f"more than {most} MB: please split it")
        if data.startswith(OLD_EXCEL):
            raise SheetError(
                "这是旧版 .xls 或加了密码的文件，请另存为没有密码的 .xlsx",
                "an old .xls, or a file with a password: save it as .xlsx without one",
            )

    def open(self, data: bytes) -> Any:
        """The workbook, to be read and closed. Raises SheetError."""
        import openpyxl

        self.check(data)
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as parts:
                sizes = [part.file_size for part in parts.infolist()]
            if len(sizes) > MOST_PARTS or sum(sizes) > self.unpacked:
                raise SheetError("文件展开后过大，请只留名单", "too large once unpacked: leave only the list in it")
            return openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
        except DAMAGED as error:
            raise self.damaged() from error

    def damaged(self) -> SheetError:
        return SheetError(
            f"不是 {' 或 '.join(self.kinds)} 表格，或文件已损坏", f"no {' or '.join(self.kinds)}, or a damaged one"
        )


def pages(book: Any) -> list[Any]:
    """The sheets that have rows (one that is a chart has none), however large they say they are."""
    found = [page for page in book.worksheets if hasattr(page, "iter_rows")]
    for page in found:
        page.reset_dimensions()
    return found


# --- cells


def head(cell: object) -> str:
    """A heading without marks and notes: 姓名*（必填） is 姓名."""
    text = str(cell or "").upper().partition("（")[0].partition("(")[0]
    return "".join(char for char in text if char not in "*＊:： _\n\t")


def filled(cell: object) -> bool:
    return cell is not None and str(cell).strip() != ""


def text(cell: object) -> str:
    """What stands in a cell, as text. Raises ValueError with the words (a Saying) for what cannot be taken."""
    _no_formula(cell)
    if isinstance(cell, bool | date):
        raise ValueError(NO_TEXT)
    if isinstance(cell, int | float):
        if abs(cell) >= 10**EXACT_DIGITS:
            raise ValueError(ROUNDED)
        return str(int(cell)) if float(cell).is_integer() else str(cell)
    return str(cell).strip()


def day(cell: object) -> date:
    """A day however it was written. Raises ValueError with the words (a Saying)."""
    _no_formula(cell)
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    given = str(cell).strip().partition(" ")[0]
    for sign in "年月/.":
        given = given.replace(sign, "-")
    try:
        year, month, number = (int(part) for part in given.replace("日", "").split("-"))
        return date(year, month, number)
    except ValueError:
        raise ValueError(NO_DATE) from None


def _no_formula(cell: object) -> None:
    from openpyxl.worksheet.formula import ArrayFormula, DataTableFormula

    if isinstance(cell, ArrayFormula | DataTableFormula) or (isinstance(cell, str) and cell.startswith("=")):
        raise ValueError(FORMULA)


# --- templates


def style_head(page: Any) -> None:
    """The first row as a heading that stays in view."""
    from openpyxl.styles import Font, PatternFill

    for cell in page[1]:
        cell.font, cell.fill = Font(bold=True, color="FFFFFF"), PatternFill("solid", fgColor="0B4F6C")
    page.freeze_panes = "A2"


def offer(page: Any, letter: str, words: Sequence[str], rows: int) -> None:
    """A choice of words in each of the `rows` cells below the heading."""
    from openpyxl.worksheet.datavalidation import DataValidation

    choice = DataValidation(type="list", formula1=f'"{",".join(words)}"', allow_blank=True)
    page.add_data_validation(choice)
    choice.add(f"{letter}2:{letter}{rows + 1}")


def explain(book: Any, notes: Iterable[tuple[str, str]]) -> None:
    """A further sheet that says what belongs in each column."""
    from openpyxl.styles import Alignment

    page = book.create_sheet("说明 Help")
    page.column_dimensions["A"].width, page.column_dimensions["B"].width = 24, 90
    for row in notes:
        page.append(row)
    for (cell,) in page.iter_rows(min_col=2, max_col=2):
        cell.alignment = Alignment(wrap_text=True, vertical="top")


def saved(book: Any) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
