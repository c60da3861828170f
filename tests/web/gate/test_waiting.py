"""The waiting area on the console: who rests, the second reading, and who leaves before it."""

from __future__ import annotations

from typing import Any

import pytest

from kiosk.model import Verdict
from kiosk.service import GateService
from tests.web.gating import GREEN, Console


@pytest.fixture
def waiting(console: Console, gate: GateService) -> str:
    """Somebody whose first reading was 37.9 °C."""
    console.send("/lanes/1/scan", {"text": GREEN})
    begun = gate.checkpoint.view("1").visit
    assert begun is not None
    console.send(f"/lanes/1/visits/{begun.id}/reading", {"celsius": "37.9"})
    return begun.id


def regions(console: Console, path: str, body: dict[str, Any] | None = None) -> dict[str, str]:
    answer = console.send(path, body)
    assert answer.json is not None
    found: dict[str, str] = answer.json["regions"]
    return found


def test_who_waits_stands_masked_on_every_console_with_the_first_reading(console: Console, waiting: str) -> None:
    for page in ("/", "/?lane=side"):
        shown = console.get(page).text
        assert f'data-resting="{waiting}"' in shown
        assert "张*丰" in shown
        assert "37.9" in shown
    assert "请到等候区休息" in console.get("/").text


def test_a_second_reading_before_the_rest_is_over_is_explained(console: Console, waiting: str) -> None:
    answer = console.send(f"/lanes/1/waiting/{waiting}/reading", {"celsius": "36.6", "device": "ear"})
    assert answer.status_code == 422
    assert answer.json is not None
    assert "还需休息约 5 分钟" in answer.json["problems"]["rested"]["zh"]


def test_the_volunteer_vouches_for_the_rest_and_the_second_verdict_is_shown(
    console: Console, gate: GateService, waiting: str
) -> None:
    second = {"celsius": "36.6", "device": "mercury", "rested": True}
    shown = regions(console, f"/lanes/side/waiting/{waiting}/reading", second)["waiting"]
    assert "37.9" in shown
    assert "36.6" in shown
    passage = gate.journal.recent(1)[0]
    assert [(one["device"], one["grade"]) for one in passage.open["readings"]] == [
        ("keypad", "screening"),
        ("mercury", "clinical"),
    ]
    assert waiting not in regions(console, f"/lanes/1/waiting/{waiting}/dismiss")["waiting"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"celsius": "36.6", "device": "forehead"}, "device"),
        ({"celsius": "", "device": "ear"}, "celsius"),
        ({"celsius": "29.0", "device": "ear", "rested": True}, "celsius"),
    ],
)
def test_a_second_reading_that_cannot_be_is_explained(
    console: Console, waiting: str, body: dict[str, Any], field: str
) -> None:
    answer = console.send(f"/lanes/1/waiting/{waiting}/reading", body)
    assert answer.status_code == 422
    assert answer.json is not None
    assert field in answer.json["problems"]


def test_who_leaves_before_the_second_reading_is_an_alert(console: Console, gate: GateService, waiting: str) -> None:
    assert console.send(f"/lanes/1/waiting/{waiting}/cancel", {"why": "?"}).status_code == 422
    assert waiting not in regions(console, f"/lanes/1/waiting/{waiting}/cancel", {"why": "left"})["waiting"]
    [alert] = gate.journal.recent(5, ("alert",))
    assert (alert.open["alert"], alert.open["visit"]) == ("fever", waiting)


def test_without_another_thermometer_the_first_reading_decides(
    console: Console, gate: GateService, waiting: str
) -> None:
    regions(console, f"/lanes/1/waiting/{waiting}/unconfirmed")
    [one] = gate.checkpoint.view("1").resting
    assert one.outcome is not None
    assert one.outcome.verdict is Verdict.ISOLATE


def test_a_click_on_somebody_who_is_gone_is_explained(console: Console) -> None:
    answer = console.send("/lanes/1/waiting/nobody/unconfirmed")
    assert answer.status_code == 422
    assert console.send("/lanes/1/waiting/nobody/dismiss").status_code == 200
