"""Published rules applied to one certificate: which of them count, what they see, what each one says.

A policy's part `acceptance` names a country, its rules and their value sets; docs/policy.md tells how it is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from kiosk.model import Verdict, iso
from kiosk.screening.condition import Condition
from kiosk.screening.published_rules import ACCEPTANCE, INVALIDATION, Outcome, PublishedRule


@dataclass(frozen=True, slots=True)
class Shown:
    """The certificate that is judged: `kind` is vaccination, test or recovery, `country` its issuer's, `payload` what
    was signed; `kid` in base64, as the rules' specification wants it.
    """

    kind: str
    country: str
    payload: Mapping[str, Any]
    kid: str = ""
    issued_at: datetime | None = None
    expires: datetime | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one rule said of one certificate."""

    rule: PublishedRule
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Acceptance:
    """The rules of one country, and its value sets as lists of codes.

    `verdict` is the outcome for a certificate that a rule does not accept; one that no rule can decide is a check.
    """

    country: str
    rules: tuple[PublishedRule, ...]
    value_sets: Mapping[str, list[str]]
    verdict: Verdict = Verdict.CHECK
    region: str = ""
    when: Condition = field(default_factory=lambda: Condition.of(True))

    def selected(self, kind: str, issuer: str, at: datetime) -> tuple[PublishedRule, ...]:
        """The rules that count for a certificate of that kind from that country at that time.

        Acceptance rules are the arrival country's, invalidation rules the issuing country's; of several versions the
        highest one in force counts, whichever kind of certificate it is for.
        """
        newest: dict[str, PublishedRule] = {}
        for rule in self.rules:
            if not self._counts(rule, issuer) or not rule.in_force(at):
                continue
            known = newest.get(rule.identifier)
            if known is None or rule.version > known.version:
                newest[rule.identifier] = rule
        return tuple(rule for rule in newest.values() if rule.concerns(kind))

    def _counts(self, rule: PublishedRule, issuer: str) -> bool:
        if rule.region not in ("", self.region):
            return False
        return rule.country == {ACCEPTANCE: self.country, INVALIDATION: issuer.upper()}.get(rule.type)

    def why_not(self, rule: PublishedRule, shown: Shown, at: datetime) -> str:
        """Why a rule that was not selected does not count for a certificate."""
        if not self._counts(rule, shown.country):
            return "of another country or region"
        if not rule.in_force(at):
            return "not in force then"
        return "a newer version counts" if rule.concerns(shown.kind) else "for another kind of certificate"

    def judge(self, shown: Shown, at: datetime) -> tuple[Judgement, ...]:
        """What every rule that counts says of the certificate at that time; nothing when no rule counts."""
        external = self.external(shown, at)
        rules = self.selected(shown.kind, shown.country, at)
        return tuple(Judgement(rule, rule.judge(shown.payload, external)) for rule in rules)

    def external(self, shown: Shown, at: datetime) -> dict[str, Any]:
        """What rules may ask beyond the certificate itself (EU DCC Validation Rules 1.1, §5.2)."""
        known = {
            "validationClock": iso(at),
            "valueSets": self.value_sets,
            "countryCode": self.country,
            "region": self.region,
            "issuerCountryCode": shown.country,
            "kid": shown.kid,
            "iat": shown.issued_at and iso(shown.issued_at),
            "exp": shown.expires and iso(shown.expires),
        }
        return {name: value for name, value in known.items() if value}

    def to_document(self) -> dict[str, Any]:
        """As a policy document holds it."""
        return {
            "country": self.country,
            "region": self.region,
            "verdict": self.verdict.value,
            "when": self.when.expression,
            "rules": [dict(rule.document) for rule in self.rules],
            "valuesets": {name: list(codes) for name, codes in self.value_sets.items()},
        }


def into(
    document: Mapping[str, Any],
    *,
    country: str,
    rules: Iterable[Mapping[str, Any]],
    value_sets: Mapping[str, Any],
    verdict: Verdict = Verdict.CHECK,
) -> dict[str, Any]:
    """The policy document with published rules and value sets added to what it holds of that country.

    A rule of the same identifier and version, and a value set of the same name, is replaced; another country's give
    way to this one's. `policy.parse` finds what is wrong with them.
    """
    held: Mapping[str, Any] = document.get("acceptance") or {}
    if held.get("country") != country:
        held = {}
    kept = {(rule.get("Identifier"), rule.get("Version")): rule for rule in [*held.get("rules", []), *rules]}
    sets = {**held.get("valuesets", {}), **{name: codes(value_set) for name, value_set in value_sets.items()}}
    part = {**held, "country": country, "verdict": verdict.value, "rules": list(kept.values()), "valuesets": sets}
    return {**document, "acceptance": part}


def codes(value_set: Any) -> Any:
    """The codes of a value set as it is published, with all about each code; a plain list of codes stays as it is."""
    if isinstance(value_set, Mapping) and isinstance(value_set.get("valueSetValues"), Mapping):
        return list(value_set["valueSetValues"])
    return value_set
