"""What published rules make of the certificate in a visit's facts: reasons for a decision."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kiosk.model import Because, Facts, Saying, Verdict, from_iso
from kiosk.screening.acceptance import Acceptance, Judgement, Shown
from kiosk.screening.logic import find
from kiosk.screening.published_rules import Outcome, PublishedRule

_PREFIX = "acceptance"


@dataclass(frozen=True, slots=True)
class Considered:
    """What became of one published rule; where it was not looked at, `why` says why not and `outcome` is None."""

    rule: PublishedRule
    outcome: Outcome | None
    why: str = ""


def considered(facts: Facts, acceptance: Acceptance) -> Iterator[Considered]:
    """Every rule of the acceptance part, in its order: what it said of the certificate, or why it was not asked."""
    shown, at = _shown(facts), _time(facts.get("now"))
    if shown is None or at is None or acceptance.when(facts) is False:
        idle = "no verified certificate was shown" if shown is None else "not for this visit"
        yield from (Considered(rule, None, idle) for rule in acceptance.rules)
        return
    said = {id(one.rule): one.outcome for one in acceptance.judge(shown, at)}
    for rule in acceptance.rules:
        outcome = said.get(id(rule))
        yield Considered(rule, outcome, "" if outcome else acceptance.why_not(rule, shown, at))


def reasons(facts: Facts, acceptance: Acceptance) -> Iterator[Because]:
    """Every rule that does not accept the certificate, or cannot be decided; nothing where there is no certificate.

    A certificate for which no rule is in force is a check too: nobody said that it will do.
    """
    if find(facts, "code.certificate") is None or acceptance.when(facts) is False:
        return
    shown, at = _shown(facts), _time(facts.get("now"))
    if shown is None or at is None:
        yield _undecided(acceptance.country, ("now",) if at is None else ("code.certificate",))
        return
    judgements = acceptance.judge(shown, at)
    if not judgements:
        yield _nothing_in_force(acceptance.country)
    for judgement in judgements:
        if judgement.outcome is Outcome.FAILED:
            yield _refused(judgement, acceptance.verdict)
        elif judgement.outcome is Outcome.OPEN:
            yield _open(judgement)


def _shown(facts: Facts) -> Shown | None:
    """The certificate as the facts tell it; None for what is none."""
    match find(facts, "code.certificate"):
        case {"kind": str(kind), "payload": Mapping() as payload, **rest}:
            return Shown(
                kind=kind,
                country=_text(rest.get("country")),
                payload=payload,
                kid=_text(rest.get("kid")),
                issued_at=_time(find(facts, "code.valid_from")),
                expires=_time(find(facts, "code.valid_until")),
            )
        case _:
            return None


def _refused(judgement: Judgement, verdict: Verdict) -> Because:
    rule = judgement.rule
    zh = rule.descriptions.get("zh") or f"不符合 {rule.country} 准入规则 {rule.identifier}（{rule.description('en')}）"
    return Because(f"{_PREFIX}:{rule.identifier}", verdict, Saying(zh, rule.description("en")), _source(judgement))


def _open(judgement: Judgement) -> Because:
    rule = judgement.rule
    say = Saying(
        f"无法判断是否符合 {rule.country} 准入规则 {rule.identifier}，请人工核对（{rule.description('zh')}）",
        f"Rule {rule.identifier} of {rule.country} cannot be decided, please check by hand: {rule.description('en')}",
    )
    name = f"{_PREFIX}:{rule.identifier}"
    return Because(name, Verdict.CHECK, say, _source(judgement), undecided=True)


def _undecided(country: str, missing: tuple[str, ...]) -> Because:
    say = Saying(
        f"证书内容不全，无法按 {country} 准入规则判断，请人工核对",
        f"The rules of {country} cannot be applied to this certificate: please check by hand",
    )
    return Because(_PREFIX, Verdict.CHECK, say, undecided=True, missing=missing)


def _nothing_in_force(country: str) -> Because:
    say = Saying(
        f"{country} 没有适用于此类证书的现行准入规则，请人工核对",
        f"No rule of {country} in force says whether this certificate will do: please check by hand",
    )
    return Because(_PREFIX, Verdict.CHECK, say, undecided=True)


def _source(judgement: Judgement) -> str:
    version = ".".join(map(str, judgement.rule.version))
    return f"{judgement.rule.identifier}@{version}"


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _time(value: Any) -> datetime | None:
    try:
        return from_iso(value) if isinstance(value, str) else None
    except (ValueError, OverflowError):
        return None
