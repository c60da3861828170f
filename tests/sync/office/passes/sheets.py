"""Workbooks as people send them."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import Any

import openpyxl

from sync.office.passes import workbook

HEAD = [spellings[0] for spellings in workbook.COLUMNS.values()]


def xlsx(rows: Iterable[Sequence[Any]], head: Sequence[Any] = HEAD, above: int = 0, name: str = "名单") -> bytes:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.title = name
    for number in range(above):
        page.append([f"安宁街道出入证名单 {number}"])
    for row in (head, *rows):
        page.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def crowd(count: int) -> bytes:
    """A list of that many people, all different."""
    return xlsx([f"张{number}", f"{number:04}", f"{number % 30}-1-{number}"] for number in range(count))
