"""Why a rule fired or did not: the comparisons that settled it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from kiosk.screening import explain, policy
from kiosk.screening.logic import Undecided
from kiosk.screening.why import clues
from tests.kiosk.screening.visits import Seen, visits

FACTS = {"direction": "out", "tier": 2, "watch": {"why": ["other"]}}
OUT, IN = ({"===": [{"var": "direction"}, way]} for way in ("out", "in"))
HIGH, UNKNOWN = {">=": [{"var": "tier"}, 3]}, {"var": "place.full"}


@pytest.mark.parametrize(
    ("when", "places"),
    [
        (OUT, ["when"]),
        ({"and": [OUT, IN, HIGH]}, ["when.and[1]"]),
        ({"and": [OUT, {"!": [IN]}]}, ["when.and[0]", "when.and[1].![0]"]),
        ({"and": [OUT, UNKNOWN]}, ["when.and[1]"]),
        ({"and": [UNKNOWN, IN]}, ["when.and[1]"]),
        ({"or": [IN, OUT]}, ["when.or[1]"]),
        ({"or": [IN, HIGH]}, ["when.or[0]", "when.or[1]"]),
        ({"or": [IN, {"and": [OUT, HIGH]}]}, ["when.or[0]", "when.or[1].and[1]"]),
    ],
)
def test_only_what_settled_the_answer_is_told(when: Any, places: list[str]) -> None:
    assert [clue.place for clue in clues(when, FACTS)] == places


@pytest.mark.parametrize(
    ("when", "says"),
    [
        (HIGH, "tier (2) >= 3"),
        (UNKNOWN, "place.full (absent)"),
        ({"var": ["mask", "worn"]}, 'mask (absent, taken as "worn")'),
        ({"in": ["other", {"var": "watch.why"}]}, '"other" in watch.why (["other"])'),
        ({"reduce": [{"var": "watch.why"}, {"var": "current"}, False]}, 'reduce over watch.why (["other"])'),
        ({"<": [1, {"var": "tier"}, 3]}, "1 < tier (2) < 3"),
        (False, "false"),
    ],
)
def test_a_comparison_is_told_with_the_facts_in_it(when: Any, says: str) -> None:
    assert [clue.says for clue in clues(when, FACTS)] == [says]


@given(seen=visits)
def test_every_rule_that_was_looked_at_has_a_clue_of_its_answers_kind(seen: Seen) -> None:
    shipped = policy.default()
    for looked in explain(seen.facts(shipped), shipped):
        assert bool(looked.clues) == looked.looked_at
        if isinstance(looked.answer, Undecided):
            assert any(isinstance(clue.answer, Undecided) for clue in looked.clues)
