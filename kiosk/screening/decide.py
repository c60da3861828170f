"""Facts + policy → Decision. Reads no clock and opens nothing; design.md, Policy.

The most severe verdict of all rules that fired; the order of rules never changes it. Unknown is check, never admit:
a rule that cannot be decided, a required fact that is missing, a person whom nothing identifies, a certificate of
which the published rules do not say that it will do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kiosk.model import Because, Decision, Facts, Saying, Verdict
from kiosk.screening import accepted
from kiosk.screening.accepted import Considered
from kiosk.screening.logic import Undecided, find
from kiosk.screening.rulebook import TIERS, Policy, Question, Require, Rule
from kiosk.screening.schema import entry, fits, spoken
from kiosk.screening.why import Clue, clues

CONFIRMED = "reading.confirmed"  # a clinical reading was taken after a high one
UNIDENTIFIED = "unidentified"  # the reason that no policy can switch off
_WHO = Saying("身份未确认，请核对证件", "Nothing says who this is: please check a document")
_SOURCE_OF_QUESTIONS = "G3"
_SOURCE_OF_IDENTITY = "G4"


@dataclass(frozen=True, slots=True)
class Needs:
    """What is still to be had before a decision: a reading, answers, and `missing`, the paths of all of them.

    `confirmation` asks for a second reading, with a clinical thermometer: the first one was high.
    """

    reading: bool
    questions: tuple[Question, ...]
    missing: tuple[str, ...]
    confirmation: bool = False


@dataclass(frozen=True, slots=True)
class Looked:
    """What became of one rule. `looked_at` is False when it is switched off or for another tier, then `answer` is None.

    `facts` are the facts it names that were there, `absent` those that were not; `clues` are the comparisons that
    settled the answer.
    """

    rule: Rule
    looked_at: bool
    answer: bool | Undecided | None
    facts: Mapping[str, Any]
    absent: tuple[str, ...]
    clues: tuple[Clue, ...] = ()


def needs(facts: Facts, policy: Policy) -> Needs:
    """Which required facts are missing and which questions are to be asked."""
    view = _view(facts, policy)
    required = tuple(item.fact for item in _missing(view, policy))
    questions = tuple(_unanswered(view, policy))
    return Needs(
        reading=any(fact.startswith("reading.") and fact != CONFIRMED for fact in required),
        questions=questions,
        missing=tuple(dict.fromkeys((*required, *(question.fact for question in questions)))),
        confirmation=CONFIRMED in required and find(view, "reading.taken") is True,
    )


def decide(facts: Facts, policy: Policy) -> Decision:
    """处置, with every reason (most severe first, then in the policy's order) and every action once."""
    view = _view(facts, policy)
    found = list(_fired(view, policy))
    found += [(because, ()) for because in _gaps(view, policy)]
    found += [(because, ()) for because in accepted.reasons(view, policy.acceptance)] if policy.acceptance else []
    if not any(because.verdict is not Verdict.ADMIT for because, _ in found) and not _identified(view):
        found.append((Because(UNIDENTIFIED, Verdict.CHECK, _WHO, _SOURCE_OF_IDENTITY), ()))
    found.sort(key=lambda pair: -pair[0].verdict.severity)
    return Decision(
        verdict=found[0][0].verdict if found else Verdict.ADMIT,
        reasons=tuple(because for because, _ in found),
        actions=tuple(dict.fromkeys(action for _, actions in found for action in actions)),
        policy=policy.name,
    )


def explain(facts: Facts, policy: Policy) -> tuple[Looked, ...]:
    """What became of every rule of the policy, in its order."""
    view = _view(facts, policy)
    return tuple(_looked(rule, view) for rule in policy.rules)


def explain_acceptance(facts: Facts, policy: Policy) -> tuple[Considered, ...]:
    """What became of every published rule that the policy names."""
    return tuple(accepted.considered(_view(facts, policy), policy.acceptance)) if policy.acceptance else ()


def _view(facts: Facts, policy: Policy) -> Facts:
    """The facts as this policy sees them: its own limits, and its tier where the facts name no valid one."""
    tier = facts.get("tier")
    known = type(tier) is int and tier in TIERS
    return {**facts, "limits": policy.limits, "tier": tier if known else policy.tier}


def _applies(rule: Rule, view: Facts) -> bool:
    return rule.enabled and view["tier"] in rule.tiers


def _fired(view: Facts, policy: Policy) -> Iterator[tuple[Because, tuple[str, ...]]]:
    for rule in policy.rules:
        if not _applies(rule, view):
            continue
        answer = rule.when(view)
        if answer is True:
            yield Because(rule.id, rule.verdict, rule.say, rule.source), rule.do
        elif answer is not False:
            yield _undecided(rule, answer), ()


def _undecided(rule: Rule, answer: Undecided) -> Because:
    """A check, whatever the rule's own verdict; its actions wait until somebody knows."""
    lacking = [spoken(path) for path in answer.missing]
    if lacking:
        zh = f"缺少{'、'.join(f'“{say.zh}”' for say in lacking)}，无法判断，请人工核对"
        en = f"Not known: {', '.join(say.en for say in lacking)}. Please check by hand"
    else:
        zh, en = (
            "信息格式不符，无法判断，请人工核对",
            f"Cannot be decided ({'; '.join(answer.because)}). Please check by hand",
        )
    return Because(rule.id, Verdict.CHECK, Saying(zh, en), rule.source, undecided=True, missing=answer.missing)


def _gaps(view: Facts, policy: Policy) -> Iterator[Because]:
    for item in _missing(view, policy):
        yield Because(f"require:{item.fact}", Verdict.CHECK, item.say, item.source, missing=(item.fact,))
    for question in _unanswered(view, policy):
        say = Saying(f"未回答：{question.say.zh}", f"Not answered: {question.say.en}")
        name = f"question:{question.id}"
        yield Because(name, Verdict.CHECK, say, _SOURCE_OF_QUESTIONS, missing=(question.fact,))


def _missing(view: Facts, policy: Policy) -> Iterator[Require]:
    for item in policy.requires:
        if not _had(view, item.fact) and item.when(view) is not False:
            yield item


def _had(view: Facts, path: str) -> bool:
    """There, and of the kind it should be."""
    fact, value = entry(path), find(view, path)
    return value is not None and (fact is None or fits(fact, value))


def _unanswered(view: Facts, policy: Policy) -> Iterator[Question]:
    for question in policy.questions:
        if type(find(view, question.fact)) is not bool and question.when(view) is not False:
            yield question


def _identified(view: Facts) -> bool:
    return find(view, "person.identified") is True


def _looked(rule: Rule, view: Facts) -> Looked:
    found = {path: find(view, path) for path in rule.when.reads}
    looked_at = _applies(rule, view)
    return Looked(
        rule=rule,
        looked_at=looked_at,
        answer=rule.when(view) if looked_at else None,
        facts={path: value for path, value in found.items() if value is not None},
        absent=tuple(path for path, value in found.items() if value is None),
        clues=tuple(clues(rule.when.expression, view)) if looked_at else (),
    )
