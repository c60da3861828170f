"""Masks and risk regions on the console, and where the steps of an outcome lead."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from kiosk.checkpoint import Rules
from kiosk.inforce import InForce
from kiosk.known import Known
from kiosk.lists import Region, Regions, WatchEntry
from kiosk.model import Saying
from kiosk.service import GateService
from tests.web.gating import GREEN, RED, Console
from web import forms
from web.serving import utc_now


def begun(console: Console, gate: GateService, text: str = GREEN, lane: str = "1") -> str:
    console.send(f"/lanes/{lane}/scan", {"text": text})
    found = gate.checkpoint.view(lane).visit
    assert found is not None
    return found.id


@pytest.fixture
def holding(monkeypatch: pytest.MonkeyPatch) -> Callable[[Known], None]:
    """Makes the gate know this of everybody, as a bundle would."""

    def hold(known: Known) -> None:
        inforce = InForce.__call__

        def rules(self: InForce, now: datetime) -> Rules:
            return replace(inforce(self, now), known=lambda _code, _shown, _direction: known)

        monkeypatch.setattr(InForce, "__call__", rules)

    return hold


def test_a_mask_is_noted_with_one_of_three_buttons(console: Console, gate: GateService) -> None:
    visit = begun(console, gate)
    card = console.send(f"/lanes/1/visits/{visit}/mask", {"mask": "reminded"}).json["regions"]["card"]  # type: ignore[index]
    assert 'data-mask="reminded" aria-pressed="true"' in card
    assert console.send(f"/lanes/1/visits/{visit}/mask", {"mask": "lost"}).status_code == 400
    console.send(f"/lanes/1/visits/{visit}/reading", {"celsius": "36.5"})
    assert gate.journal.recent(1)[0].open["mask"] == "reminded"


TODAY = utc_now().date()


@pytest.mark.parametrize(
    "said",
    [
        None,
        "3502",
        [{"region": "3502"}],
        [{"region": "厦门", "ago": 1}],
        [{"region": "3502", "ago": 15}],
        [{"region": "3502", "ago": True}],
        [{"region": "3502", "ago": 1}] * 101,
    ],
)
def test_stays_that_cannot_be_are_explained(said: Any) -> None:
    with pytest.raises(forms.Refused):
        forms.stays(said, TODAY)


def test_nowhere_and_today_are_answers() -> None:
    assert forms.stays([], TODAY) == ()
    assert forms.stays([{"region": "3502", "ago": 0}], TODAY)[0].day == TODAY


def test_a_resident_chooses_regions_and_days(console: Console, gate: GateService, holding: Callable[..., None]) -> None:
    risky = Region("3502", Saying("厦门市", "Xiamen"))
    holding(Known(regions=Regions((risky,)), today=TODAY))
    visit = begun(console, gate, lane="hall")
    gate.checkpoint.answer("hall", visit, {"symptoms": False, "exposure": True})
    shown = console.get("/?lane=hall").text
    assert "厦门市" in shown
    assert "data-regions" in shown
    answer = console.send(f"/lanes/hall/visits/{visit}/stays", {"stays": [{"region": "3502", "ago": 2}]})
    assert answer.status_code == 200
    assert console.send(f"/lanes/hall/visits/{visit}/stays", {"stays": None}).status_code == 422
    console.send(f"/lanes/hall/visits/{visit}/reading", {"celsius": "36.5"})
    assert gate.journal.recent(1)[0].personal["facts"]["stays"]["risk"] is True  # type: ignore[index]


def test_the_outcome_names_whom_to_call(console: Console, gate: GateService, holding: Callable[..., None]) -> None:
    entry = WatchEntry("t", "observation", worker="林网格", worker_phone="13900001111")
    holding(Known(("t",), (entry,), declaration_state="used", today=TODAY))
    visit = begun(console, gate, RED)
    card = console.send(f"/lanes/1/visits/{visit}/reading", {"celsius": "36.5"}).json["regions"]["card"]  # type: ignore[index]
    for words in ("林网格", "13900001111", "提前报告已用过"):
        assert words in card
