"""The short code of an announcement in the registration form: looked up while it is typed, checked when it is sent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kiosk.codes import declaration
from kiosk.service import GateService
from tests.web import gating, handed
from tests.web.gating import Console
from tests.web.handed import CODES


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[GateService]:
    service = handed.build(tmp_path / "var")
    yield service
    service.stop()


def asked(console: Console, code: str) -> tuple[int, Any]:
    answer = console.send("/lanes/1/declaration", {"declaration": code})
    return answer.status_code, answer.json


def test_a_code_that_may_be_used_tells_what_was_announced(console: Console) -> None:
    code = CODES["valid"]
    for typed in (code, f"{code[:4]} {code[4:]}", "".join(chr(ord(digit) + 0xFEE0) for digit in code)):
        status, said = asked(console, typed)
        assert status == 200
        assert said["zh"].startswith("已报备：访客 · 陈* · 有效到 ")
        assert said["en"].startswith("Announced: a visitor · 陈* · until ")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (CODES["used"], "已用过"),
        (CODES["expired"], "已过期"),
        (CODES["cancelled"], "已取消"),
        (CODES["early"], "还没到时间"),
        (declaration.number("9999999"), "没有这个报备码"),
        ("12345678", "8 位数字"),
        ("123", "8 位数字"),
        ("", "8 位数字"),
    ],
)
def test_a_code_of_no_use_says_why_at_its_field_and_begins_nothing(
    console: Console, gate: GateService, code: str, words: str
) -> None:
    status, said = asked(console, code)
    assert (status, list(said["problems"])) == (422, ["declaration"])
    assert words in said["problems"]["declaration"]["zh"]
    if code:
        registered = console.send("/lanes/1/register", {"name": "陈静", "declaration": code})
        assert registered.json["problems"] == said["problems"]  # type: ignore[index]
    assert gate.checkpoint.view("1").visit is None


def test_a_visitor_is_registered_by_name_and_code_and_the_code_is_used_once(
    console: Console, gate: GateService
) -> None:
    console.send("/lanes/1/register", {"name": "陈静", "declaration": CODES["valid"]})
    visit = gate.checkpoint.view("1").visit
    assert visit is not None
    console.send(f"/lanes/1/visits/{visit.id}/reading", {"celsius": "36.5"})
    passage = gate.journal.recent(1)[0]
    assert passage.open["declaration"] == "d-valid"
    assert passage.personal is not None
    assert passage.personal["facts"]["declaration"]["state"] == "valid"
    console.send(f"/lanes/1/visits/{visit.id}/override", {"to": "admit", "why": "document"})
    assert "已用过" in asked(console, CODES["valid"])[1]["problems"]["declaration"]["zh"]


def test_a_gate_that_knows_no_office_knows_no_announcement(tmp_path: Path) -> None:
    service = gating.build(tmp_path / "other")
    console = Console(gating.application(service).test_client())
    console.sign_on()
    assert asked(console, CODES["valid"])[0] == 422
    service.stop()
