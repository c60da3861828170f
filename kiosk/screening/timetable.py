"""The policy in force and the one that follows it: a policy section may announce its successor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kiosk.errors import PolicyError
from kiosk.model import from_iso
from kiosk.screening import policy
from kiosk.screening.rulebook import Policy

NEXT, FROM = "next", "effective_from"


@dataclass(frozen=True, slots=True)
class Timetable:
    """`current` holds until `changes_at`, from then on `following` does."""

    current: Policy
    following: Policy | None = None
    changes_at: datetime | None = None

    def at(self, now: datetime) -> Policy:
        """The policy in force at `now`."""
        changed = self.following is not None and self.changes_at is not None and now >= self.changes_at
        return self.following if changed and self.following is not None else self.current


def from_json(section: bytes) -> Timetable:
    """The `policy` section of a bundle: a policy document, with its successor under `next`. Raises PolicyError."""
    document = policy.document(section)
    if not isinstance(document, dict):
        raise PolicyError(["the policy must be a table"])
    return read(document)


def read(document: Mapping[str, Any]) -> Timetable:
    """Like `from_json`, of a document that was read already. The problems of the successor are named `next.…`."""
    current = policy.parse({key: value for key, value in document.items() if key != NEXT})
    if (announced := document.get(NEXT)) is None:
        return Timetable(current)
    if not isinstance(announced, dict):
        raise PolicyError([f"{NEXT}: must be a policy document"])
    try:
        changes_at = from_iso(announced[FROM])
    except (KeyError, ValueError, TypeError) as error:
        raise PolicyError([f"{NEXT}.{FROM}: must be a time with its zone, for example 2026-11-22T08:00:00Z"]) from error
    try:
        following = policy.parse({key: value for key, value in announced.items() if key != FROM})
    except PolicyError as error:
        raise PolicyError([f"{NEXT}.{problem}" for problem in error.problems]) from error
    return Timetable(current, following, changes_at)
