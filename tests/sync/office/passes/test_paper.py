"""Sheets of passes, looked at as a printer would: every symbol on the page is read back and believed."""

from __future__ import annotations

import math
from datetime import timedelta
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pypdfium2
import pytest
import zxingcpp

from kiosk.devices.decoder import read_symbols
from kiosk.model import Verification
from sync.office.office import Office
from sync.office.passes import paper
from sync.office.passes.paper.fonts import SYSTEM, faces_for
from sync.office.passes.wanted import Wanted
from sync.office.values import EVERYTHING, IssuedPass, PassFilter, Unit
from tests.sync.office.conftest import NOON
from tests.sync.office.passes.test_register import at_a_gate

DPI = 200
MM = 25.4
NAMES = (
    "张三丰",
    "李小梅",
    "欧阳建国",
    "王芳",
    "阿依古丽·买买提江",
    "龘䶮",
    "Alexander Hamilton-Smythe III",
    "赵敏",
    "孙浩",
)


@pytest.fixture
def passes(office: Office, community: Unit) -> tuple[IssuedPass, ...]:
    """Nine people out of one list, as they are printed."""
    wanted = [
        Wanted(name, f"{number:04}", f"{number}栋2单元50{number}", until=office.passes.today() + timedelta(days=13))
        for number, name in enumerate(NAMES)
    ]
    office.passes.issue_all(community.id, wanted, who="li")
    return office.passes.in_clear(PassFilter(), EVERYTHING, who="li", medium="paper")


def drawn(office: Office, passes: tuple[IssuedPass, ...], size: str) -> pypdfium2.PdfDocument:
    return pypdfium2.PdfDocument(paper.sheet(passes, size, office.settings.zone, NOON))


def picture(page: Any) -> np.ndarray[Any, Any]:
    """The page as a camera would see it, 200 dots an inch."""
    return cv2.cvtColor(np.asarray(page.render(scale=DPI / 72).to_numpy()), cv2.COLOR_RGB2BGR)


def test_every_pass_of_a_sheet_is_read_back_from_its_own_page_and_believed(
    office: Office, community: Unit, passes: tuple[IssuedPass, ...]
) -> None:
    document = drawn(office, passes, "a4")
    assert len(document) == paper.pages(len(passes), "a4") == 2
    texts = [symbol.text for page in document for symbol in read_symbols(picture(page))]
    codes = [at_a_gate(office, community, text) for text in texts]
    assert {code.verification for code in codes} == {Verification.VERIFIED}
    assert {code.medium for code in codes} == {"paper"}
    assert {(code.serial, code.holder.name) for code in codes} == {(each.serial, each.name) for each in passes}


@pytest.mark.parametrize(("size", "count"), [("a4", 8), ("a6", 1)])
def test_a_symbol_is_at_least_four_centimetres_wide(
    office: Office, passes: tuple[IssuedPass, ...], size: str, count: int
) -> None:
    page = drawn(office, passes, size)[0]
    found = zxingcpp.read_barcodes(picture(page))
    assert len(found) == count
    for symbol in found:
        corners = symbol.position
        across = math.dist((corners.top_left.x, corners.top_left.y), (corners.top_right.x, corners.top_right.y))
        assert across / DPI * MM > 39.5  # a picture has whole dots, and corners lie in the middle of them


def test_a_card_says_who_where_until_when_and_that_it_is_paper(office: Office, passes: tuple[IssuedPass, ...]) -> None:
    text = drawn(office, passes[:1], "a6")[0].get_textpage().get_text_range()
    for words in ("张三丰", "0000", "0栋2单元500", "2026-11-22 12:00", "2026-12-06 00:00", passes[0].number):
        assert words in text, words
    for words in ("测试街道办 幸福社区", "纸质证 PAPER PASS", "出入证"):
        assert words in text, words


def test_the_page_is_of_the_paper_asked_for(office: Office, passes: tuple[IssuedPass, ...]) -> None:
    for size, wide, high in (("a4", 210, 297), ("a6", 148, 105)):
        width, height = drawn(office, passes, size)[0].get_size()
        assert (round(width / 72 * MM), round(height / 72 * MM)) == (wide, high)


def test_pages_of_a4_show_where_to_cut(office: Office, passes: tuple[IssuedPass, ...]) -> None:
    grey = cv2.cvtColor(picture(drawn(office, passes[:1], "a4")[0]), cv2.COLOR_BGR2GRAY)
    for x, y in ((10, 12), (105, 12), (200, 12), (6, 16.5), (6, 82.5), (204, 280.5)):
        at = round(y / MM * DPI), round(x / MM * DPI)
        assert grey[at[0] - 3 : at[0] + 4, at[1] - 3 : at[1] + 4].min() < 128, (x, y)


def test_progress_is_told_after_each_pass(office: Office, passes: tuple[IssuedPass, ...]) -> None:
    heard: list[int] = []
    paper.sheet(passes, "a4", office.settings.zone, NOON, heard.append)
    assert heard == list(range(1, len(passes) + 1))


def test_rare_characters_come_from_the_systems_typeface_and_are_missed_clearly_without_it() -> None:
    assert len(faces_for(["张三丰 Zhang"])) == 1
    with pytest.raises(paper.MissingLetters, match="fonts-noto-cjk") as missing:
        faces_for(["陈𠮷", "张三"], system=[Path("/nowhere.ttc")])
    assert missing.value.letters == "𠮷"
    if any(path.exists() for path in SYSTEM):
        assert len(faces_for(["陈𠮷"])) == 2
    with pytest.raises(paper.MissingLetters):
        faces_for(["\U0010fffd"])
