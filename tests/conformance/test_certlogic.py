"""CertLogic against its specification's own suites, published national rules, and a second engine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import json_logic.cert_logic as second_opinion
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.screening.logic import compile_rule, find, flaws
from tests.conformance.data import folder

PUBLISHED_CASES = 218  # in the suites, those marked to be skipped left out
VALIDATION_CASES = 23


def _cases(suite_folder: str) -> Iterator[tuple[str, dict[str, Any]]]:
    files = sorted(folder("certlogic").joinpath(suite_folder).glob("*.json"))
    for file in files:
        suite = json.loads(file.read_text(encoding="utf-8"))
        for number, case in enumerate(suite["cases"], 1):
            skipped = suite.get("directive") == "skip" or case.get("directive") == "skip"
            yield f"{file.stem} #{number} {case.get('name', '')}", {**case, "skipped": skipped}


def _assertions() -> Iterator[tuple[str, Any, Any, Any, bool]]:
    for name, case in _cases("testSuite"):
        for assertion in case["assertions"]:
            expression = assertion.get("certLogicExpression", case.get("certLogicExpression"))
            skipped = case["skipped"] or assertion.get("directive") == "skip"
            yield name, expression, assertion["data"], assertion["expected"], skipped


def test_every_case_of_the_specification_has_its_published_answer() -> None:
    wrong, counted = [], 0
    for name, expression, data, expected, skipped in _assertions():
        if skipped:
            continue
        counted += 1
        if not _same(answer := compile_rule(expression, mode="published")(data), expected):
            wrong.append(f"{name}: {expression} on {data}: {answer!r}, not {expected!r}")
    assert wrong == []
    assert counted == PUBLISHED_CASES


def test_a_fold_reaches_the_data_outside_it_as_the_suites_optional_cases_ask() -> None:
    optional = [case for case in _assertions() if case[0].startswith("patched-reduce")]
    assert optional
    for _, expression, data, expected, _ in optional:
        assert compile_rule(expression, mode="published")(data) == expected


def test_validation_finds_the_suites_issues_and_no_others() -> None:
    counted = 0
    for name, case in _cases("validation-testSuite"):
        counted += 1
        found = flaws(case["certLogicExpression"], "published", place="rule")
        assert len(found) == len(case["issues"]), name
        for flaw, issue in zip(found, case["issues"], strict=True):
            assert flaw.place == "rule", name
            assert issue["expr"] == case["certLogicExpression"], "every published issue lies at the root"
    assert counted == VALIDATION_CASES


def test_every_published_national_rule_answers_its_own_tests() -> None:
    rules = sorted(folder("dcc/rules").glob("*/*/rule.json"))
    wrong = []
    for file in rules:
        rule = compile_rule(json.loads(file.read_text(encoding="utf-8"))["Logic"], mode="published")
        for test in sorted(file.parent.glob("tests/*.json")):
            case = json.loads(test.read_text(encoding="utf-8"))
            if rule(case) is not case["expected"]:
                wrong.append(str(test.relative_to(file.parent.parent.parent)))
    assert rules
    assert wrong == []


def _same(one: Any, other: Any) -> bool:
    """Equal as JSON: 0 is not false."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


# --- the second engine -------------------------------------------------------------------------------------------

_integers = st.integers(-3, 3)
_facts = st.fixed_dictionaries({}, optional=dict.fromkeys("abc", _integers))
_texts = st.sampled_from(["", "x", "red", "green"])
_days = st.dates(date(1970, 1, 1), date(2100, 12, 31)).map(date.isoformat)


def _operation(name: str, *operands: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.tuples(*operands).map(lambda chosen: {name: list(chosen)})


def _comparisons(names: list[str], operand: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    one, two, three = (operand for _ in range(3))
    return st.one_of(*[_operation(name, one, two) | _operation(name, one, two, three) for name in names])


_moments = _operation("plusTime", _days, st.integers(-400, 400), st.sampled_from(["day", "hour"]))
_numbers = st.recursive(
    _integers,
    lambda inner: _operation("+", inner, inner) | _operation("if", _integers, inner, inner),
    max_leaves=6,
)
_conditions = st.recursive(
    st.one_of(
        st.booleans(),
        _comparisons(["<", ">", "<=", ">="], _numbers),
        _comparisons(["before", "after", "not-before", "not-after"], _moments),
        _operation("===", _texts, _texts),
        _operation("in", _texts, st.lists(_texts, max_size=3)),
        st.sampled_from([{"var": name} for name in "abc"]),
    ),
    lambda inner: st.one_of(
        _operation("!", inner),
        _operation("and", inner, inner, inner),
        _operation("if", inner, inner, inner),
    ),
    max_leaves=12,
)


@settings(deadline=None)
@given(expression=_conditions, facts=_facts)
def test_another_engine_answers_the_same(expression: Any, facts: dict[str, int]) -> None:
    expected = second_opinion.certLogic(expression, facts)
    assert _same(compile_rule(expression, mode="published")(facts), expected)


@settings(deadline=None)
@given(
    path=st.lists(st.sampled_from(["a", "b", "0", "1"]), min_size=1, max_size=4).map(".".join),
    data=st.recursive(
        _integers | st.none(),
        lambda inner: (
            st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["a", "b", "0"]), inner, max_size=3)
        ),
        max_leaves=8,
    ),
)
def test_another_engine_finds_the_same_facts(path: str, data: Any) -> None:
    assert _same(find(data, path), second_opinion.certLogic({"var": path}, data))
