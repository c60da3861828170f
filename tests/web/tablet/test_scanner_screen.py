"""A handheld scanner beside a screen: residents check in alone there, and only where kiosk.toml says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.model import Method, Reading, Verdict
from kiosk.service import GateService
from tests.web import gating
from tests.web.gating import GREEN, LANES, RED, Console
from web.serving import utc_now

BOOTH = "/tablet/booth"


@pytest.fixture
def gate(tmp_path: Path) -> GateService:
    return gating.build(tmp_path / "var", lane=(*LANES, gating.BOOTH))


@pytest.fixture
def screen(stranger: Console) -> Console:
    """The gate's own screen."""
    stranger.remote = "127.0.0.1"
    return stranger


def scan(screen: Console, text: str, lane: str = BOOTH) -> int:
    return screen.send(f"{lane}/scan", {"text": text, "by": "scanner"}, page=BOOTH).status_code


def test_its_page_says_where_to_hold_the_code_and_needs_no_camera(screen: Console) -> None:
    page = screen.get(BOOTH).text
    assert "请将健康码或通行证对准扫码枪" in page
    assert "Hold your health code or pass in front of the scanner" in page
    assert "data-video" not in page
    assert "zxing-reader.js" not in page


def test_a_stranger_has_to_be_paired_like_a_tablet(stranger: Console, gate: GateService) -> None:
    assert stranger.get(BOOTH).location == "/tablet/"
    assert stranger.send(f"{BOOTH}/scan", {"text": GREEN, "by": "scanner"}, page="/tablet/").status_code == 403
    assert gate.checkpoint.view("booth").visit is None


def test_a_scan_begins_a_visit_with_its_questions(screen: Console, gate: GateService) -> None:
    assert scan(screen, GREEN) == 200
    visit = gate.checkpoint.view("booth").visit
    assert visit is not None
    assert visit.method is Method.SCANNER
    assert visit.name == "张*丰"


def test_whoever_is_not_admitted_there_calls_the_volunteer(screen: Console, gate: GateService) -> None:
    scan(screen, RED)
    while (visit := gate.checkpoint.view("booth").visit) and visit.questions:
        gate.checkpoint.answer("booth", visit.id, {visit.questions[0].id: False})
    gate.checkpoint.measure("booth", Reading(36.5, utc_now(), "test"))
    last = gate.checkpoint.view("booth").last
    assert last is not None
    assert last.verdict is Verdict.REFUSE
    assert [(call["lane"], call["why"]) for call in gate.summons.open()] == [("booth", "refuse")]


def test_a_scanners_lane_where_a_volunteer_stands_has_no_such_page(screen: Console, gate: GateService) -> None:
    assert screen.get("/tablet/1").status_code == 404
    assert scan(screen, GREEN, "/tablet/1") == 404
    assert gate.checkpoint.view("1").visit is None


def test_a_screen_chooses_among_the_lanes_where_people_check_in_alone(screen: Console) -> None:
    page = screen.get("/tablet/").text
    assert 'href="/tablet/hall"' in page
    assert 'href="/tablet/booth"' in page
    assert 'href="/tablet/1"' not in page
