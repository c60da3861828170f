"""Acceptance rules as health authorities publish them (eHealth Network, EU DCC Validation Rules 1.1, §4).

A rule runs unchanged: its own logic, under the specification's own meaning, on `payload` (the signed certificate) and
`external` (the clock, the value sets, who asks).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from kiosk.errors import PolicyError
from kiosk.model import from_iso
from kiosk.screening.logic import LogicError, compile_rule, flaws

Version = tuple[int, int, int]

ENGINE, ENGINE_VERSION = "CERTLOGIC", (1, 3, 2)  # the specification that `logic` follows
ACCEPTANCE, INVALIDATION = "Acceptance", "Invalidation"
GENERAL = "General"

_VERSION = re.compile(r"([0-9]{1,6})\.([0-9]{1,6})\.([0-9]{1,6})")
_IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{1,79}")
_TEXTS = ("Identifier", "Type", "Country", "Version", "SchemaVersion", "Engine", "EngineVersion", "CertificateType")


class Outcome(StrEnum):
    """What became of one rule. OPEN: it could not be decided."""

    PASSED = "passed"
    FAILED = "failed"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class PublishedRule:
    """One rule. `kind` is vaccination, test, recovery or general; it holds from `valid_from` until before `valid_to`.

    `descriptions` are by language; `document` is the rule as it was published.
    """

    identifier: str
    type: str
    country: str
    region: str
    kind: str
    version: Version
    schema_version: Version
    valid_from: datetime
    valid_to: datetime
    descriptions: Mapping[str, str]
    document: Mapping[str, Any] = field(repr=False)
    _logic: Callable[[Any], Any] | None = field(compare=False, repr=False)  # None: for an engine we do not have

    @classmethod
    def of(cls, document: Any) -> PublishedRule:
        """The rule in `document`. Raises PolicyError with everything that is wrong with it."""
        if found := list(problems(document)):
            raise PolicyError(found)
        engine_fits = document["Engine"] == ENGINE and _version(document["EngineVersion"]) <= ENGINE_VERSION
        return cls(
            identifier=document["Identifier"],
            type=document["Type"],
            country=document["Country"].upper(),
            region=document.get("Region") or "",
            kind=document["CertificateType"].lower(),
            version=_version(document["Version"]),
            schema_version=_version(document["SchemaVersion"]),
            valid_from=from_iso(document["ValidFrom"]),
            valid_to=from_iso(document["ValidTo"]),
            descriptions={item["lang"].lower(): item["desc"] for item in document["Description"]},
            document=document,
            _logic=compile_rule(document["Logic"], mode="published") if engine_fits else None,
        )

    def in_force(self, at: datetime) -> bool:
        return self.valid_from <= at < self.valid_to

    def concerns(self, kind: str) -> bool:
        return self.kind in (kind, GENERAL.lower())

    def judge(self, payload: Mapping[str, Any], external: Mapping[str, Any]) -> Outcome:
        """What the rule says of the certificate. OPEN for a newer engine, an older certificate, and wrong operands."""
        if self._logic is None or not self._knows(payload.get("ver")):
            return Outcome.OPEN
        try:
            answer = self._logic({"payload": payload, "external": external})
        except LogicError:
            return Outcome.OPEN
        return {True: Outcome.PASSED, False: Outcome.FAILED}[answer] if isinstance(answer, bool) else Outcome.OPEN

    def _knows(self, ver: object) -> bool:
        """Whether a certificate of that schema has what the rule reads: the same major version, and no older one."""
        if ver is None:
            return True
        found = _VERSION.fullmatch(ver) if isinstance(ver, str) else None
        return (
            found is not None and found[1] == str(self.schema_version[0]) and _version(found[0]) >= self.schema_version
        )

    def description(self, language: str) -> str:
        """In that language, else in English, else in any."""
        return self.descriptions.get(language) or self.descriptions.get("en") or next(iter(self.descriptions.values()))


def problems(document: Any) -> Iterator[str]:
    """Everything wrong with a published rule, each with its place."""
    if not isinstance(document, Mapping):
        yield "must be an object, as the rule was published"
        return
    for name in _TEXTS:
        if not isinstance(document.get(name), str) or not document[name]:
            yield f"{name}: missing, or no text"
    for name in ("Version", "SchemaVersion", "EngineVersion"):
        if isinstance(document.get(name), str) and not _VERSION.fullmatch(document[name]):
            yield f"{name}: {document[name][:40]!r} is no version such as 1.0.0"
    if isinstance(document.get("Identifier"), str) and not _IDENTIFIER.fullmatch(document["Identifier"]):
        yield f"Identifier: {document['Identifier'][:40]!r} must be letters, digits and hyphens"
    for name in ("ValidFrom", "ValidTo"):
        if not _is_time(document.get(name)):
            yield f"{name}: must be a time with a zone, such as 2021-07-01T00:00:00Z"
    if not _describes(document.get("Description")):
        yield "Description: must be a list of {lang, desc}, at least one"
    if "Logic" not in document:
        yield "Logic: missing"
    elif document.get("Engine") == ENGINE:
        yield from (str(flaw) for flaw in flaws(document["Logic"], "published", "Logic"))


def _version(text: str) -> Version:
    major, minor, patch = map(int, text.split("."))
    return major, minor, patch


def _is_time(text: Any) -> bool:
    try:
        return isinstance(text, str) and bool(from_iso(text))
    except (ValueError, OverflowError):
        return False


def _describes(items: Any) -> bool:
    return (
        isinstance(items, list)
        and bool(items)
        and all(
            isinstance(item, Mapping)
            and all(isinstance(item.get(name), str) and item[name] for name in ("lang", "desc"))
            for item in items
        )
    )
