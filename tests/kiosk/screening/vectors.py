"""The decision vectors of tests/vectors/decide: people, and what happens when single facts of theirs change."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / "vectors" / "decide"
KEYS = {"name", "who", "tiers", "set", "without", "verdict", "because", "actions", "undecided"}


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
    """Everybody of people.toml. Somebody `like` another has the other's facts but for those that are named."""
    found: dict[str, dict[str, Any]] = {}
    for name, facts in tomllib.loads(FOLDER.joinpath("people.toml").read_text(encoding="utf-8")).items():
        model = found[facts.pop("like")] if "like" in facts else {}
        found[name] = _over(model, facts)
    return found


def _over(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """`one` with what `other` says, table by table. An empty table or text says that there is nothing."""
    merged = copy.deepcopy(one)
    for key, value in other.items():
        inner = merged.get(key)
        if value == "":
            del merged[key]
        else:
            merged[key] = (
                _over(inner, value) if isinstance(value, dict) and value and isinstance(inner, dict) else value
            )
    return merged


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
    """Every row; one with `tiers` once for each of them."""
    return [case for file in sorted(FOLDER.glob("*.toml")) for row in _rows(file) for case in _cases(file.stem, row)]


def rows() -> int:
    """How many rows there are for an official to read."""
    return sum(len(_rows(file)) for file in FOLDER.glob("*.toml"))


def _rows(file: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tomllib.loads(file.read_text(encoding="utf-8")).get("case", [])
    for row in found:
        assert row.keys() <= KEYS, f"{file.name}: {row['name']}: {row.keys() - KEYS}"
    return found


def _cases(subject: str, row: dict[str, Any]) -> Iterator[Case]:
    for tier in row.get("tiers", [None]):
        changes = row.get("set", {}) | ({} if tier is None else {"tier": tier})
        yield Case(
            name=f"{subject}: {row['name']}" + ("" if tier is None else f", tier {tier}"),
            facts=person(row["who"], changes, row.get("without")),
            verdict=row["verdict"],
            because=row["because"],
            actions=row.get("actions", []),
            undecided=row.get("undecided", []),
        )
