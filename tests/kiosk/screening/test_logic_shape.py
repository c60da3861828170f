"""What is refused before anything runs, and where it says the fault lies."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from kiosk.errors import PolicyError
from kiosk.screening.logic import Read, compile_rule, flaws, reads
from kiosk.screening.logic.shape import MAX_DEPTH, MAX_PARTS, Mode


@pytest.mark.parametrize(
    ("expression", "place", "says"),
    [
        ({"==": [1, 1]}, "when", "unknown operator '=='"),
        ({"and": [True]}, "when", "'and' takes at least 2 operands, not 1"),
        ({"<": [1, 2, 3, 4]}, "when", "'<' takes 2 or 3 operands, not 4"),
        ({"!": [1, 2]}, "when", "'!' takes 1 operands, not 2"),
        ({"!": True}, "when", "not of the form"),
        ({}, "when", "exactly one key, this has 0"),
        ({"and": [], "or": []}, "when", "exactly one key, this has 2: and, or"),
        ({"and": [True, {">=": [{"var": 7}, 1]}]}, "when.and[1]['>='][0]", 'not of the form {"var": "<path>"}'),
        ({"var": "a..b"}, "when", "is no path"),
        ({"var": "a" * 201}, "when", "is no path"),
        ({"var": []}, "when", 'not of the form {"var": ["<path>", <default>]}'),
        ({"var": ["a.b", {"var": "c"}]}, "when.var[1]", "a default is a plain value"),
        ({"var": ["a.b", None]}, "when.var[1]", "null is no expression"),
        ({"var": ["a.b", [[]]]}, "when.var[1]", "a default is a plain value"),
        ({"plusTime": [{"var": "now"}, 1.5, "day"]}, "when.plusTime[1]", "a whole number"),
        ({"plusTime": [{"var": "now"}, True, "day"]}, "when.plusTime[1]", "a whole number"),
        ({"plusTime": [{"var": "now"}, 1, "week"]}, "when.plusTime[2]", "year, month, day, hour"),
        ({"extractFromUVCI": [{"var": "a.b"}, "0"]}, "when.extractFromUVCI[1]", "a whole number"),
        ({"reduce": [[], {"var": "code.level"}, 0]}, "when.reduce[1]", "inside 'reduce' there are only"),
        ([1, None], "when[1]", "null is no expression"),
        ({"<": [float("nan"), 1]}, "when['<'][0]", "must be finite"),
        ({"before": [datetime.date(2026, 11, 22), {"var": "now"}]}, "when.before[0]", "write times as text"),
    ],
)
def test_a_faulty_expression_is_refused_with_its_place(expression: Any, place: str, says: str) -> None:
    (flaw, *_) = flaws(expression, "gate")
    assert flaw.place == place
    assert says in flaw.says
    with pytest.raises(PolicyError):
        compile_rule(expression, mode="gate")


def test_every_flaw_is_found_at_once() -> None:
    expression = {"and": [{"==": []}, {"!": []}, {"if": [True, None, {"var": "x."}]}]}
    with pytest.raises(PolicyError) as refused:
        compile_rule(expression, mode="gate")
    places = [problem.partition(": ")[0] for problem in refused.value.problems]
    assert places == ["when.and[0]", "when.and[1]", "when.and[2].if[1]", "when.and[2].if[2]"]


@pytest.mark.parametrize("expression", [{"or": [True, False]}, {"var": ["a.b", 1]}, 37.3, {"<": [36.5, 37.3]}])
def test_what_only_the_gates_dialect_knows_is_no_published_rule(expression: Any) -> None:
    assert flaws(expression, "gate") == []
    assert flaws(expression, "published") != []


@pytest.mark.parametrize("mode", ["gate", "published"])
def test_depth_and_size_have_bounds_on_both_sides(mode: Mode) -> None:
    def nested(depth: int) -> Any:
        expression: Any = True
        for _ in range(depth):
            expression = {"!": [expression]}
        return expression

    assert flaws(nested(MAX_DEPTH), mode) == []
    assert "nested deeper" in flaws(nested(MAX_DEPTH + 1), mode)[0].says
    assert "nested deeper" in flaws(nested(5_000), mode)[0].says
    assert flaws([1] * (MAX_PARTS - 1), mode) == []
    (flaw,) = flaws([1] * (MAX_PARTS + 1_000), mode)
    assert f"more than {MAX_PARTS} parts" in flaw.says


def test_reads_names_every_fact_also_those_a_fold_reads_outside() -> None:
    fold = {"+": [{"var": "accumulator"}, {"if": [{"===": [{"var": "current"}, {"var": "data.tier"}]}, 1, 0]}]}
    inner = {"reduce": [{"var": "data.code.tests"}, {"var": "data.data.footing"}, 0]}
    expression = {"and": [{"var": ["a.b", False]}, {"reduce": [{"var": "watch.why"}, {"and": [fold, inner]}, 0]}]}
    assert list(reads(expression)) == [
        Read("when.and[0].var", "a.b", True),
        Read("when.and[1].reduce[0].var", "watch.why", False),
        Read("when.and[1].reduce[1].and[0]['+'][1].if[0]['==='][1].var", "tier", False),
        Read("when.and[1].reduce[1].and[1].reduce[0].var", "code.tests", False),
        Read("when.and[1].reduce[1].and[1].reduce[1].var", "footing", False),
    ]
