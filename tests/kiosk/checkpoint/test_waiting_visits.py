"""Visits that wait: for the other parts of a card, and for an issuer's server."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from kiosk.checkpoint import Checkpoint, LaneTimes, Rules
from kiosk.codes import ReadContext, provincial, shc
from kiosk.known import Known
from kiosk.model import (
    ZERO_DIGEST,
    Clock,
    Direction,
    Draft,
    Event,
    Footing,
    HealthCode,
    Holder,
    LaneInfo,
    Level,
    Method,
    Presentation,
    Reading,
    Verdict,
    Verification,
)
from kiosk.screening import policy
from kiosk.visit import LaneView, Stage

START = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
PROVINCE = provincial.shipped("test-province")
ONLINE = f"https://test-province.invalid/p/{'0' * 32}"
VERIFIED = HealthCode(
    "test-province",
    Level.GREEN,
    Holder(name="李四", phone="13812348000"),
    verification=Verification.VERIFIED,
    demo=True,
)
PARTS = shc.write("eyJ6aXAiOiJERUYifQ.aGVhbHRo.c2lnbmF0dXJl", parts=3)


class Ledger:
    def __init__(self) -> None:
        self.events: list[Event] = []

    def append(self, *drafts: Draft) -> tuple[Event, ...]:
        new = tuple(
            Event("j", len(self.events) + n, "e", d.kind, d.at, Clock("b", 0), d.open, "", ZERO_DIGEST, "", d.personal)
            for n, d in enumerate(drafts, 1)
        )
        self.events += new
        return new


class Issuer:
    """An issuer's server: keeps each question until the test answers it."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Callable[[HealthCode], None]]] = []

    def asks(self, text: str) -> bool:
        return True

    def ask(self, text: str, at: datetime, lane: str, then: Callable[[HealthCode], None]) -> None:
        self.asked.append((text, then))


class Gate:
    def __init__(self) -> None:
        self.now, self.ledger, self.issuer = START, Ledger(), Issuer()
        self.seen_as: list[HealthCode | None] = []
        self.checkpoint = Checkpoint(
            {LaneInfo("1", "camera"): LaneTimes()},
            gate="g-1",
            journal=self.ledger,
            rules=self.rules,
            now=lambda: self.now,
            online=self.issuer,
        )

    def rules(self, now: datetime) -> Rules:
        context = ReadContext(at=now, provinces=(PROVINCE,), demo=True)
        return Rules(policy.default(), Footing.FRESH, context, self.known)

    def known(self, code: HealthCode | None, shown: Presentation, direction: Direction) -> Known:
        self.seen_as.append(code)
        return Known()

    def scan(self, text: str) -> LaneView:
        return self.checkpoint.present("1", Presentation(Method.CAMERA, self.now, text))

    def wait(self, seconds: float) -> LaneView:
        self.now += timedelta(seconds=seconds)
        self.checkpoint.tick()
        return self.checkpoint.view("1")

    def measure(self, celsius: float = 36.5) -> LaneView:
        return self.checkpoint.measure("1", Reading(celsius, self.now, "keypad"))


@pytest.fixture
def gate() -> Gate:
    return Gate()


def test_a_card_in_three_parts_is_read_once_all_were_shown_in_any_order(gate: Gate) -> None:
    progress = [gate.scan(PARTS[place]).visit for place in (2, 0)]
    assert [(visit.stage, visit.parts) for visit in progress if visit] == [
        (Stage.COLLECTING, (1, 3)),
        (Stage.COLLECTING, (2, 3)),
    ]
    whole = gate.scan(PARTS[1]).visit
    assert whole is not None
    assert (whole.stage, whole.parts) == (Stage.MEASURING, None)
    assert whole.code is not None
    assert whole.code.scheme == "smart-health-card"


def test_a_part_shown_twice_is_counted_once(gate: Gate) -> None:
    gate.scan(PARTS[0])
    again = gate.scan(PARTS[0]).visit
    assert again is not None
    assert again.parts == (1, 3)


def test_a_card_that_is_never_completed_is_recorded_as_broken_off(gate: Gate) -> None:
    gate.scan(PARTS[0])
    gate.wait(30)
    gate.scan(PARTS[1])
    assert gate.wait(59).visit is not None
    assert gate.wait(2).visit is None
    assert [event.kind for event in gate.ledger.events] == ["visit.abandoned"]
    assert gate.ledger.events[0].open["code_reason"] == "incomplete"


def test_another_persons_code_does_not_disturb_the_collecting(gate: Gate) -> None:
    gate.scan(PARTS[0])
    visit = gate.scan("GL1:green:李四").visit
    assert visit is not None
    assert (visit.stage, visit.parts) == (Stage.COLLECTING, (1, 3))


def test_an_online_code_waits_for_its_issuer_and_is_then_what_the_issuer_says(gate: Gate) -> None:
    view = gate.scan(ONLINE)
    assert view.visit is not None
    assert view.visit.stage is Stage.LOOKING
    gate.measure()
    [(text, answer)] = gate.issuer.asked
    assert text == ONLINE
    answer(VERIFIED)
    last = gate.checkpoint.view("1").last
    assert last is not None
    assert last.code is not None
    assert (last.code.verification, last.code.level) == (Verification.VERIFIED, Level.GREEN)


def test_an_issuer_that_never_answers_leaves_the_code_unverified_and_a_person_checks(gate: Gate) -> None:
    gate.scan(ONLINE)
    gate.measure()
    view = gate.wait(41)
    assert view.last is not None
    assert view.last.verdict is Verdict.CHECK


def test_an_answer_that_comes_too_late_touches_nobody_else(gate: Gate) -> None:
    gate.scan(ONLINE)
    [(_, answer)] = gate.issuer.asked
    visit = gate.checkpoint.view("1").visit
    assert visit is not None
    gate.checkpoint.cancel("1", visit.id, "left")
    gate.scan("GL1:red:张三丰")
    answer(VERIFIED)
    code = gate.checkpoint.view("1").visit
    assert code is not None
    assert code.code is not None
    assert code.code.level is Level.RED


def test_the_person_is_looked_up_again_by_what_the_issuer_said(gate: Gate) -> None:
    gate.scan(ONLINE)
    gate.issuer.asked[0][1](VERIFIED)
    assert gate.seen_as[-1] == VERIFIED
