"""Whoever stands there, looked up by keyed tokens in the office's lists and in the gate's own past."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from typing import Protocol

from kiosk import tokens
from kiosk.codes import declaration, office_pass
from kiosk.identities import plates
from kiosk.known import Household, Known, Premises, Vehicle
from kiosk.lists import Declaration, Declarations, Places, Regions, Resident, Roster, WatchList
from kiosk.model import Direction, HealthCode, Presentation, Verdict, Verification

COPY_WITHIN = timedelta(minutes=10)  # in again so soon, and never out between: somebody else holds the same code


class Seen(Protocol):
    """The newest passage of a token."""

    @property
    def at(self) -> datetime: ...
    @property
    def direction(self) -> str: ...
    @property
    def verdict(self) -> str: ...


class Past(Protocol):
    """What the gate's own journal tells."""

    def last_seen(self, token: str, /) -> Seen | None:
        """The newest passage of a token."""

    def household(self, token: str, tokens: Iterable[str], now: datetime, /) -> Household:
        """The exits of a household; `tokens` name the person who wants to leave now."""

    def used(self, declaration: str, /) -> bool:
        """Whether somebody was let in on this declaration."""

    def inside(self) -> int:
        """How many people are inside."""


class NoPast:
    """A gate that has seen nobody yet."""

    def last_seen(self, _token: str, /) -> Seen | None:
        return None

    def household(self, _token: str, _tokens: Iterable[str], _now: datetime, /) -> Household:
        return Household()

    def used(self, _declaration: str, /) -> bool:
        return False

    def inside(self) -> int:
        return 0


@dataclass(frozen=True, slots=True)
class Lists:
    """The office's lists in force."""

    watch: WatchList = field(default_factory=WatchList)
    roster: Roster = field(default_factory=Roster)
    regions: Regions = field(default_factory=Regions)
    places: Places = field(default_factory=Places)
    declarations: Declarations = field(default_factory=Declarations)


@dataclass(frozen=True, slots=True)
class Recogniser:
    """Knows people by the community's token key. `gate` is this gate's id, `zone` says what a day is."""

    key: bytes
    past: Past
    zone: tzinfo
    gate: str

    def know(
        self,
        lists: Lists,
        now: datetime,
        code: HealthCode | None,
        presentation: Presentation,
        direction: Direction,
    ) -> Known:
        """Everything that is known of whoever presented this."""
        named = tokens_of(self.key, code, presentation)
        own = code_token(self.key, code, presentation)
        resident = lists.roster.find(named)
        declaration, state = self._declaration(lists, named, now)
        household = self._household(resident, code, presentation)
        return Known(
            tokens=named,
            watch=lists.watch.find(named, now),
            copied=own is not None and copied(self.past.last_seen(own), direction, now),
            resident=resident,
            declaration=declaration,
            declaration_state=state,
            household=self.past.household(household, named, now) if household else None,
            household_token=household,
            code_token=own or "",
            premises=self._premises(lists, now),
            vehicle=self._vehicle(presentation, direction, now),
            regions=lists.regions,
            today=now.astimezone(self.zone).date(),
        )

    def _household(self, resident: Resident | None, code: HealthCode | None, presentation: Presentation) -> str:
        """The token of the household, which the roster says itself; empty where nothing says which it is."""
        if resident and resident.household:
            return resident.household
        said = (code.holder.household if code else "") or presentation.person.household
        return tokens.token(self.key, "household", said) if tokens.normalise(said) else ""

    def _declaration(self, lists: Lists, named: tuple[str, ...], now: datetime) -> tuple[Declaration | None, str]:
        """The declaration of this person that may be used now; else the one that says best why not."""
        found = [(one, one.state(now, used=self.past.used(one.id))) for one in lists.declarations.find(named)]
        order = ("valid", "early", "used", "expired", "cancelled")
        return min(found, key=lambda pair: order.index(pair[1]), default=(None, ""))

    def _vehicle(self, presentation: Presentation, direction: Direction, now: datetime) -> Vehicle | None:
        """The vehicle that somebody drives, paired with its last passage: in and not out again is inside."""
        if not presentation.plate:
            return None
        seen = self.past.last_seen(tokens.token(self.key, "plate", presentation.plate))
        inside = seen is not None and (seen.verdict, seen.direction) == (Verdict.ADMIT, Direction.IN)
        leaves = seen is not None and inside and direction is Direction.OUT
        stay_min = round((now - seen.at).total_seconds() / 60, 1) if seen and leaves else None
        return Vehicle(presentation.plate, kind=plates.kind(presentation.plate), inside=inside, stay_min=stay_min)

    def _premises(self, lists: Lists, now: datetime) -> Premises:
        place = lists.places.of_gate(self.gate)
        if place is None:
            return Premises(inside=self.past.inside())
        return Premises(place.name, self.past.inside(), place.limit, lists.places.gathering(place.id, now))


def tokens_of(key: bytes, code: HealthCode | None, presentation: Presentation) -> tuple[str, ...]:
    """Every token that an identity of this person gives, each once: ID number, phone, pass, and the code itself."""
    person, holder = presentation.person, code.holder if code else None
    known = [
        ("id", person.id_number),
        ("id", holder.id_number if holder else ""),
        ("phone", person.phone),
        ("phone", holder.phone if holder else ""),
        ("pass", code.serial if code and code.scheme == office_pass.NAME else ""),
        ("pass", person.pass_number),
        ("pass", office_pass.number_of(code)),
        ("plate", presentation.plate),
        ("declaration", person.declaration),
        ("declaration", code.serial if code and code.scheme == declaration.NAME else ""),
    ]
    named = [tokens.token(key, kind, identity) for kind, identity in known if tokens.normalise(identity)]
    own = code_token(key, code, presentation)
    return tuple(dict.fromkeys([*named, *([own] if own else [])]))


def code_token(key: bytes, code: HealthCode | None, presentation: Presentation) -> str | None:
    """The token of this very code: by its serial, else by its text. None where no code of anybody was shown."""
    if code is None or code.verification is Verification.FAILED or not presentation.text:
        return None
    identity = code.serial or hashlib.sha256(presentation.text.encode("utf-8", "surrogatepass")).hexdigest()
    return tokens.token(key, "code", f"{code.scheme}:{identity}")


def copied(seen: Seen | None, direction: Direction, now: datetime) -> bool:
    """Whether the code was let through in this direction a moment ago and has not come back since."""
    return (
        seen is not None
        and seen.verdict == Verdict.ADMIT
        and seen.direction == direction
        and now - COPY_WITHIN <= seen.at <= now
    )
