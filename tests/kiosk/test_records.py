"""What a visit leaves behind: enough to count and to answer for, and nothing personal outside the sealed part."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kiosk import records, screening
from kiosk.chain import canonical
from kiosk.known import Known
from kiosk.lists import WatchEntry
from kiosk.model import (
    Colour,
    Decision,
    Direction,
    Draft,
    Footing,
    HealthCode,
    Holder,
    LabTest,
    LaneInfo,
    Level,
    Method,
    Presentation,
    Reading,
    Reason,
    Verdict,
    Verification,
    iso,
)
from kiosk.records import Duty, Visit
from kiosk.screening import policy

AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
LATER = AT + timedelta(milliseconds=4321)
LANE = LaneInfo("1", "camera")
DUTY = Duty("g-1", "v-1", Footing.STALE)
HOLDER = Holder("张三丰", "1990-03-07", "4321", "110101199003074321", "13812348000", "3栋2单元501")
CODE = HealthCode(
    "province",
    Level.GREEN,
    HOLDER,
    tests=(LabTest("pcr", AT - timedelta(days=1), "negative"),),
    verification=Verification.VERIFIED,
    serial="ab" * 16,
)
PERSONAL = (
    *(HOLDER.name, HOLDER.id_number, HOLDER.phone, HOLDER.household, HOLDER.birth_date),
    CODE.serial,
    "token-7f",
)


def visit(code: HealthCode | None = CODE, **changes: Any) -> Visit:
    """A visit that was measured; by a code unless there is none."""
    made = Visit(
        id="visit-1",
        lane=LANE,
        direction=Direction.IN,
        presentation=Presentation(Method.CAMERA, AT, "text", Colour.GREEN),
        code=code,
        known=Known(("token-7f",), (WatchEntry("token-7f", "observation"),)),
        deadline=AT + timedelta(minutes=1),
        answers={"symptoms": False},
        readings=[Reading(36.6, AT, "gy-mcu90614", "wrist")],
    )
    for name, value in changes.items():
        setattr(made, name, value)
    return made


def test_the_date_of_birth_comes_from_the_id_number_when_nobody_told_it() -> None:
    told = Holder(name="王奶奶", id_number="11010519491231002X")
    by_hand = Presentation(Method.HAND, AT, person=told)
    assert visit(None, presentation=by_hand).person.birth_date == "1949-12-31"
    wrong = replace(by_hand, person=replace(told, id_number="110105194912310021"))
    assert visit(None, presentation=wrong).person.birth_date == ""
    assert visit(CODE, presentation=by_hand).person.birth_date == HOLDER.birth_date


def decided(of: Visit) -> tuple[Decision, dict[str, Any]]:
    facts = screening.facts.build(
        code=of.code,
        colour=of.presentation.colour,
        person=of.person,
        readings=of.readings,
        answers=of.answers,
        known=of.known,
        lane=of.lane,
        method=of.presentation.method,
        direction=of.direction,
        footing=DUTY.footing,
        policy=policy.default(),
        now=LATER,
    )
    return screening.decide(facts, policy.default()), facts


def passage(of: Visit) -> Draft:
    decision, facts = decided(of)
    return records.passage(of, DUTY, decision, facts, LATER)


def alerts(of: Visit) -> list[Draft]:
    return list(records.alerts(of, DUTY, decided(of)[0], LATER))


FEVER = visit(readings=[Reading(38.4, AT, "keypad")])


def test_a_passage_says_in_the_open_what_was_seen_and_decided() -> None:
    draft = passage(visit())
    assert (draft.kind, draft.at) == ("passage", LATER)
    reasons = draft.open["reasons"]
    assert draft.open | {"reasons": []} == {
        "gate": "g-1",
        "lane": "1",
        "direction": "in",
        "method": "camera",
        "visit": "visit-1",
        "scheme": "province",
        "level": "green",
        "verification": "verified",
        "code_reason": None,
        "colour": "green",
        "celsius": 36.6,
        "device": "gy-mcu90614",
        "site": "wrist",
        "readings": [{"celsius": 36.6, "device": "gy-mcu90614", "site": "wrist", "grade": "screening", "at": iso(AT)}],
        "footing": "stale",
        "staff": "v-1",
        "demo": False,
        "verdict": "check",
        "reasons": [],
        "actions": ["alert:watch", "inform:worker", "advise:home"],
        "policy": "default@1",
        "took_ms": 4321,
    }
    assert reasons[0]["rule"] == "observation-in"
    assert set(reasons[0]) == {"rule", "verdict", "zh", "en", "source", "undecided"}


def test_of_an_unknown_issuer_the_key_that_is_lacking_stands_in_the_open() -> None:
    unknown = HealthCode("eu-dcc", reason=Reason.UNKNOWN_ISSUER, kid="d919375fc1e7b6b2")
    assert passage(visit(unknown)).open["kid"] == "d919375fc1e7b6b2"
    assert "kid" not in passage(visit()).open


def test_who_it_was_and_what_they_answered_is_sealed() -> None:
    personal = passage(visit()).personal
    assert personal["name"] == "张三丰"
    assert personal["tokens"] == ["token-7f"]
    assert personal["answers"] == {"symptoms": False}
    assert personal["tests"] == [{"kind": "pcr", "taken_at": iso(AT - timedelta(days=1)), "result": "negative"}]
    assert personal["facts"]["reading"]["celsius"] == 36.6


@pytest.mark.parametrize(
    "draft",
    [
        passage(visit()),
        passage(FEVER),
        records.abandoned(visit(), DUTY, "left", LATER),
        *alerts(visit()),
        *alerts(FEVER),
    ],
    ids=lambda draft: f"{draft.kind}-{draft.open.get('alert', '')}",
)
def test_nothing_personal_stands_in_the_open_part(draft: Draft) -> None:
    said = str(dict(draft.open))
    assert [word for word in PERSONAL if word in said] == []


@pytest.mark.parametrize("draft", [passage(visit()), passage(visit(code=None)), *alerts(FEVER)])
def test_both_parts_can_be_sealed_and_chained(draft: Draft) -> None:
    assert canonical(dict(draft.open))
    assert canonical(dict(draft.personal))


def test_an_alert_names_its_visit_and_says_why_in_both_languages() -> None:
    (alert, *_) = alerts(FEVER)
    assert (alert.kind, alert.open["alert"], alert.open["visit"]) == ("alert", "fever", FEVER.id)
    assert (alert.open["verdict"], alert.open["gate"], alert.open["lane"]) == ("isolate", "g-1", "1")
    assert "留观" in alert.open["zh"]
    assert "isolation" in alert.open["en"]
    assert alert.personal == {
        "name": "张三丰",
        "id_last4": "4321",
        "phone": "13812348000",
        "household": "3栋2单元501",
    }


def test_every_alert_action_becomes_one_alert_and_no_other_action_does() -> None:
    assert [alert.open["alert"] for alert in alerts(FEVER)] == ["fever", "watch"]
    assert alerts(visit(known=Known(("token-7f",)))) == []


def test_a_visit_broken_off_says_why_and_who_and_gives_no_verdict() -> None:
    draft = records.abandoned(visit(readings=[]), DUTY, "timeout", LATER)
    assert (draft.kind, draft.open["why"], draft.personal["name"]) == ("visit.abandoned", "timeout", "张三丰")
    assert "verdict" not in draft.open
    assert (draft.open["celsius"], draft.open["device"], draft.open["site"]) == (None, None, None)


def test_without_a_code_there_is_nothing_to_say_of_one() -> None:
    typed = visit(
        code=None, presentation=Presentation(Method.HAND, AT, person=Holder(name="李四", id_number="X123456"))
    )
    draft = passage(typed)
    assert {name: draft.open[name] for name in ("scheme", "level", "verification", "code_reason")} == {
        "scheme": None,
        "level": None,
        "verification": None,
        "code_reason": None,
    }
    assert (draft.personal["serial"], draft.personal["tests"]) == ("", [])
    assert draft.personal["id_last4"] == "3456"


def test_what_a_code_says_is_completed_by_what_was_typed_and_never_replaced() -> None:
    typed = Presentation(Method.TABLET, AT, "text", person=Holder(name="别人", phone="13900001111"))
    said = replace(CODE, holder=Holder(name="张三丰", id_last4="4321"))
    person = visit(code=said, presentation=typed).person
    assert (person.name, person.id_last4, person.phone) == ("张三丰", "4321", "13900001111")


def test_why_a_code_was_refused_is_kept() -> None:
    forged = replace(CODE, verification=Verification.FAILED, reason=Reason.BAD_SIGNATURE)
    draft = passage(visit(code=forged))
    assert (draft.open["verdict"], draft.open["code_reason"]) == (Verdict.REFUSE.value, "bad-signature")


@pytest.mark.parametrize(
    ("shown", "code", "demo"),
    [
        (Presentation(Method.CAMERA, AT, "text", demo=True), CODE, True),
        (Presentation(Method.CAMERA, AT, "text"), replace(CODE, demo=True), True),
        (Presentation(Method.CAMERA, AT, "text"), CODE, False),
    ],
)
def test_a_demonstration_is_marked_on_every_record(shown: Presentation, code: HealthCode, demo: bool) -> None:
    feverish = visit(code=code, presentation=shown, readings=[Reading(38.4, AT, "film")])
    drafts = [passage(feverish), *alerts(feverish), records.abandoned(feverish, DUTY, "left", LATER)]
    assert {draft.open["demo"] for draft in drafts} == {demo}
