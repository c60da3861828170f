"""Lists as people send them."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import Any

import openpyxl
from stdnum.iso7064 import mod_11_2

WATCH_HEAD = ("姓名", "证件号码", "电话", "车牌", "类别", "开始日期", "截止日期", "网格员", "网格员电话", "处置要求")
ROSTER_HEAD = ("姓名", "证件号码", "电话", "车牌", "住户", "身份", "特殊情况", "出生年", "网格")
ZHANG = "11010519491231002X"


def id_number(number: int) -> str:
    """A number that holds, another one for each of 30 million."""
    text = f"1101{number // 1000 % 90 + 10:02}{1950 + number // 90_000 % 60}0101{number % 1000:03}"
    return text + mod_11_2.calc_check_digit(text)


def xlsx(rows: Iterable[Sequence[Any]], head: Sequence[Any] = WATCH_HEAD) -> bytes:
    book = openpyxl.Workbook(write_only=True)
    page = book.create_sheet("名单")
    for row in (head, *rows):
        page.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def csv(rows: Iterable[Sequence[Any]], head: Sequence[Any] = WATCH_HEAD, encoding: str = "utf-8") -> bytes:
    return "\r\n".join(",".join(str(cell) for cell in row) for row in (head, *rows)).encode(encoding)


def crowd(count: int) -> list[list[str]]:
    """That many people under observation, all different."""
    return [
        [
            f"张{number}",
            id_number(number),
            f"138{number:08}",
            "",
            "居家医学观察",
            "",
            "2026-12-06",
            "陈网格",
            "13900000001",
        ]
        for number in range(count)
    ]
