"""How policies look on the office's pages: sayings in the reader's language, choices of facts, problems."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from kiosk.model import Saying
from kiosk.screening.schema import SCHEMA
from sync.office.policy import checks, difference, problem_words, spoken, vocabulary
from sync.office.policy.sentence import RELATIONS
from sync.office.policy.values import Trial, Version
from web.office.here import office, scope
from web.office.policy_forms import EMPTY
from web.setup import language

Document = Mapping[str, Any]


def told(say: Saying) -> str:
    """A saying in the reader's language."""
    return say.zh if language() == "zh" else say.en


def page(version: Version, *, problems: list[str] | None = None) -> dict[str, Any]:
    """All that a version's page shows beside its forms."""
    document = version.document
    force = office().policies.in_force(version.community, scope())
    found = checks.problems(document) if problems is None else problems
    return {
        "version": version,
        "document": document,
        "community": office().units.get(version.community, scope()),
        "force": force,
        "problems": found,
        "problems_at": lambda place: checks.at(place, found),
        "rules": rules(document),
        "asked": asked(document),
        "limits": limits(document),
        "differences": difference.between(force.current, document),
        "two_people": office().approval.two_people,
        **words(),
    }


def words() -> dict[str, Any]:
    """The vocabulary, for templates."""
    return {
        "told": told,
        "problem_words": lambda problem: told(problem_words.say(problem)),
        "tiers": vocabulary.TIERS,
        "tier_words": vocabulary.tier,
        "verdicts": vocabulary.VERDICTS,
        "states": vocabulary.STATES,
        "joins": vocabulary.JOINS,
        "relations": vocabulary.RELATIONS,
        "value_words": lambda text: told(vocabulary.value(text)),
        "certlogic": spoken.certlogic,
        "empty": EMPTY,
    }


def limits(document: Document) -> list[tuple[vocabulary.Limit, Any]]:
    found = document.get("limits")
    return [(vocabulary.limit(name), number) for name, number in found.items()] if isinstance(found, Mapping) else []


def rules(document: Document) -> list[dict[str, Any]]:
    """The rules by number, each with its condition in words."""
    return [
        {**row, "number": index, "said": told(spoken.condition(row.get("when"), document))}
        for index, row in _rows(document, "rule")
    ]


def asked(document: Document) -> list[dict[str, Any]]:
    """What is required and asked, each with its condition in words."""
    rows = [(key, row) for key in ("require", "question") for _index, row in _rows(document, key)]
    return [
        {
            **row,
            "kind": key,
            "title": told(spoken.fact(str(row.get("fact")), document)) if key == "require" else row.get("zh", ""),
            "words": row.get("say", row),
            "said": told(spoken.condition(row.get("when", True), document)),
        }
        for key, row in rows
    ]


def facts(document: Document) -> list[tuple[str, list[tuple[str, str]]]]:
    """Every fact a rule may read, in groups with their names, for a select."""
    dictionary = spoken.dictionary(document)
    paths = [path for path in SCHEMA if "*" not in path]
    paths += [f"answers.{name}" for name in dictionary.questions] + [f"limits.{name}" for name in dictionary.limits]
    groups: dict[str, list[tuple[str, str]]] = {}
    for path in paths:
        group = path.partition(".")[0] if "." in path else ""
        groups.setdefault(group, []).append((path, told(spoken.fact(path, document))))
    return [(told(vocabulary.GROUPS.get(group, Saying(group, group))), rows) for group, rows in groups.items()]


def choices(document: Document) -> dict[str, Any]:
    """What the sentence editor offers: relations and values of each fact, limits to compare with."""
    dictionary = spoken.dictionary(document)

    def of(path: str) -> Any:
        return dictionary.fact(path)

    return {
        "fact_groups": facts(document),
        "fact_of": of,
        "relations_of": lambda path: RELATIONS[found.kind if (found := of(path)) else "yes-no"],
        "limit_names": [f"limits.{name}" for name in dictionary.limits],
        "text_facts": [path for path, fact in SCHEMA.items() if fact.kind == "text" and "*" not in path],
    }


def table(trial: Trial) -> list[dict[str, Any]]:
    """The tally by gate and hour: per row how many verdicts change, and into what."""
    names = {gate.id: gate.name for gate in office().gates.list(scope())}
    found: dict[tuple[Any, str], dict[str, Any]] = {}
    for one in trial.tally:
        row = found.setdefault((one.hour, one.gate), {"hour": one.hour, "gate": one.gate, "count": 0, "ways": []})
        row["count"] += one.count
        row["ways"].append(one)
    return [
        {**row, "gate_name": names.get(row["gate"], _("已撤的门岗"))}
        for _key, row in sorted(found.items(), reverse=True)
    ]


def _rows(document: Document, key: str) -> list[tuple[int, Document]]:
    rows = document.get(key)
    return (
        [(index, row) for index, row in enumerate(rows) if isinstance(row, Mapping)] if isinstance(rows, list) else []
    )
