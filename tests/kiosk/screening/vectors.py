"""The decision vectors of tests/vectors/decide: people, and what happens when single facts of theirs change."""

from __future__ import annotations

import copy
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / "vectors" / "decide"


@dataclass(frozen=True)
class Case:
    name: str
    facts: dict[str, Any]
    verdict: str
    because: list[str]
    actions: list[str]
    undecided: list[str]


@cache
def people() -> dict[str, dict[str, Any]]:
    return tomllib.loads(FOLDER.joinpath("people.toml").read_text(encoding="utf-8"))


def person(name: str, changes: dict[str, Any] | None = None, without: list[str] | None = None) -> dict[str, Any]:
    """The facts of one of the people, with some changed and some left out."""
    facts = copy.deepcopy(people()[name])
    for path, value in (changes or {}).items():
        group, last = _group(facts, path)
        group[last] = value
    for path in without or []:
        group, last = _group(facts, path)
        del group[last]
    return facts


def _group(facts: dict[str, Any], path: str) -> tuple[dict[str, Any], str]:
    """The table that holds what lies at `path`, and its key there."""
    *steps, last = path.split(".")
    for step in steps:
        facts = facts[step]
    return facts, last


def cases() -> list[Case]:
    known = {"name", "who", "set", "without", "verdict", "because", "actions", "undecided"}
    found = []
    for file in sorted(FOLDER.glob("*.toml")):
        for row in tomllib.loads(file.read_text(encoding="utf-8")).get("case", []):
            assert row.keys() <= known, f"{file.name}: {row['name']}: {row.keys() - known}"
            facts = person(row["who"], row.get("set"), row.get("without"))
            name = f"{file.stem}: {row['name']}"
            found.append(
                Case(name, facts, row["verdict"], row["because"], row.get("actions", []), row.get("undecided", []))
            )
    return found
