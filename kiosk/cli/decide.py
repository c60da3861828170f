"""python -m kiosk decide: what a policy makes of given facts, and why."""

from __future__ import annotations

import json
import math
import sys
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from pathlib import Path
from typing import Annotated, Any

import typer

from kiosk import records, screening
from kiosk.errors import GatehouseError, PolicyError
from kiosk.model import Because, Decision, iso
from kiosk.screening import Policy
from kiosk.screening import policy as policies
from kiosk.screening.accepted import Considered
from kiosk.screening.decide import Looked, explain_acceptance
from kiosk.screening.logic import Undecided
from kiosk.screening.schema import entry


def decide(
    facts: Annotated[str, typer.Option(help="TOML or JSON file with the facts, - for standard input.")],
    policy: Annotated[Path | None, typer.Option(help="TOML or JSON; without it the policy that is shipped.")] = None,
    explain: Annotated[bool, typer.Option("--explain", help="A table to read instead of JSON.")] = False,
) -> None:
    """Print the decision on some facts: every reason, and for every rule why it fired or did not.

    docs/facts.md names the facts, docs/policy.md tells how a policy is written.

    Example: python -m kiosk decide --policy street.toml --facts visit.json
    """
    chosen = policies.default() if policy is None else _policy(policy)
    seen = _facts(facts)
    report = _report(seen, chosen)
    print(_table(report) if explain else json.dumps(report, ensure_ascii=False, indent=2))


def _policy(path: Path) -> Policy:
    text = _text(path)
    try:
        return policies.from_json(text) if path.suffix.lower() == ".json" else policies.from_toml(text)
    except PolicyError as error:
        raise PolicyError([f"{path.name}: {problem}" for problem in error.problems]) from error


def _facts(source: str) -> dict[str, Any]:
    """The facts in the file, or on standard input. Raises GatehouseError for what is no table of facts."""
    name, text = ("standard input", sys.stdin.read()) if source == "-" else (source, _text(Path(source)))
    is_json = source.lower().endswith(".json") or (source == "-" and text.lstrip().startswith(("{", "[")))
    try:
        found = json.loads(text) if is_json else tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise GatehouseError(f"{name}: not {'JSON' if is_json else 'TOML'}: {error}") from error
    if not isinstance(found, dict):
        raise GatehouseError(f'{name}: facts are a table such as {{"reading": {{"taken": true, "celsius": 36.6}}}}')
    return {key: _plain(value) for key, value in found.items()}


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise GatehouseError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise GatehouseError(f"{path}: is not UTF-8 text") from error


def _plain(value: Any) -> Any:
    """TOML's times as the text that facts use. Raises GatehouseError for what JSON cannot write or nobody can place."""
    match value:
        case float() if not math.isfinite(value):
            raise GatehouseError(f"{value} is no fact; leave out what is not known")
        case datetime() if value.tzinfo is None:
            raise GatehouseError(f"{value} has no time zone; write {value.isoformat()}+08:00 or the like")
        case datetime():
            return iso(value)
        case date() | time():
            return value.isoformat()
        case dict():
            return {key: _plain(item) for key, item in value.items()}
        case list():
            return [_plain(item) for item in value]
        case _:
            return value


def _report(facts: Mapping[str, Any], policy: Policy) -> dict[str, Any]:
    decision, needs = screening.decide(facts, policy), screening.needs(facts, policy)
    return _decision(decision) | {
        "missing": list(needs.missing),
        "questions": [question.id for question in needs.questions],
        "unknown_facts": sorted(_unknown(facts, policy)),
        "rules": [_looked(looked) for looked in screening.explain(facts, policy)],
        "acceptance": [_considered(one) for one in explain_acceptance(facts, policy)],
    }


def _decision(decision: Decision) -> dict[str, Any]:
    return {
        "verdict": decision.verdict.value,
        "policy": decision.policy,
        "reasons": [_reason(because) for because in decision.reasons],
        "actions": list(decision.actions),
    }


def _reason(because: Because) -> dict[str, Any]:
    return records.reason(because) | {"missing": list(because.missing)}


def _looked(looked: Looked) -> dict[str, Any]:
    return {
        "rule": looked.rule.id,
        "verdict": looked.rule.verdict.value,
        "looked_at": looked.looked_at,
        "answer": _answer(looked.answer),
        "facts": dict(looked.facts),
        "absent": list(looked.absent),
        "why": [{"place": clue.place, "says": clue.says, "answer": _answer(clue.answer)} for clue in looked.clues],
        "why_undecided": list(looked.answer.because) if isinstance(looked.answer, Undecided) else [],
    }


def _considered(one: Considered) -> dict[str, Any]:
    rule = one.rule
    return {
        "rule": f"acceptance:{rule.identifier}",
        "version": ".".join(map(str, rule.version)),
        "looked_at": one.outcome is not None,
        "answer": one.outcome.value if one.outcome else None,
        "why": one.why,
        "says": rule.description("en"),
    }


_HOLDS = {"fired": "yes", "not": "no", "undecided": "open"}


def _table(report: Mapping[str, Any]) -> str:
    """The report for people: the decision, what is still to be had, and each rule with what settled it."""
    lines = [f"{report['verdict']}  by {report['policy']}"]
    lines += [
        f"  {because['verdict']:8} {because['rule']}: {because['zh']} · {because['en']}"
        for because in report["reasons"]
    ]
    lines += [
        f"  {name}: {', '.join(report[name])}" for name in ("actions", "missing", "unknown_facts") if report[name]
    ]
    lines += ["", f"{'rule':28} {'verdict':8} {'answer':10} why"]
    for rule in report["rules"]:
        why = [f"{clue['says']}: {_HOLDS[clue['answer']]}" for clue in rule["why"]] or [
            "switched off, or for another tier"
        ]
        lines += [f"{rule['rule']:28} {rule['verdict']:8} {rule['answer'] or '-':10} {why[0]}"]
        lines += [f"{'':48} {more}" for more in [*why[1:], *rule["why_undecided"]]]
    if report["acceptance"]:
        lines += ["", f"{'published rule':28} {'version':8} {'answer':10} what it asks, or why it was not asked"]
    for rule in report["acceptance"]:
        answer, words = rule["answer"] or "-", rule["why"] or rule["says"]
        lines += [f"{rule['rule'].partition(':')[2]:28} {rule['version']:8} {answer:10} {words}"]
    return "\n".join(lines)


def _answer(answer: bool | Undecided | None) -> str | None:
    if isinstance(answer, Undecided):
        return "undecided"
    return None if answer is None else "fired" if answer else "not"


def _unknown(facts: Mapping[str, Any], policy: Policy) -> list[str]:
    """Facts that no rule can read, most likely misspelt."""
    own = {f"limits.{name}" for name in policy.limits} | {f"answers.{question.id}" for question in policy.questions}
    return [path for path in _paths(facts) if path not in own and entry(path) is None]


def _paths(facts: Mapping[str, Any], above: str = "") -> Iterator[str]:
    """The path of everything in the facts' tables; what a known fact holds is its own affair."""
    for name, inside in facts.items():
        if isinstance(inside, dict) and inside and entry(above + name) is None:
            yield from _paths(inside, f"{above}{name}.")
        else:
            yield above + name
