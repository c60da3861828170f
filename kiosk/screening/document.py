"""A policy document → Policy. Reads to the end and names every problem with its place: `rule[2].when.and[0].var: …`."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

from kiosk.errors import PolicyError
from kiosk.model import Saying, Verdict
from kiosk.screening import published_rules
from kiosk.screening.acceptance import Acceptance, codes
from kiosk.screening.published_rules import PublishedRule
from kiosk.screening.rulebook import QUESTION_KINDS, TIERS, YES_NO, Policy, Question, Require, Rule
from kiosk.screening.schema import LIMIT_RANGES
from kiosk.screening.table import NAME, Table
from kiosk.screening.vetting import Dictionary

ACTIONS = ("alert", "inform", "wait", "advise", "call")  # a rule may do alert:fever, inform:worker, call:120

_COUNTRY = re.compile(r"[A-Z]{2}")
_ACTION = re.compile(rf"({'|'.join(ACTIONS)}):[a-z0-9]+(-[a-z0-9]+)*")


def read(document: Any) -> Policy:
    """The policy in `document` (as TOML or JSON gives it). Raises PolicyError with every problem and its place."""
    problems: list[str] = []
    table = Table(
        document,
        "",
        ("id", "version", "title", "tier", "limits", "require", "question", "rule", "acceptance"),
        problems,
    )
    dictionary = Dictionary(table.names("limits"), table.ids("question"))
    policy = Policy(
        id=table.text("id", NAME),
        version=table.whole("version", 1, 2**31),
        title=table.saying("title"),
        tier=table.whole("tier", TIERS[0], TIERS[-1], 0),
        limits=_limits(table),
        requires=tuple(_require(item, dictionary) for item in table.tables("require", _REQUIRE)),
        questions=tuple(_question(item, dictionary) for item in table.tables("question", _QUESTION)),
        rules=tuple(_rule(item, dictionary) for item in table.tables("rule", _RULE)),
        acceptance=_acceptance(table, dictionary) if "acceptance" in table.raw else None,
    )
    problems += _across(policy)
    if problems:
        raise PolicyError(problems)
    return policy


_REQUIRE = ("fact", "when", "say", "source")
_QUESTION = ("id", "zh", "en", "kind", "risky", "when")
_RULE = ("id", "tiers", "when", "verdict", "say", "do", "source", "enabled")
_ACCEPTANCE = ("country", "region", "verdict", "when", "rules", "valuesets")


def _limits(table: Table) -> dict[str, float]:
    limits = table.raw.get("limits", {})
    if not isinstance(limits, dict):
        table.say("limits", "must be a table of numbers")
        return {}
    for name, value in limits.items():
        lowest, highest = LIMIT_RANGES.get(name, (-math.inf, math.inf))
        if not NAME.fullmatch(name):
            table.say("limits", f"{name!r} must be small letters, digits and hyphens")
        if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
            table.say(f"limits.{name}", f"must be a number, not {value!r}")
        elif not lowest <= value <= highest:
            table.say(f"limits.{name}", f"{value} is not from {lowest:g} to {highest:g}")
    return dict(limits)


def _require(table: Table, dictionary: Dictionary) -> Require:
    fact = table.text("fact")
    if fact and dictionary.fact(fact) is None:
        table.say("fact", dictionary.unknown(fact))
    return Require(
        fact=fact,
        say=table.saying("say"),
        when=table.condition("when", dictionary, default=True),
        source=table.text("source", default=""),
    )


def _question(table: Table, dictionary: Dictionary) -> Question:
    if (kind := table.text("kind", default=YES_NO)) not in QUESTION_KINDS:
        table.say("kind", f"{kind!r} is unknown; known: {', '.join(QUESTION_KINDS)}")
    return Question(
        id=table.text("id", NAME),
        say=Saying(table.text("zh"), table.text("en")),
        when=table.condition("when", dictionary, default=True),
        risky=table.flag("risky", True),
        kind=kind,
    )


def _rule(table: Table, dictionary: Dictionary) -> Rule:
    return Rule(
        id=table.text("id", NAME),
        when=table.condition("when", dictionary),
        verdict=_verdict(table),
        say=table.saying("say"),
        tiers=_tiers(table),
        do=_actions(table),
        source=table.text("source", default=""),
        enabled=table.flag("enabled", True),
    )


def _acceptance(outer: Table, dictionary: Dictionary) -> Acceptance:
    table = Table(outer.raw["acceptance"], "acceptance", _ACCEPTANCE, outer.problems)
    country = table.text("country")
    if country and not _COUNTRY.fullmatch(country):
        table.say("country", f"{country!r} is no country such as DE, in two capital letters")
    verdict = _verdict(table) if "verdict" in table.raw else Verdict.CHECK
    if verdict is Verdict.ADMIT:
        table.say("verdict", "what is not accepted cannot be admitted; write check, refuse or isolate")
    return Acceptance(
        country=country,
        region=table.text("region", default=""),
        verdict=verdict,
        when=table.condition("when", dictionary, default=True),
        rules=tuple(_published(table, country)),
        value_sets=_value_sets(table),
    )


def _published(table: Table, country: str) -> Iterator[PublishedRule]:
    rules = table.items("rules")
    for index, raw in enumerate(rules):
        if found := list(published_rules.problems(raw)):
            table.problems += [f"acceptance.rules[{index}]: {problem}" for problem in found]
        else:
            yield PublishedRule.of(raw)
    if not any(isinstance(raw, dict) and raw.get("Country") == country for raw in rules):
        table.say("rules", f"none of them is a rule of {country}")


def _value_sets(table: Table) -> dict[str, list[str]]:
    found = {}
    for name, raw in table.named("valuesets").items():
        listed = codes(raw)
        if not isinstance(listed, list) or not all(isinstance(code, str) for code in listed):
            table.say(f"valuesets.{name}", "must be a list of codes, or a value set as it is published")
        else:
            found[name] = listed
    return found


def _verdict(table: Table) -> Verdict:
    name = table.text("verdict")
    if name in tuple(Verdict):
        return Verdict(name)
    if name:
        table.say("verdict", f"unknown verdict {name!r}; known: {', '.join(Verdict)}")
    return Verdict.CHECK


def _tiers(table: Table) -> tuple[int, ...]:
    tiers = table.raw.get("tiers", list(TIERS))
    allowed = isinstance(tiers, list) and all(type(tier) is int and tier in TIERS for tier in tiers)
    if not allowed or not tiers or len(set(tiers)) < len(tiers):
        table.say("tiers", f"must be some of {', '.join(map(str, TIERS))}, each once, not {tiers!r}")
        return TIERS
    return tuple(tiers)


def _actions(table: Table) -> tuple[str, ...]:
    actions = table.items("do")
    for index, action in enumerate(actions):
        if not isinstance(action, str) or not _ACTION.fullmatch(action):
            table.say(f"do[{index}]", f"{action!r} is no action; write {', '.join(ACTIONS)}, a colon and a name")
    return tuple(action for action in actions if isinstance(action, str))


def _across(policy: Policy) -> list[str]:
    """What only shows when the whole policy is seen."""
    problems = [
        f"{what}[{index}].id: {name!r} is taken already"
        for what, names in (
            ("rule", [rule.id for rule in policy.rules]),
            ("question", [q.id for q in policy.questions]),
        )
        for index, name in enumerate(names)
        if name and name in names[:index]
    ]
    enabled = [rule for rule in policy.rules if rule.enabled]
    if not enabled:
        problems.append("rule: no rule is enabled, so nothing would ever be found wrong")
    heard = {path for rule in enabled for path in rule.when.reads}
    for index, question in enumerate(policy.questions):
        if question.id and question.fact not in heard:
            problems.append(f"question[{index}]: no enabled rule reads {question.fact}")
    return problems
