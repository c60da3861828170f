"""Policies: read from TOML and JSON, every problem named at once, written out and read again."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kiosk.errors import PolicyError
from kiosk.screening import policy
from kiosk.screening.limits import LIMITS

SAY = {"zh": "请核对", "en": "Please check"}
SMALL: dict[str, Any] = {
    "id": "small",
    "version": 1,
    "title": {"zh": "小策略", "en": "Small policy"},
    "limits": {"fever": 37.3},
    "rule": [{"id": "red", "when": {"===": [{"var": "code.level"}, "red"]}, "verdict": "refuse", "say": SAY}],
}


def _problems(document: Any) -> list[str]:
    with pytest.raises(PolicyError) as refused:
        policy.parse(document)
    return refused.value.problems


def _with_when(when: Any) -> dict[str, Any]:
    return SMALL | {"rule": [SMALL["rule"][0] | {"when": when}]}


def test_a_policy_written_out_is_read_as_the_same_policy() -> None:
    shipped = policy.default()
    assert policy.parse(shipped.to_document()) == shipped
    assert policy.from_json(json.dumps(shipped.to_document(), ensure_ascii=False).encode()) == shipped


def test_what_a_rule_leaves_out_has_its_default() -> None:
    (rule,) = policy.parse(SMALL).rules
    assert (rule.tiers, rule.do, rule.source, rule.enabled) == ((0, 1, 2, 3), (), "", True)
    assert policy.parse(SMALL).tier == 0
    assert policy.parse(SMALL).name == "small@1"


def test_every_problem_is_named_at_once_with_its_place() -> None:
    document = {
        "id": "Not a name",
        "tier": 4,
        "limits": {"fever": 373, "odd": "x"},
        "colour": "blue",
        "require": [{"fact": "reading.celcius", "say": {"zh": "测温"}}],
        "question": [{"id": "a", "zh": "问", "en": "ask", "risky": "yes", "kind": "choice"}, {"id": "a"}],
        "rule": [
            {
                "id": "one",
                "when": {"and": [{"var": "a.b"}, {"==": []}]},
                "verdict": "kill",
                "tiers": [0, 9],
                "do": ["x"],
            },
            "not a table",
        ],
    }
    places = [problem.partition(": ")[0] for problem in _problems(document)]
    assert sorted(places) == sorted(
        [
            "colour", "id", "version", "title", "tier", "limits.fever", "limits.odd",
            "require[0].fact", "require[0].say.en",
            "question[0].risky", "question[0].kind", "question[1].id", "question[1].zh", "question[1].en",
            "question[0]", "question[1]",
            "rule[0].when.and[1]", "rule[0].verdict", "rule[0].say", "rule[0].tiers", "rule[0].do[0]",
            "rule[1]", "rule[1].id", "rule[1].when", "rule[1].verdict", "rule[1].say",
        ]
    )  # fmt: skip


@pytest.mark.parametrize(
    ("when", "says"),
    [
        ({"var": "code.presentd"}, "rule[0].when.var: unknown fact 'code.presentd'; did you mean 'code.presented'?"),
        ({"var": "zzz"}, "rule[0].when.var: unknown fact 'zzz'; docs/facts.md names them all"),
        ({"var": "code"}, "unknown fact 'code'"),
        ({"var": "code.tests.*.kind"}, "unknown fact"),
        ({">": [{"var": "limits.height"}, 1]}, "unknown fact 'limits.height'"),
        ({"var": "answers.cough"}, "unknown fact 'answers.cough'"),
        ({"===": [{"var": "code.level"}, "rad"]}, "code.level is never 'rad'"),
        ({"===": [True, {"var": "code.level"}]}, "code.level is a text and never True"),
        ({"in": [{"var": "direction"}, ["in", "up"]]}, "direction is never 'up'"),
        ({">": [{"var": "direction"}, 1]}, "'>' needs numbers, but direction is a text"),
        ({"before": [{"var": "reading.celsius"}, {"var": "now"}]}, "'before' needs times, but reading.celsius"),
        ({">": [{"var": ["reading.celsius", "36"]}, 1]}, "its default '36' is not"),
    ],
)
def test_a_fact_or_value_that_cannot_be_is_a_problem_not_a_rule_that_never_fires(when: Any, says: str) -> None:
    (problem, *_) = _problems(_with_when(when))
    assert says in problem


@pytest.mark.parametrize(
    "when",
    [
        {"===": [{"var": ["code.level", "absent"]}, "absent"]},
        {"===": [{"var": "code.tests.0.result"}, "positive"]},
        {"in": ["observation", {"var": "watch.why"}]},
        {"before": [{"var": "code.valid_until"}, {"plusTime": [{"var": "now"}, 2, "day"]}]},
        {"reduce": [{"var": "code.tests"}, {"===": [{"var": "current.result"}, "positive"]}, False]},
    ],
)
def test_what_can_be_is_taken(when: Any) -> None:
    assert policy.parse(_with_when(when)).rules[0].when.expression == when


def test_two_rules_of_one_name_are_a_problem() -> None:
    assert _problems(SMALL | {"rule": SMALL["rule"] * 2}) == ["rule[1].id: 'red' is taken already"]


def test_a_question_that_no_rule_hears_is_a_problem() -> None:
    asks = SMALL | {"question": [{"id": "cough", "zh": "咳嗽吗", "en": "A cough?"}]}
    assert _problems(asks) == ["question[0]: no enabled rule reads answers.cough"]


@pytest.mark.parametrize("rules", [[], [SMALL["rule"][0] | {"enabled": False}]])
def test_a_policy_without_a_rule_in_force_is_a_problem(rules: Any) -> None:
    assert "no rule is enabled" in _problems(SMALL | {"rule": rules})[0]


@pytest.mark.parametrize(("fever", "allowed"), [(35.9, False), (36, True), (40.0, True), (40.1, False)])
def test_the_fever_line_can_be_set_from_36_to_40(fever: float, allowed: bool) -> None:
    document = SMALL | {"limits": {"fever": fever}}
    if allowed:
        assert policy.parse(document).limits["fever"] == fever
    else:
        assert "limits.fever" in _problems(document)[0]


@pytest.mark.parametrize("name", LIMITS)
def test_every_limit_can_be_set_within_its_range_and_not_beyond(name: str) -> None:
    limit = LIMITS[name]
    for value in (limit.lowest, limit.highest):
        assert policy.parse(SMALL | {"limits": {name: value}}).limits[name] == value
    for value in (limit.lowest - 0.1, limit.highest + 0.1):
        assert f"limits.{name}" in _problems(SMALL | {"limits": {name: value}})[0]


def test_every_limit_of_the_shipped_policy_is_explained() -> None:
    assert set(policy.default().limits) == set(LIMITS)
    assert all("·" in limit.source for limit in LIMITS.values())


def test_a_question_about_regions_is_heard_by_a_rule_on_stays() -> None:
    asked = {"id": "where", "kind": "regions", "zh": "到过哪里", "en": "Where?"}
    deaf = SMALL | {"question": [asked]}
    assert _problems(deaf) == ["question[0]: no enabled rule reads stays.risk"]
    heard = deaf | {"rule": [*SMALL["rule"], SMALL["rule"][0] | {"id": "stay", "when": {"var": ["stays.risk", False]}}]}
    assert policy.parse(heard).questions[0].fact == "stays.risk"


def test_a_rule_says_what_is_to_be_done_in_words_the_gate_knows() -> None:
    rule = SMALL["rule"][0]
    steps = ["wait:second-reading", "inform:worker", "advise:home", "call:120", "alert:watch"]
    assert policy.parse(SMALL | {"rule": [rule | {"do": steps}]}).rules[0].do == tuple(steps)
    assert "rule[0].do[0]" in _problems(SMALL | {"rule": [rule | {"do": ["shout:loud"]}]})[0]


@pytest.mark.parametrize("document", [None, [], "policy", 7])
def test_what_is_no_table_is_no_policy(document: Any) -> None:
    assert _problems(document)[0] == "policy: must be a table"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b"{", "not JSON"),
        (b"\xff\xfe\x00", "not JSON"),
        (b'{"limits": {"fever": NaN}}', "NaN is no number"),
        (b'{"id": "a", "id": "b"}', "written twice in one object: id"),
        (b"[" * 100_000, "not JSON"),
        (b" " * 1_000_001, "longer than"),
    ],
)
def test_json_that_cannot_be_a_policy_is_refused(text: bytes, says: str) -> None:
    with pytest.raises(PolicyError, match=says):
        policy.from_json(text)


@pytest.mark.parametrize("text", ["id = ", "x = " + "[" * 100_000, "id = 1\nid = 2"])
def test_toml_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(PolicyError, match="not TOML"):
        policy.from_toml(text)
