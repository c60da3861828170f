"""From a presented code to a decision over the shipped policy, on a gate that holds 20,000 entries of each list.

Beside it one rule and a second CertLogic engine. What the journal remembers of somebody is not asked here.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from json_logic import cert_logic

from kiosk import tokens
from kiosk.known import Known
from kiosk.lists import Region, Regions, Resident, Roster, WatchEntry, WatchList
from kiosk.model import (
    Colour,
    Direction,
    Footing,
    HealthCode,
    Holder,
    LabTest,
    LaneInfo,
    Level,
    Method,
    Presentation,
    Reading,
    Saying,
    Verification,
)
from kiosk.recognition import Lists, NoPast, Recogniser
from kiosk.screening import Policy, decide, facts, needs, policy
from kiosk.screening.logic import compile_rule
from tests.bench.figures import Figure, median, percentile, times_s

ROUNDS = 2000
PEOPLE = 20_000
LIMIT_US = 1000
RULE = {">=": [{"var": "reading.celsius"}, {"var": "limits.fever"}]}
NOW = datetime(2026, 11, 22, 3, 30, tzinfo=UTC)
KEY = b"k" * 32
CODE = HealthCode(
    scheme="bamin",
    level=Level.GREEN,
    holder=Holder(name="张三", id_number="350582199001010011", phone="13812300042"),
    tests=(LabTest("pcr", NOW - timedelta(hours=30), "negative"),),
    verification=Verification.VERIFIED,
    serial="bamin-1",
)
SHOWN = Presentation(Method.CAMERA, NOW, text="bamin:1", colour=Colour.GREEN)


def run() -> list[Figure]:
    """The figures of facts, needs and decision, the last one as issue and limit know it: at most 1 ms in the median."""
    rules = policy.default()
    recogniser = Recogniser(KEY, NoPast(), ZoneInfo("Asia/Shanghai"), "gate-1")
    lists = _lists()
    known = recogniser.know(lists, NOW, CODE, SHOWN, Direction.IN)
    seen = _facts(known, rules)
    fever = compile_rule(RULE, mode="gate")
    peer_us = 1e6 * median(times_s(lambda: cert_logic.certLogic(RULE, seen), ROUNDS))
    rule_us = 1e6 * median(times_s(lambda: fever(seen), ROUNDS))
    many = f"with {PEOPLE:,} watch entries and {PEOPLE:,} roster tokens"
    return [
        Figure("one rule (fever)", rule_us, "µs", rule_us / peer_us, "panzi-json-logic on the same rule"),
        _figure(f"knowing somebody {many}", lambda: recogniser.know(lists, NOW, CODE, SHOWN, Direction.IN)),
        _figure("the facts", lambda: _facts(known, rules)),
        _figure("what is still needed", lambda: needs(seen, rules)),
        *_decisions(f"a decision over {len(rules.rules)} rules", lambda: decide(seen, rules)),
        *_decisions(
            f"code → facts → decision {many}",
            lambda: decide(_facts(recogniser.know(lists, NOW, CODE, SHOWN, Direction.IN), rules), rules),
        ),
    ]


def _figure(what: str, work: Callable[[], object]) -> Figure:
    return Figure(what, 1e6 * median(times_s(work, ROUNDS)), "µs")


def _decisions(what: str, work: Callable[[], object]) -> list[Figure]:
    times = times_s(work, ROUNDS)
    middle_us = 1e6 * median(times)
    return [
        Figure(f"{what}, median", middle_us, "µs", middle_us / LIMIT_US, "the limit of 1 ms"),
        Figure(f"{what}, 99 of 100", 1e6 * percentile(times, 0.99), "µs"),
    ]


def _lists() -> Lists:
    """20,000 people whom the office watches for and 20,000 who live here, the one of the bench among both."""
    listed = [tokens.token(KEY, "phone", f"138123{number:05}") for number in range(PEOPLE)]
    return Lists(
        watch=WatchList(WatchEntry(token, "cold-chain") for token in listed),
        roster=Roster(Resident((token,), household=f"3-2-{number}") for number, token in enumerate(listed)),
        regions=Regions([Region("4201", Saying("武汉", "Wuhan"))]),
    )


def _facts(known: Known, rules: Policy) -> dict[str, object]:
    return facts.build(
        code=CODE,
        colour=Colour.GREEN,
        person=CODE.holder,
        readings=[Reading(36.6, NOW, "serial")],
        answers={"symptoms": False, "exposure": False},
        known=known,
        lane=LaneInfo("1", "camera"),
        method=Method.CAMERA,
        direction=Direction.IN,
        footing=Footing.FRESH,
        policy=rules,
        now=NOW,
    )
