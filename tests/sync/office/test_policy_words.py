"""Rules as sentences and back, differences in words, and what is refused beyond what a gate could not read."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk.errors import PolicyError
from kiosk.screening import policy
from kiosk.screening.vetting import vet
from sync.office.policy import checks, difference, problem_words, sentence, spoken, upload, vocabulary
from sync.office.policy.sentence import Free, Group, Part, Unsaid

DEFAULT = policy.default().to_document()
FACTS = spoken.dictionary(DEFAULT)
FEVER = {">=": [{"var": "reading.celsius"}, {"var": "limits.fever"}]}

LEAVES = st.sampled_from(
    [
        FEVER,
        {"var": "code.presented"},
        {"!": [{"var": "code.presented"}]},
        {"var": ["answers.symptoms", False]},
        {"===": [{"var": "direction"}, "out"]},
        {"===": [{"var": "code.level"}, {"var": "code.colour"}]},
        {"in": [{"var": "footing"}, ["expired", "none"]]},
        {"in": ["observation", {"var": "watch.why"}]},
        {"before": [{"var": "code.valid_from"}, {"plusTime": [{"var": "now"}, -48, "hour"]}]},
        {"<": [30, {"var": "reading.celsius"}, 43]},
        {"<": [{"var": "reading.celsius"}, 36.0]},
        {"===": [{"var": "tier"}, 1]},
        {"if": [{"var": "code.presented"}, True, False]},
        True,
        False,
    ]
)
EXPRESSIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=4).map(lambda parts: {"and": parts}),
        st.lists(inner, min_size=2, max_size=4).map(lambda parts: {"or": parts}),
        inner.map(lambda part: {"!": [part]}),
    ),
    max_leaves=12,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no fault of the sentence
@given(EXPRESSIONS)
def test_opening_a_rule_and_saving_it_changes_nothing(expression: Any) -> None:
    again = sentence.build(sentence.read(expression, FACTS), FACTS)

    assert json.dumps(again) == json.dumps(expression)


@pytest.mark.parametrize("rule", DEFAULT["rule"], ids=lambda rule: rule["id"])
def test_every_shipped_rule_is_a_sentence_except_where_it_looks_through_a_list(rule: dict[str, Any]) -> None:
    def free(node: sentence.Node) -> bool:
        return isinstance(node, Free) or (isinstance(node, Group) and any(map(free, node.parts)))

    folds = "reduce" in json.dumps(rule["when"])
    assert folds or not free(sentence.read(rule["when"], FACTS))
    said = spoken.condition(rule["when"], DEFAULT)
    assert folds or "{" not in said.zh + said.en


def test_what_no_sentence_says_stays_certlogic() -> None:
    expression = {"and": [{"var": "code.presented"}, {"<": [30, {"var": "reading.celsius"}, 43]}]}

    read = sentence.read(expression, FACTS)

    assert read == Group("all", (Part("code.presented", "is"), Free('{"<": [30, {"var": "reading.celsius"}, 43]}')))


@pytest.mark.parametrize(
    ("part", "expression"),
    [
        (Part("reading.celsius", "ge", ("37.3",)), {">=": [{"var": "reading.celsius"}, 37.3]}),
        (
            Part("reading.celsius", "lt", ("limits.lowest",)),
            {"<": [{"var": "reading.celsius"}, {"var": "limits.lowest"}]},
        ),
        (Part("tier", "eq", ("2",)), {"===": [{"var": "tier"}, 2]}),
        (Part("direction", "ne", ("in",)), {"!": [{"===": [{"var": "direction"}, "in"]}]}),
        (Part("watch.why", "has-not", ("denied",)), {"!": [{"in": ["denied", {"var": "watch.why"}]}]}),
        (Part("code.presented", "is", absent="no"), {"var": ["code.presented", False]}),
        (
            Part("code.valid_until", "after", ("now",)),
            {"after": [{"var": "code.valid_until"}, {"var": "now"}]},
        ),
        (
            Part("code.valid_until", "after", ("+2 days",)),
            {"after": [{"var": "code.valid_until"}, {"plusTime": [{"var": "now"}, 2, "day"]}]},
        ),
    ],
)
def test_a_sentence_says_an_expression_that_a_gate_takes(part: Part, expression: Any) -> None:
    assert sentence.build(part, FACTS) == expression
    assert vet(expression, "when", FACTS) == []


@pytest.mark.parametrize(
    ("node", "place", "said"),
    [
        (Part("reading.celsius", "ge", ("hot",)), "w", "数字"),
        (Part("reading.celsius", "ge", ()), "w", "数字"),
        (Part("reading.celsius", "ge", ("code.level",)), "w", "数字"),
        (Group("all", (Part("direction", "in"),)), "w.0", "至少选一项"),
        (Group("any", ()), "w", "至少写一项"),
        (Group("all", (Group("all", (Free("{"),)),)), "w.0.0", "JSON"),
        (Part("code.valid_until", "after", ("soon",)), "w", "时间"),
        (Part("watch.why", "has", ("",)), "w", "所含"),
        (Part("watch.why", "ge", ("1",)), "w", "比较"),
    ],
)
def test_a_sentence_that_says_nothing_yet_tells_where(node: sentence.Node, place: str, said: str) -> None:
    with pytest.raises(Unsaid) as unsaid:
        sentence.build(node, FACTS)

    assert said in unsaid.value.problems[place].zh


def test_a_part_whose_fact_became_another_kind_forgets_its_value() -> None:
    part = Part("direction", "ge", ("37.3",))

    assert sentence.fitted(part, FACTS) == Part("direction", "eq")
    assert sentence.fitted(Part("reading.celsius", "ge", ("37.3",)), FACTS).value == ("37.3",)


def test_a_condition_is_read_out_with_the_limits_own_number() -> None:
    said = spoken.condition(FEVER, DEFAULT)

    assert said.zh == "体温 ℃ ≥ “体温达到此值须留观复测 37.3℃”"
    assert (
        said.en == "the temperature in °C ≥ “temperature from which people wait apart and are measured again 37.3 °C”"
    )


def rule(name: str, when: Any = FEVER, **more: Any) -> dict[str, Any]:
    return {"id": name, "when": when, "verdict": "check", "say": {"zh": "中", "en": "e"}, **more}


def with_rules(*rules: dict[str, Any]) -> dict[str, Any]:
    return {**DEFAULT, "question": [], "rule": list(rules)}


def test_two_rules_with_one_condition_and_two_verdicts_are_refused() -> None:
    one = {"and": [{"var": "code.presented"}, {"===": [{"var": "direction"}, "in"]}]}
    same = {"and": [{"===": ["in", {"var": "direction"}]}, {"var": "code.presented"}]}

    (problem,) = checks.problems(with_rules(rule("a", one), rule("b", same, verdict="refuse")))

    assert problem.startswith("rule[1].verdict: contradicts rule 'a' (rule[0])")


@pytest.mark.parametrize(
    "other",
    [
        rule("b"),
        rule("b", verdict="refuse", enabled=False),
        rule("b", {">": FEVER[">="]}, verdict="refuse"),
    ],
)
def test_rules_that_agree_or_never_meet_are_taken(other: dict[str, Any]) -> None:
    assert checks.problems(with_rules(rule("a"), other)) == []


def test_rules_for_different_tiers_do_not_contradict() -> None:
    apart = [rule("a", tiers=[0, 1]), rule("b", tiers=[2, 3], verdict="refuse")]
    meeting = [rule("a", tiers=[0, 1]), rule("b", tiers=[1, 2], verdict="refuse")]

    assert checks.problems(with_rules(*apart)) == []
    assert len(checks.problems(with_rules(*meeting))) == 1


def test_one_id_twice_an_unknown_fact_and_a_slow_rule_are_refused_with_their_places() -> None:
    inner = {"reduce": [{"var": "data.code.tests"}, {"var": "accumulator"}, False]}
    slow = {"reduce": [{"var": "code.tests"}, inner, False]}

    found = (
        checks.problems(with_rules(rule("a"), rule("a"))),
        checks.problems(with_rules(rule("a", {"var": "code.shown"}))),
        checks.problems(with_rules(rule("a", slow))),
    )

    assert found[0] == ["rule[1].id: 'a' is taken already"]
    assert found[1][0].startswith("rule[0].when.var: unknown fact 'code.shown'")
    assert found[2][0].startswith("rule[0].when: takes up to")


@pytest.mark.parametrize("document", [None, [], "x", {"rule": "x", "limits": [], "question": 7}, {"rule": [7, None]}])
def test_nothing_that_is_no_policy_breaks_the_checks_or_the_words(document: Any) -> None:
    assert checks.problems(document)
    if isinstance(document, dict):
        difference.between(document, DEFAULT)
        difference.between(DEFAULT, document)


def test_problems_are_found_at_their_place() -> None:
    found = ["rule[1].when.and[0].var: unknown", "rule[1].id: taken", "rule[11].id: taken", "limits.fever: too high"]

    assert checks.at("rule[1]", found) == ["when.and[0].var: unknown", "id: taken"]
    assert checks.at("limits.fever", found) == ["too high"]


def test_a_difference_names_limits_tier_and_rules_in_words() -> None:
    rules = [dict(one) for one in DEFAULT["rule"]]
    rules[0] |= {"enabled": False, "tiers": [2, 3], "verdict": "check"}
    gone = rules.pop(1)
    new = {**DEFAULT, "tier": 2, "limits": {**DEFAULT["limits"], "fever": 37.0}, "rule": [*rules, rule("new")]}

    found = {one.what.zh: one for one in difference.between(DEFAULT, new)}

    assert [line.zh for line in found["疫情等级"].lines] == ["0 常态防控 → 2 本社区出现病例或暴发"]
    assert [line.zh for line in found["界限：体温达到此值须留观复测"].lines] == ["37.3 ℃ → 37.0 ℃"]
    fever = {line.zh for line in found["规则 fever"].lines}
    assert fever == {"等级：0、1、2、3 → 2、3", "处置：留观 → 复核", "停用"}
    assert (found[f"规则 {gone['id']}"].kind, found["规则 new"].kind) == ("removed", "added")
    assert difference.between(DEFAULT, json.loads(json.dumps(DEFAULT))) == ()


def test_what_stands_by_itself_is_no_difference() -> None:
    bare = [
        {key: value for key, value in one.items() if key not in ("enabled", "source", "do")} for one in DEFAULT["rule"]
    ]
    kept = [{**one, "enabled": True} for one in bare]

    assert difference.between({**DEFAULT, "rule": bare}, {**DEFAULT, "rule": kept}) == ()


def test_a_file_is_toml_or_json() -> None:
    assert upload.document(json.dumps(DEFAULT).encode()) == DEFAULT
    assert upload.document('﻿id = "street"\r\nversion = 1\r\n'.encode()) == {"id": "street", "version": 1}
    for wrong in (b"\xff", b"[1", b"{", b"= 1", b"x" * 1_000_001, b'{"id": 1, "id": 2}'):
        with pytest.raises(PolicyError):
            upload.document(wrong)


def test_every_limit_of_the_shipped_policy_is_explained() -> None:
    for name in DEFAULT["limits"]:
        found = vocabulary.limit(name)
        assert found.say.zh != name
        assert found.source


@pytest.mark.parametrize(
    ("document", "zh"),
    [
        ({"tier": 7}, "tier: 必须是 0 到 3 的整数，现为 7"),
        ({"limits": {"fever": 50}}, "limits.fever: 50 超出范围，应在 36 到 40 之间"),
        ({"limits": {"fever": "warm"}}, "limits.fever: 必须是数字，现为 'warm'"),
        (
            {"colour": 1},
            "colour: 没有这个项目，可写的有：id, version, title, tier, limits, require, question, rule, acceptance",
        ),
        ({"rule": []}, "rule: 没有启用任何规则，这样永远查不出问题"),
    ],
)
def test_what_is_wrong_with_a_policy_is_said_in_chinese_too(document: dict[str, Any], zh: str) -> None:
    said = [problem_words.say(problem) for problem in checks.problems({**DEFAULT, **document})]
    assert zh in [one.zh for one in said]
    assert all(one.en.isascii() for one in said)


@pytest.mark.parametrize(
    ("when", "zh"),
    [
        ({"var": "reading.celcius"}, "rule[0].when.var: 没有 'reading.celcius' 这项事实，是不是 'reading.celsius'？"),
        ({"===": [{"var": "code.level"}, "rad"]}, "code.level 不会是 'rad'，只可能是 'green', 'yellow', 'red', 'none'"),
        ({">": [{"var": "code.level"}, 3]}, "'>' 只能比较数字，而 code.level 是文字"),
        ({"before": [{"var": "reading.celsius"}, {"var": "now"}]}, "'before' 只能比较时间，而 reading.celsius 是数字"),
        ({"===": [{"var": "pass.valid"}, 1]}, "pass.valid 是是非题，不会等于 1"),
        ({"in": [{"var": "tier"}]}, "'in' 需要 2 个运算项，现有 1 个"),
        ({"matches": []}, "没有 'matches' 这种运算"),
        ({"and": [None, True]}, "rule[0].when.and[0]: null 不是条件"),
        ({"a": 1, "b": 2}, "每个运算只能有一个键，这里有 2 个：a, b"),
    ],
)
def test_what_is_wrong_with_a_condition_is_said_in_chinese_with_its_place(when: Any, zh: str) -> None:
    problem = checks.problems({**DEFAULT, "rule": [{**DEFAULT["rule"][0], "when": when}]})[0]
    assert zh in problem_words.say(problem).zh


def test_a_problem_without_chinese_words_is_shown_as_it_came() -> None:
    assert problem_words.say("rule[0]: something new").zh == "rule[0]: something new"
