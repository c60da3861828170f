"""What else a visit tells: stays in risk regions, a mask; and what the screen is told of whom to call."""

from datetime import date, timedelta

import pytest

from kiosk.known import Known
from kiosk.lists import Declaration, Region, Regions, WatchEntry
from kiosk.model import Holder, Method, Presentation, Saying, Stay, Verdict
from kiosk.visit import LaneView, RegionView, Stage, Worker
from tests.kiosk.checkpoint.desk import YELLOW, Gate

TODAY = date(2026, 11, 22)
RISKY = Region("3502", Saying("厦门市", "Xiamen"), "high", TODAY - timedelta(days=10), None)
OVER = Region("3501", Saying("福州市", "Fuzhou"), "medium", TODAY - timedelta(days=60), TODAY - timedelta(days=20))


def asked(gate: Gate) -> LaneView:
    """Somebody at the tablet who says that they were in a risk area."""
    gate.known = Known(("token",), regions=Regions((RISKY, OVER)), today=TODAY)
    view = gate.checkpoint.present("t", Presentation(Method.TABLET, gate.now, person=Holder(phone="13812348000")))
    answers = {question.id: question.id == "exposure" for question in view.visit.questions}
    return gate.checkpoint.answer("t", view.visit.id, answers)


def test_only_the_risk_regions_of_the_day_are_offered(gate):
    view = asked(gate)
    [question] = [question for question in view.visit.questions if question.kind == "regions"]
    assert question.regions == (RegionView("3502", Saying("厦门市", "Xiamen"), "high"),)


def test_a_stay_in_a_risk_region_is_recorded_sealed_and_decides(gate):
    view = asked(gate)
    view = gate.checkpoint.stayed("t", view.visit.id, [Stay("3502", TODAY - timedelta(days=3))])
    assert view.visit.stage is Stage.MEASURING
    assert gate.measure(36.5, lane="t").last.verdict is not Verdict.ADMIT
    passage = gate.ledger.events[0]
    assert passage.personal["facts"]["stays"]["risk"] is True
    assert passage.personal["stays"] == [{"region": "3502", "day": "2026-11-19"}]
    assert "3502" not in str(passage.open)


def test_nowhere_is_an_answer_too(gate):
    view = asked(gate)
    gate.checkpoint.stayed("t", view.visit.id, [])
    gate.measure(36.5, lane="t")
    assert gate.ledger.events[0].personal["facts"]["stays"]["risk"] is False


def test_stays_that_nobody_asked_for_are_ignored(gate):
    view = gate.scan(YELLOW)
    gate.checkpoint.stayed("1", view.visit.id, [Stay("3502", TODAY)])
    gate.measure(36.5)
    assert "stays" not in gate.ledger.events[0].personal


def test_a_mask_is_noted_and_counts(gate):
    visit = gate.scan(YELLOW).visit
    assert gate.checkpoint.mask("1", visit.id, "reminded").visit.mask == "reminded"
    gate.checkpoint.mask("1", visit.id, "refused")
    gate.measure(36.5)
    passage = gate.ledger.events[0]
    assert (passage.open["mask"], passage.personal["facts"]["mask"]) == ("refused", "refused")
    assert "mask" in str(passage.open["reasons"])


def test_a_mask_is_worn_reminded_of_or_refused(gate):
    visit = gate.scan(YELLOW).visit
    with pytest.raises(ValueError, match="worn"):
        gate.checkpoint.mask("1", visit.id, "perhaps")


def test_the_outcome_names_the_grid_worker_once_and_the_declaration(gate):
    entries = [WatchEntry("token", why, worker="林网格", worker_phone="13900001111") for why in ("other", "region")]
    declared = Declaration("d-1", ("token",))
    gate.known = Known(("token",), tuple(entries), declaration=declared, declaration_state="valid", today=TODAY)
    gate.scan(YELLOW)
    last = gate.measure(36.5).last
    assert last.workers == (Worker("林网格", "13900001111"),)
    assert last.declaration == "valid"
    assert gate.ledger.events[0].open["declaration"] == "d-1"
