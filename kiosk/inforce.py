"""What the office handed down, parsed once per bundle: policy, issuer keys, revocations, watch entries.

A section that does not parse is never put in force: the last good one stays, `trouble` says so, and the footing is
that of an expired bundle, since the gate does not do what the office now asks.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from functools import partial
from typing import Any, TypeVar

import structlog

from kiosk.checkpoint import Rules
from kiosk.codes import ReadContext, Revoked, Trust
from kiosk.codes.provincial import Province
from kiosk.codes.revocation import HashList
from kiosk.errors import GatehouseError
from kiosk.handdown import Bundle, HandDown
from kiosk.known import Known
from kiosk.lists import Declarations, Places, Regions, Roster, WatchList
from kiosk.model import Direction, Footing, HealthCode, Presentation, from_iso
from kiosk.recognition import Lists, NoPast, Past, Recogniser
from kiosk.screening import Policy, timetable
from kiosk.screening.timetable import Timetable

log = structlog.get_logger(__name__)

Part = TypeVar("Part")

DECIDING = {"policy", "trust", "revoked", "watch", "roster", "regions", "places", "declarations"}
HASHES = "revoked-"  # begins the name of each section that is a compact list of one scheme's revoked hashes
UNREADABLE = (GatehouseError, ValueError, KeyError, TypeError, AttributeError, RecursionError)


@dataclass(frozen=True, slots=True)
class _Timed:
    """Something the office says `from` one time `until` before another; either may be open."""

    said: Mapping[str, Any]
    begins: datetime | None
    ends: datetime | None

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> _Timed:
        """Raises ValueError or TypeError for times that cannot be read."""
        begins, ends = (from_iso(said[name]) if said.get(name) else None for name in ("from", "until"))
        return cls(said, begins, ends)

    def runs(self, now: datetime) -> bool:
        return (self.begins is None or self.begins <= now) and (self.ends is None or now < self.ends)


@dataclass(frozen=True, slots=True)
class _Parsed:
    version: int
    policy: Timetable
    trust: Trust = field(default_factory=Trust)
    revoked: Revoked = field(default_factory=Revoked)
    hashes: Mapping[str, HashList] = field(default_factory=dict)  # by section
    lists: Lists = field(default_factory=Lists)
    notices: tuple[_Timed, ...] = ()
    failed: Mapping[str, str] = field(default_factory=dict)  # section → why it is not in force


class InForce:
    """The rules in force now. `token_key` is the community's; without it nobody can be looked up.

    `past` is what the gate's own journal tells: who was seen last, which household went out, how many are inside.
    `provinces` are those whose codes this gate knows.
    """

    def __init__(
        self,
        handdown: HandDown,
        own_policy: Policy,
        token_key: bytes | None,
        *,
        demo: bool,
        past: Past | None = None,
        zone: tzinfo = UTC,
        gate: str = "",
        provinces: tuple[Province, ...] = (),
    ) -> None:
        self._handdown = handdown
        self._provinces = provinces
        self._recogniser = Recogniser(token_key, past or NoPast(), zone, gate) if token_key else None
        self._demo = demo
        self._zone = zone
        self._parsed = _Parsed(0, Timetable(own_policy))

    def __call__(self, now: datetime) -> Rules:
        parsed = self._current()
        return Rules(
            policy=parsed.policy.at(now),
            footing=self.footing(now),
            reading=ReadContext(now, parsed.trust, parsed.revoked, self._demo, self._provinces),
            known=partial(self._recogniser.know, parsed.lists, now)
            if self._recogniser
            else partial(_nobody, self._day(now)),
        )

    def footing(self, now: datetime) -> Footing:
        """How far the rules may be relied on; no further than an expired bundle while any of it is not in force."""
        failed = self._current().failed
        deciding = any(name in DECIDING or name.startswith(HASHES) for name in failed)
        return Footing.EXPIRED if deciding else self._handdown.footing(now)

    def notices(self, now: datetime) -> list[Mapping[str, Any]]:
        """The office's notices that run now, newest first (row C7)."""
        running = [notice.said for notice in self._current().notices if notice.runs(now)]
        return sorted(running, key=lambda notice: str(notice.get("at", "")), reverse=True)

    def _day(self, now: datetime) -> date:
        return now.astimezone(self._zone).date()

    @property
    def lists(self) -> Lists:
        return self._current().lists

    def versioned_lists(self) -> tuple[int, Lists]:
        """The lists in force with the version of the bundle they came in."""
        parsed = self._current()
        return parsed.version, parsed.lists

    def policy(self, now: datetime) -> Policy:
        """The policy in force at `now`."""
        return self._current().policy.at(now)

    @property
    def trouble(self) -> dict[str, str]:
        """Section → what is wrong with it: it could not be put in force, or some of its issuer keys cannot be used."""
        parsed = self._current()
        unusable = {"trust": "; ".join(parsed.trust.problems)} if parsed.trust.problems else {}
        return unusable | dict(parsed.failed)

    def _current(self) -> _Parsed:
        bundle = self._handdown.bundle
        if bundle.version != self._parsed.version:
            self._parsed = self._parse(bundle)
        return self._parsed

    def _parse(self, bundle: Bundle) -> _Parsed:
        last, failed = self._parsed, dict[str, str]()

        def part(name: str, parse: Callable[[bytes], Part], last: Part) -> Part:
            if name not in bundle.sections:
                return last
            try:
                return parse(bundle.sections[name])
            except UNREADABLE as error:
                failed[name] = str(error) or type(error).__name__
                log.error("handdown", section=name, version=bundle.version, trouble=failed[name])
                return last

        hashes = dict(last.hashes)
        for name in (name for name in bundle.sections if name.startswith(HASHES)):
            if (found := part(name, HashList, hashes.get(name))) is not None:
                hashes[name] = found
        return _Parsed(
            version=bundle.version,
            policy=part("policy", timetable.from_json, last.policy),
            trust=part("trust", Trust.from_section, last.trust),
            revoked=part("revoked", Revoked.from_section, last.revoked).with_hashes(*hashes.values()),
            hashes=hashes,
            lists=Lists(
                watch=part("watch", WatchList.from_section, last.lists.watch),
                roster=part("roster", Roster.from_section, last.lists.roster),
                regions=part("regions", Regions.from_section, last.lists.regions),
                places=part("places", Places.from_section, last.lists.places),
                declarations=part("declarations", Declarations.from_section, last.lists.declarations),
            ),
            notices=part("notices", _notices, last.notices),
            failed=failed,
        )


def _nobody(today: date, _code: HealthCode | None, _presentation: Presentation, _direction: Direction) -> Known:
    """Without a token key nobody is looked up; what day it is is known all the same."""
    return Known(today=today)


def _notices(section: bytes) -> tuple[_Timed, ...]:
    return tuple(_Timed.of(notice) for notice in json.loads(section)["notices"])
