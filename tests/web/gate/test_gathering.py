"""Families and vehicles on the console."""

from __future__ import annotations

from typing import Any

import pytest

from kiosk.service import GateService
from tests.web.gating import GREEN, Console


def regions(console: Console, path: str, body: dict[str, Any] | None = None) -> dict[str, str]:
    answer = console.send(path, body)
    assert answer.status_code == 200, answer.text
    found: dict[str, str] = answer.json["regions"]  # type: ignore[index]
    return found


def problems(console: Console, path: str, body: dict[str, Any] | None = None) -> set[str]:
    answer = console.send(path, body)
    assert answer.status_code == 422
    return set(answer.json["problems"])  # type: ignore[index]


def register(console: Console, **typed: str) -> str:
    return regions(console, "/lanes/1/register", typed)["card"]


def test_a_family_with_a_child_without_papers_shares_one_screen(console: Console, gate: GateService) -> None:
    assert "请登记人先出示码" in regions(console, "/lanes/1/party")["card"]
    register(console, name="王小明", phone="13812348000")
    card = register(console, name="王一一", age="6")
    assert "王*一" in card
    for celsius in ("36.5", "36.8"):
        now = gate.checkpoint.view("1").visit
        assert now is not None
        card = regions(console, f"/lanes/1/visits/{now.id}/reading", {"celsius": celsius})["card"]
    assert "全部办完" in card
    child, registrant = gate.journal.recent(2)
    assert (child.open["role"], registrant.open["role"]) == ("member", "registrant")
    assert child.personal is not None
    assert child.personal["facts"]["person"]["age"] == 6
    assert 'data-card="idle"' in regions(console, "/lanes/1/party/finish")["card"]


@pytest.mark.parametrize("age", ["15", "x", "-1", "３.５"])
def test_only_a_child_comes_without_papers(console: Console, age: str) -> None:
    regions(console, "/lanes/1/party")
    assert problems(console, "/lanes/1/register", {"name": "王一一", "age": age}) == {"age"}


def test_alone_a_child_gives_what_everybody_gives(console: Console) -> None:
    assert problems(console, "/lanes/1/register", {"name": "王一一", "age": "6"}) == {"household"}


def test_a_vehicle_shows_its_plate_masked(console: Console, gate: GateService) -> None:
    typed = {"plate": "闽a·12345", "purpose": "other", "purpose_text": "送锦旗", "delivery": True}
    card = regions(console, "/lanes/1/vehicle", typed)["card"]
    assert "闽A·***45" in card
    assert "12345" not in card
    assert "送锦旗" in card
    assert "没有进入记录" not in card
    console.send("/lanes/1/scan", {"text": GREEN})
    driver = gate.checkpoint.view("1").party
    assert driver is not None
    assert driver.members[0].role == "driver"


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"plate": "闽A1O345"}, "plate"),
        ({"plate": ""}, "plate"),
        ({"plate": "闽A12345", "purpose": "other"}, "purpose_text"),
        ({"plate": "闽A12345", "purpose": "other", "purpose_text": "长" * 61}, "purpose_text"),
    ],
)
def test_what_is_wrong_with_a_vehicle_is_said_at_its_field(console: Console, typed: dict[str, str], field: str) -> None:
    assert problems(console, "/lanes/1/vehicle", typed) == {field}


def test_somebody_who_does_not_belong_is_removed(console: Console, gate: GateService) -> None:
    regions(console, "/lanes/1/party")
    register(console, name="王小明", phone="13812348000")
    register(console, name="路人甲", phone="13812348001")
    party = gate.checkpoint.view("1").party
    assert party is not None
    current, stranger = party.members
    assert problems(console, f"/lanes/1/party/{current.visit}/remove") == {""}
    assert stranger.visit not in regions(console, f"/lanes/1/party/{stranger.visit}/remove")["card"]
    assert problems(console, "/lanes/1/party/finish") == {""}
