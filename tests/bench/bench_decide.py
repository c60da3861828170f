"""From facts to a decision over the default policy, beside one rule of it and beside a second CertLogic engine."""

from __future__ import annotations

from datetime import UTC, datetime

from json_logic import cert_logic

from kiosk.known import Known
from kiosk.model import Colour, Direction, Footing, Holder, LaneInfo, Method, Reading
from kiosk.screening import decide, facts, needs, policy
from kiosk.screening.logic import compile_rule
from tests.bench.figures import Figure, median, percentile, times_s

ROUNDS = 2000
RULE = {">=": [{"var": "reading.celsius"}, {"var": "limits.fever"}]}


def run() -> list[Figure]:
    rules = policy.default()
    known = facts.build(
        code=None,
        colour=Colour.UNSURE,
        person=Holder(name="张三", phone="13812348000"),
        readings=[Reading(36.6, datetime(2026, 11, 22, tzinfo=UTC), "keypad")],
        answers={},
        known=Known(),
        lane=LaneInfo("1", "camera"),
        method=Method.HAND,
        direction=Direction.IN,
        footing=Footing.FRESH,
        policy=rules,
        now=datetime(2026, 11, 22, tzinfo=UTC),
    )
    fever = compile_rule(RULE, mode="gate")
    peer_us = 1e6 * median(times_s(lambda: cert_logic.certLogic(RULE, known), ROUNDS))
    rule_us = 1e6 * median(times_s(lambda: fever(known), ROUNDS))
    decisions = times_s(lambda: decide(known, rules), ROUNDS)
    needed_us = 1e6 * median(times_s(lambda: needs(known, rules), ROUNDS))
    return [
        Figure("one rule (fever)", rule_us, "µs", rule_us / peer_us, "panzi-json-logic on the same rule"),
        Figure("what is still needed", needed_us, "µs"),
        Figure(f"a decision over {len(rules.rules)} rules, median", 1e6 * median(decisions), "µs"),
        Figure("a decision, 99 of 100", 1e6 * percentile(decisions, 0.99), "µs"),
    ]
