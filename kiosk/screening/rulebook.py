"""What a policy is made of, frozen. `policy.py` reads one, `decide.py` applies it."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from kiosk.model import Saying, Verdict
from kiosk.screening.acceptance import Acceptance
from kiosk.screening.condition import Condition

TIERS = (0, 1, 2, 3)
YES_NO, REGIONS = "yesno", "regions"
QUESTION_KINDS = (YES_NO, REGIONS)


@dataclass(frozen=True, slots=True)
class Require:
    """A fact that must be there when `when` holds (or cannot be decided); `say` is shown while it is not."""

    fact: str
    say: Saying
    when: Condition
    source: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """Asked when `when` holds or cannot be decided. `kind` is one of QUESTION_KINDS.

    `yesno`: `risky` is the reply that needs attention. `regions`: which of the risk regions of the day, if any, the
    person stayed in; the reply is a list of stays, of which the facts tell whether one of them counts.
    """

    id: str
    say: Saying
    when: Condition
    risky: bool = True
    kind: str = YES_NO

    @property
    def fact(self) -> str:
        """The yes-or-no fact that is there once the question was answered."""
        return "stays.risk" if self.kind == REGIONS else f"answers.{self.id}"


@dataclass(frozen=True, slots=True)
class Rule:
    """`verdict` and the actions in `do`, when `when` holds at one of `tiers`. `source` cites the notice's row."""

    id: str
    when: Condition
    verdict: Verdict
    say: Saying
    tiers: tuple[int, ...] = TIERS
    do: tuple[str, ...] = ()
    source: str = ""
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Policy:
    """防控策略. `tier` is the community's epidemic state, `limits` the numbers that rules compare with.

    `acceptance` holds a country's published rules for EU certificates, where the policy has any.
    """

    id: str
    version: int
    title: Saying
    tier: int
    limits: Mapping[str, float]
    requires: tuple[Require, ...]
    questions: tuple[Question, ...]
    rules: tuple[Rule, ...]
    acceptance: Acceptance | None = None

    @property
    def name(self) -> str:
        """`default@1`, as passages name the policy that judged them."""
        return f"{self.id}@{self.version}"

    def to_document(self) -> dict[str, Any]:
        """The policy as plain JSON values, the caller's own; `parse` reads the same policy from it."""
        document = {
            "id": self.id,
            "version": self.version,
            "title": _say(self.title),
            "tier": self.tier,
            "limits": dict(self.limits),
            "require": [
                {"fact": item.fact, "when": item.when.expression, "say": _say(item.say), "source": item.source}
                for item in self.requires
            ],
            "question": [
                {"id": item.id, "kind": item.kind, "risky": item.risky, "when": item.when.expression} | _say(item.say)
                for item in self.questions
            ],
            "rule": [_rule(rule) for rule in self.rules],
            **({"acceptance": self.acceptance.to_document()} if self.acceptance else {}),
        }
        return deepcopy(document)


def _say(say: Saying) -> dict[str, str]:
    return {"zh": say.zh, "en": say.en}


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "tiers": list(rule.tiers),
        "when": rule.when.expression,
        "verdict": rule.verdict.value,
        "say": _say(rule.say),
        "do": list(rule.do),
        "source": rule.source,
        "enabled": rule.enabled,
    }
