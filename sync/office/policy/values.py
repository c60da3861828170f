"""What policy work hands out: frozen values, times in UTC."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from kiosk.model import Saying, Verdict
from sync.office import sections


class State(StrEnum):
    """How far a version has come. `rejected` may be worked on again like a draft; `withdrawn` has come to its end."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    REJECTED = "rejected"
    APPROVED = "approved"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


EDITABLE = (State.DRAFT, State.REJECTED)
OPEN = (State.DRAFT, State.REJECTED, State.SUBMITTED, State.APPROVED)


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a community's policy, from its first draft on."""

    id: str
    community: str
    number: int
    state: State
    document: Mapping[str, Any]
    based_on: str
    made_at: datetime
    made_by: str
    changed_at: datetime
    changed_by: str
    note: str
    submitted_at: datetime | None
    submitted_by: str
    decided_at: datetime | None
    decided_by: str
    reason: str
    published_at: datetime | None
    published_by: str
    effective_from: datetime | None

    @property
    def name(self) -> str:
        return name_of(self.document)

    @property
    def digest(self) -> str:
        """Of the document: an approval names what was read."""
        return digest_of(self.document)

    @property
    def editable(self) -> bool:
        return self.state in EDITABLE


@dataclass(frozen=True, slots=True)
class InForce:
    """What a community's gates are handed: the policy in force, and the one announced with its time."""

    current: Mapping[str, Any]
    following: Mapping[str, Any] | None
    changes_at: datetime | None
    versions: Mapping[str, Version]  # by name: those of the two that were made here

    @property
    def version(self) -> Version | None:
        return self.versions.get(name_of(self.current))

    @property
    def announced(self) -> Version | None:
        return self.versions.get(name_of(self.following)) if self.following else None


@dataclass(frozen=True, slots=True)
class Tally:
    """How often, at one gate and in one hour (UTC), a verdict became another."""

    gate: str
    hour: datetime
    old: Verdict
    new: Verdict
    count: int


@dataclass(frozen=True, slots=True)
class Trial:
    """One run of a version over the past. `gone` passages have no facts any more: they were not judged."""

    id: str
    policy: str
    community: str
    document: Mapping[str, Any]
    state: str
    since: datetime
    until: datetime
    began_at: datetime
    began_by: str
    total: int
    seen: int
    gone: int
    changed: int
    tally: tuple[Tally, ...]

    @property
    def running(self) -> bool:
        return self.state == "running"

    @property
    def judged(self) -> int:
        return self.seen - self.gone

    @property
    def percent(self) -> int:
        return 100 if not self.total else min(100, self.seen * 100 // self.total)


@dataclass(frozen=True, slots=True)
class Change:
    """One passage that would have been judged otherwise."""

    event: str
    gate: str
    at: datetime
    old: Verdict
    new: Verdict
    before: tuple[Mapping[str, Any], ...] = ()  # the reasons on record
    after: tuple[Mapping[str, Any], ...] = ()  # those the tried version gives


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs between two policies. `kind` is added, removed or changed; `lines` say how."""

    what: Saying
    kind: str
    lines: tuple[Saying, ...] = ()


def name_of(document: Mapping[str, Any] | None) -> str:
    """`community@3`, as passages name it."""
    return f"{document.get('id', '?')}@{document.get('version', '?')}" if document else ""


def digest_of(document: Any) -> str:
    return hashlib.sha256(sections.encode(document)).hexdigest()
