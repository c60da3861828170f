"""Policies: rules as data, versioned. docs/policy.md tells how one is written."""

from __future__ import annotations

import json
import tomllib
from functools import cache
from importlib import resources
from typing import Any

from kiosk.errors import PolicyError
from kiosk.screening.condition import Condition
from kiosk.screening.document import read as parse
from kiosk.screening.rulebook import Policy, Question, Require, Rule

__all__ = [
    "Condition", "Policy", "Question", "Require", "Rule",
    "default", "document", "from_json", "from_toml", "parse", "shipped",
]  # fmt: skip

LONGEST = 1_000_000  # characters of a policy
SHIPPED = "default"
SUBJECTS = ("health", "codes", "people", "passing")  # the files with the rules of the shipped policy, in their order


def from_toml(text: str) -> Policy:
    """Raises PolicyError."""
    _not_too_long(text)
    try:
        return parse(tomllib.loads(text))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise PolicyError([f"the policy is not TOML: {error}"]) from error


def from_json(text: bytes | str) -> Policy:
    """Raises PolicyError, also for NaN and for a key written twice, of which JSON readers silently drop one."""
    return parse(document(text))


def document(text: bytes | str) -> Any:
    """The JSON of a policy, not yet judged. Raises PolicyError like `from_json`."""
    _not_too_long(text)
    try:
        return json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise PolicyError([f"the policy is not JSON: {error}"]) from error


@cache
def default() -> Policy:
    """The policy that is shipped: in force until an office hands one down."""
    return parse(shipped())


def shipped() -> dict[str, Any]:
    """The document of the shipped policy: what everybody must give, and the rules of every subject."""
    document = _shipped(SHIPPED)
    return {**document, "rule": [rule for subject in SUBJECTS for rule in _shipped(subject)["rule"]]}


def _shipped(name: str) -> dict[str, Any]:
    text = resources.files("kiosk.screening").joinpath(f"policies/{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _not_too_long(text: bytes | str) -> None:
    if len(text) > LONGEST:
        raise PolicyError([f"the policy is longer than {LONGEST} characters"])


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) < len(pairs):
        keys = [key for key, _ in pairs]
        doubled = sorted({key for key in keys if keys.count(key) > 1})
        raise ValueError(f"written twice in one object: {', '.join(doubled)}")
    return table


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no number")
