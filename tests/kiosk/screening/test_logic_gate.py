"""The gate's dialect: what is not known stays unknown, and nothing raises."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.screening.logic import Undecided, compile_rule

UNDECIDED = "undecided"
ABSENT = {"var": "no.such"}


def answer(expression: Any, facts: Any = None) -> Any:
    found = compile_rule(expression, mode="gate")({} if facts is None else facts)
    return UNDECIDED if isinstance(found, Undecided) else found


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ({"and": [True, True]}, True),
        ({"and": [True, ABSENT]}, UNDECIDED),
        ({"and": [False, ABSENT]}, False),
        ({"and": [ABSENT, False]}, False),
        ({"or": [False, False]}, False),
        ({"or": [ABSENT, False]}, UNDECIDED),
        ({"or": [True, ABSENT]}, True),
        ({"or": [ABSENT, True]}, True),
        ({"!": [ABSENT]}, UNDECIDED),
        ({"!": [False]}, True),
        ({"if": [ABSENT, True, True]}, UNDECIDED),
        ({"if": [True, True, ABSENT]}, True),
        ({"if": [False, True, ABSENT]}, UNDECIDED),
        (ABSENT, UNDECIDED),
        ([1, ABSENT], UNDECIDED),
    ],
)
def test_kleenes_tables_hold(expression: Any, expected: Any) -> None:
    assert answer(expression) == expected


@pytest.mark.parametrize(
    "expression",
    [
        {">": [ABSENT, 1]},
        {"<": [1, ABSENT, 3]},
        {"===": [ABSENT, "red"]},
        {"in": [ABSENT, ["red"]]},
        {"in": ["red", ABSENT]},
        {"in": ["red", ["green", ABSENT]]},
        {"===": [{"+": [1, ABSENT]}, 2]},
        {"before": [ABSENT, "2026-11-22"]},
        {"after": [{"plusTime": [ABSENT, 1, "day"]}, "2026-11-22"]},
        {"after": [{"dccDateOfBirth": [ABSENT]}, "2026-11-22"]},
        {"===": [{"extractFromUVCI": [ABSENT, 0]}, "01"]},
        {"reduce": [ABSENT, {"var": "accumulator"}, True]},
        {"reduce": [[1], {"var": "current.no"}, True]},
    ],
)
def test_no_operator_turns_an_absent_fact_into_an_answer(expression: Any) -> None:
    assert answer(expression) == UNDECIDED


@pytest.mark.parametrize(
    "expression",
    [
        {">": ["38", 37]},
        {">": [True, 0]},
        {"===": ["1", 1]},
        {"===": [True, 1]},
        {"===": [["a"], ["a"]]},
        {"in": ["a", "abc"]},
        {"in": [1, ["1"]]},
        {"in": [["a"], [["a"]]]},
        {"===": [{"+": ["a", "b"]}, "ab"]},
        {"===": [{"+": [10**400, 0.5]}, 1]},
        {"before": [20261122, "2026-11-22"]},
        {"before": ["yesterday", "2026-11-22"]},
        {"before": ["2026-02-30", "2026-11-22"]},
        {"before": [{"plusTime": ["2026-11-22", 9999, "year"]}, "2026-11-22"]},
        {"before": [{"plusTime": ["2026-11-22", 10**12, "hour"]}, "2026-11-22"]},
        {"before": [{"dccDateOfBirth": ["2026-11-22T00:00:00Z"]}, "2026-11-22"]},
        {"===": [{"extractFromUVCI": ["01:NL", 7]}, "01"]},
        {"reduce": ["abc", True, False]},
        {"!": [0.5]},
        {"if": [{"plusTime": ["2026-11-22", 0, "day"]}, True, False]},
        37.3,
    ],
)
def test_an_operand_of_the_wrong_kind_leaves_the_rule_undecided(expression: Any) -> None:
    assert answer(expression) == UNDECIDED


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_number_that_is_none_compares_with_nothing(value: float) -> None:
    for operator in ("<", ">", "<=", ">=", "==="):
        assert answer({operator: [{"var": "t.c"}, 37.3]}, {"t": {"c": value}}) == UNDECIDED


def test_null_is_as_good_as_absent() -> None:
    assert answer({"===": [{"var": "a.b"}, "x"]}, {"a": {"b": None}}) == UNDECIDED


@pytest.mark.parametrize(
    "facts", [{}, {"a": None}, {"a": "text"}, {"a": 7}, {"a": {}}, {"a": []}, {"a": {"b": None}}, []]
)
def test_a_default_stands_in_wherever_the_fact_is_not(facts: Any) -> None:
    assert answer({"===": [{"var": ["a.b", 5]}, 5]}, facts) is True
    assert answer({"var": ["a.b", False]}, facts) is False


def test_a_default_gives_way_to_the_fact() -> None:
    assert answer({"===": [{"var": ["a.b", 5]}, 6]}, {"a": {"b": 6}}) is True
    assert answer({"var": ["a.b", True]}, {"a": {"b": False}}) is False


def test_undecided_names_each_missing_fact_once_and_only_those_that_mattered() -> None:
    expression = {
        "and": [
            {"===": [{"var": "a.one"}, {"var": "a.two"}]},
            {"or": [{"var": "a.one"}, {"var": "a.three"}]},
            {"or": [True, {"var": "a.four"}]},
        ]
    }
    assert compile_rule(expression, mode="gate")({}) == Undecided(missing=("a.one", "a.two", "a.three"))


def test_undecided_is_never_taken_for_true_or_false() -> None:
    with pytest.raises(TypeError):
        bool(Undecided())


@pytest.mark.parametrize(
    ("operator", "expected"), [("before", False), ("not-after", True), ("after", False), ("not-before", True)]
)
def test_times_compare_as_they_stand_or_moved(operator: str, expected: bool) -> None:
    facts = {"code": {"valid_until": "2026-11-22T03:30:00.000Z"}, "now": "2026-11-22T11:30:00+08:00"}
    until, now = {"var": "code.valid_until"}, {"var": "now"}
    assert answer({operator: [until, now]}, facts) is expected
    assert answer({operator: [{"plusTime": [until, 0, "day"]}, now]}, facts) is expected


def test_a_fold_reads_its_items_and_what_lies_outside() -> None:
    positive = {"===": [{"var": "current.result"}, {"var": "data.looked_for"}]}
    expression = {"reduce": [{"var": "code.tests"}, {"or": [{"var": "accumulator"}, positive]}, False]}
    tests = [{"result": "negative"}, {"result": "positive"}]
    assert answer(expression, {"code": {"tests": tests}, "looked_for": "positive"}) is True
    assert answer(expression, {"code": {"tests": tests[:1]}, "looked_for": "positive"}) is False
    assert answer(expression, {"code": {"tests": []}, "looked_for": "positive"}) is False
    assert answer(expression, {"code": {"tests": [{}]}, "looked_for": "positive"}) == UNDECIDED


def test_a_fact_is_found_in_a_list_by_its_number() -> None:
    facts = {"code": {"tests": [{"kind": "pcr"}]}}
    assert answer({"===": [{"var": "code.tests.0.kind"}, "pcr"]}, facts) is True
    assert answer({"===": [{"var": "code.tests.1.kind"}, "pcr"]}, facts) == UNDECIDED
    assert answer({"===": [{"var": "tests.0"}, "pcr"]}, {"tests": ["pcr"]}) is True


# --- properties ----------------------------------------------------------------------------------------------------

_names = st.sampled_from(["a.x", "a.y", "b.x", "b.y"])
_integers = st.integers(-2, 2)


def _operation(name: str, *operands: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.tuples(*operands).map(lambda chosen: {name: list(chosen)})


_numbers = st.recursive(
    _integers | _names.map(lambda name: {"var": name}),
    lambda inner: _operation("+", inner, inner),
    max_leaves=4,
)
_comparisons = st.one_of(
    *[_operation(name, _numbers, _numbers) for name in ("<", ">", "<=", ">=", "===")],
    _operation("in", _numbers, st.lists(_numbers, max_size=3)),
)


def _conditions(*connectives: str) -> st.SearchStrategy[Any]:
    return st.recursive(
        _comparisons | st.booleans(),
        lambda inner: st.one_of(
            _operation("!", inner),
            _operation("if", inner, inner, inner),
            *[_operation(name, inner, inner) for name in connectives],
        ),
        max_leaves=10,
    )


_groups = st.fixed_dictionaries({}, optional={"x": _integers, "y": _integers})
_partial = st.fixed_dictionaries({"a": _groups, "b": _groups})
_whole_group = st.fixed_dictionaries({"x": _integers, "y": _integers})
_whole = st.fixed_dictionaries({"a": _whole_group, "b": _whole_group})


@given(expression=_conditions("and", "or"), known=_partial, rest=_whole)
def test_what_was_decided_stays_decided_however_much_more_is_learnt(expression: Any, known: Any, rest: Any) -> None:
    rule = compile_rule(expression, mode="gate")
    before = rule(known)
    if not isinstance(before, Undecided):
        assert rule({group: rest[group] | known[group] for group in "ab"}) is before


@given(expression=_conditions("and", "or"), facts=_whole)
def test_whole_facts_leave_nothing_undecided(expression: Any, facts: Any) -> None:
    assert compile_rule(expression, mode="gate")(facts) in (True, False)


@given(expression=_conditions("and"), facts=_whole)
def test_on_whole_facts_both_modes_agree(expression: Any, facts: Any) -> None:
    assert compile_rule(expression, mode="gate")(facts) is compile_rule(expression, mode="published")(facts)


@given(expression=_comparisons, known=_partial)
def test_a_comparison_that_lacks_a_fact_is_never_false(expression: Any, known: Any) -> None:
    ((operator, _),) = expression.items()
    found = compile_rule(expression, mode="gate")(known)
    if _lacks(expression, known) and operator != "in":
        assert isinstance(found, Undecided)


def _lacks(expression: Any, facts: Any) -> bool:
    if isinstance(expression, list):
        return any(_lacks(item, facts) for item in expression)
    if not isinstance(expression, dict):
        return False
    if "var" in expression:
        group, name = expression["var"].split(".")
        return name not in facts[group]
    return any(_lacks(operands, facts) for operands in expression.values())


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abxy01"), inner, max_size=3),
    max_leaves=10,
)
_vars = st.sampled_from(["a", "a.x", "a.0", "a.x.y", "b.y.0", ""]).map(lambda path: {"var": path})
_anything = st.recursive(
    _vars | st.booleans() | st.integers() | st.text(max_size=12) | st.just("2026-11-22") | st.lists(_vars, max_size=2),
    lambda inner: st.one_of(
        *[_operation(name, inner, inner) for name in ("and", "or", "===", "in", "+", "<", "<=", ">", ">=")],
        *[_operation(name, inner, inner) for name in ("before", "after", "not-before", "not-after")],
        *[_operation(name, inner) for name in ("!", "dccDateOfBirth")],
        _operation("if", inner, inner, inner),
        _operation("plusTime", inner, st.integers(), st.sampled_from(["year", "month", "day", "hour"])),
        _operation("extractFromUVCI", inner, st.integers(-3, 3)),
        _operation("reduce", inner, st.sampled_from([{"var": "current"}, {"var": "accumulator"}]), inner),
    ),
    max_leaves=8,
)


@given(expression=_anything, facts=_json)
def test_nothing_that_facts_can_hold_makes_a_gate_rule_raise(expression: Any, facts: Any) -> None:
    assert isinstance(compile_rule(expression, mode="gate")(facts), bool | Undecided)
