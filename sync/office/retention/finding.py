"""What the office holds of one person: found by the keyed token of an ID number or a phone, never by a stored list.

A community's people have tokens under its own key, so each community is searched by itself. Events have no index of
tokens, which would be one more place to empty: they are opened one after the other (some 50,000 a second on one core).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, or_, select

from kiosk import identities, tokens
from sync.office.audit import Audit
from sync.office.db import Database
from sync.office.db.lists import DeclarationRow, ListedRow
from sync.office.db.log import AlertRow, EventRow, ForkEventRow, JournalRow
from sync.office.db.tables import PassRow
from sync.office.errors import OfficeError, Refused
from sync.office.reading import place
from sync.office.seal import Destroyed, Sealer
from sync.office.units import Units
from sync.office.values import Scope, Unit

KINDS = ("id", "phone")
CHUNK = 500
NEAR = timedelta(days=2)  # between a passage and what was said of it later

Advance = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Number:
    """An ID number or a phone as it is looked for. It is never shown or logged."""

    kind: str
    plain: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Part:
    """An event that holds something of the person. `visit` is "" where it belongs to none."""

    event: str
    journal: str
    seq: int
    at: datetime
    gate: str
    kind: str
    visit: str


@dataclass(frozen=True, slots=True)
class Holding:
    """All that one community holds of somebody, by ids."""

    community: str
    community_name: str
    token: str = field(repr=False)
    parts: tuple[Part, ...] = ()
    forks: tuple[tuple[str, int, str], ...] = ()  # journal, number, digest
    alerts: tuple[str, ...] = ()
    listed: tuple[str, ...] = ()
    declarations: tuple[str, ...] = ()
    passes: tuple[str, ...] = ()  # serials

    def counts(self) -> dict[str, int]:
        """How much there is, by kind."""
        events = {"passages": 0, "other": 0}
        for part in self.parts:
            events["passages" if part.kind == "passage" else "other"] += 1
        rest = {name: len(getattr(self, name)) for name in ("alerts", "listed", "declarations", "passes")}
        return {**events, "forks": len(self.forks), **rest}

    @property
    def total(self) -> int:
        return sum(self.counts().values())


def number(typed: str) -> Number:
    """What was typed, as an ID number or a phone. Raises Refused, without repeating it."""
    for kind in KINDS:
        found = identities.check(kind, typed)
        if found.holds:
            return Number(kind, tokens.normalise(found.normalised))
    raise Refused("this is no ID number and no phone number; check it and type it again")


class Finding:
    def __init__(self, database: Database, sealer: Sealer, units: Units, audit: Audit, audit_key: bytes) -> None:
        """`audit_key` keys the digest by which the audit tells that two searches were for the same person."""
        self._database = database
        self._sealer = sealer
        self._units = units
        self._audit = audit
        self._audit_key = audit_key

    def search(
        self, wanted: Number, reason: str, scope: Scope, *, who: str, advance: Advance = lambda _done, _all: None
    ) -> tuple[Holding, ...]:
        """What each community of the branch holds, those without anything left out. Raises Refused without a reason.

        The audit keeps who, why and how much was found; of the number only a keyed digest.
        """
        if not (reason := reason.strip()[:200]):
            raise Refused("say why you look for this person; the reason is recorded")
        found = [self.of(unit, wanted, advance) for unit in self._units.communities(scope)]
        digest = hmac.new(self._audit_key, f"{wanted.kind}:{wanted.plain}".encode(), hashlib.sha256).hexdigest()[:16]
        told = f"{sum(one.total for one in found)} found: {reason}"
        self._audit.write(who, "person.search", digest, told, scope.unit)
        return tuple(one for one in found if one.total)

    def of(self, unit: Unit, wanted: Number, advance: Advance = lambda _done, _all: None) -> Holding:
        """What one community holds of somebody."""
        token = tokens.token(self._units.token_key(unit.id), wanted.kind, wanted.plain)
        with self._database.read() as tx:
            return self._Search(self, tx, unit, token, wanted, advance).holding()

    def by_token(self, tx: Connection, unit: Unit, token: str, until: datetime) -> tuple[Part, ...]:
        """The events of somebody up to a moment, by the token alone."""
        parts = self._Search(self, tx, unit, token, None, lambda _done, _all: None).events()
        return tuple(part for part in parts if part.at <= until)

    def opened(self, where: str, sealed: bytes) -> bytes:
        """What was sealed there; nothing where it is gone or cannot be read."""
        try:
            return self._sealer.open(where, sealed)
        except Destroyed:
            return b""
        except OfficeError:
            return b""

    class _Search:
        """One walk through a community."""

        def __init__(
            self, finding: Finding, tx: Connection, unit: Unit, token: str, wanted: Number | None, advance: Advance
        ) -> None:
            self._finding = finding
            self._tx = tx
            self._unit = unit
            self._token = token
            self._signs = [f'"{text}"'.encode() for text in (token, wanted.plain if wanted else "") if text]
            self._advance = advance
            self._codes: set[str] = set()
            self._people: set[tuple[str, str]] = set()
            self._serials: set[str] = set()
            self._phone = wanted.plain if wanted and wanted.kind == "phone" else ""

        def holding(self) -> Holding:
            parts = tuple(self.events())
            visits = {part.visit for part in parts if part.visit}
            return Holding(
                self._unit.id,
                self._unit.name,
                self._token,
                parts,
                tuple(self._forks()),
                tuple(self._alerts(visits)),
                tuple(self._listed()),
                tuple(self._tx.scalars(self._named(DeclarationRow))),
                tuple(self._passes()),
            )

        def events(self) -> list[Part]:
            """Events that say the number or its token, and those that belong to their visits."""
            found = {(part.journal, part.seq): part for part in self._said()}
            for part in [part for part in found.values() if part.visit]:
                found |= {(one.journal, one.seq): one for one in self._of_visit(part)}
            return sorted(found.values(), key=lambda part: (part.at, part.journal, part.seq))

        def _said(self) -> Iterator[Part]:
            total = sum(self._tx.scalars(select(JournalRow.seq).where(JournalRow.community_id == self._unit.id)))
            wanted = select(EventRow.journal_id, EventRow.seq, EventRow.sealed).where(
                EventRow.community_id == self._unit.id, EventRow.sealed.is_not(None)
            )
            hits = []
            for count, row in enumerate(self._tx.execute(wanted.execution_options(yield_per=CHUNK)), 1):
                plain = self._finding.opened(place(row.journal_id, row.seq), row.sealed)
                if any(sign in plain for sign in self._signs):
                    hits.append((row.journal_id, row.seq))
                    self._learn(plain)
                if count % CHUNK == 0:
                    self._advance(count, total)
            self._advance(total, total)
            for journal, seq in hits:
                yield from map(_part, self._tx.execute(_events(self._unit.id, journal).where(EventRow.seq == seq)))

        def _of_visit(self, part: Part) -> Iterator[Part]:
            """What else was recorded of a visit: alerts, overrides, the wait before a second reading."""
            near = _events(self._unit.id, part.journal).where(
                EventRow.at.between(part.at - NEAR, part.at + NEAR),
                EventRow.sealed.is_not(None),
                EventRow.open.contains(part.visit, autoescape=True),
            )
            return map(_part, self._tx.execute(near))

        def _learn(self, plain: bytes) -> None:
            """By what else this person is known: codes that were shown, name with the last four, passes."""
            said = msgspec.json.decode(plain).get("personal") or {}
            if code := said.get("code_token"):
                self._codes.add(str(code))
            if said.get("name") and said.get("id_last4"):
                self._people.add((str(said["name"]), str(said["id_last4"])))
            if serial := said.get("serial"):
                self._serials.add(str(serial))

        def _forks(self) -> Iterator[tuple[str, int, str]]:
            fork = ForkEventRow
            wanted = select(fork.journal_id, fork.seq, fork.digest, fork.sealed)
            for row in self._tx.execute(wanted.where(fork.community_id == self._unit.id, fork.sealed.is_not(None))):
                where = f"fork_event:{row.journal_id}:{row.seq}:{row.digest}"
                plain = self._finding.opened(where, row.sealed)
                if any(sign in plain for sign in self._signs):
                    yield row.journal_id, row.seq, row.digest

        def _alerts(self, visits: set[str]) -> Iterator[str]:
            wanted = select(AlertRow.id, AlertRow.visit, AlertRow.sealed).where(
                AlertRow.community_id == self._unit.id, AlertRow.sealed.is_not(None)
            )
            for row in self._tx.execute(wanted):
                plain = self._finding.opened(f"alert:{row.id}:sealed", row.sealed)
                if row.visit in visits or any(sign in plain for sign in self._signs):
                    yield row.id

        def _named(self, row: Any) -> Any:
            """The rows of a list that hold the token, or one of the person's codes."""
            known = [row.shown.contains(token, autoescape=True) for token in (self._token, *sorted(self._codes))]
            return select(row.id).where(row.community_id == self._unit.id, or_(*known))

        def _listed(self) -> Iterator[str]:
            yield from self._tx.scalars(self._named(ListedRow))

        def _passes(self) -> Iterator[str]:
            """A pass holds no whole document number: it is this person's by its serial, its phone, or name and last
            four as a passage had them."""
            wanted = select(PassRow.serial, PassRow.sealed).where(PassRow.community_id == self._unit.id)
            for row in self._tx.execute(wanted):
                plain = self._finding.opened(f"office_pass:{row.serial}:sealed", row.sealed)
                held = msgspec.json.decode(plain) if plain else {}
                who = (str(held.get("name", "")), str(held.get("id_last4", "")))
                phone = tokens.normalise(str(held.get("phone") or ""))
                if row.serial in self._serials or who in self._people or (phone and phone == self._phone):
                    yield row.serial


def _events(community: str, journal: str) -> Any:
    columns = (
        EventRow.id,
        EventRow.journal_id,
        EventRow.seq,
        EventRow.at,
        EventRow.gate_id,
        EventRow.kind,
        EventRow.open,
    )
    return select(*columns).where(EventRow.community_id == community, EventRow.journal_id == journal)


def _part(row: Any) -> Part:
    visit = msgspec.json.decode(row.open).get("visit")
    return Part(row.id, row.journal_id, row.seq, row.at, row.gate_id, row.kind, visit if isinstance(visit, str) else "")
