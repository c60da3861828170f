"""What the office handed down, parsed once per bundle: policy, issuer keys, revocations, watch entries.

A section that does not parse is never put in force: the last good one stays, `trouble` says so, and the footing is
that of an expired bundle, since the gate does not do what the office now asks.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

import structlog

from kiosk import recognition
from kiosk.checkpoint import Rules
from kiosk.codes import ReadContext, Revoked, Trust
from kiosk.errors import GatehouseError
from kiosk.handdown import Bundle, HandDown
from kiosk.known import Known
from kiosk.model import Direction, Footing, HealthCode, Presentation, from_iso
from kiosk.screening import Policy
from kiosk.screening.policy import from_json as policy_from_json

log = structlog.get_logger(__name__)

Part = TypeVar("Part")

DECIDING = {"policy", "trust", "revoked", "watch"}  # what a verdict may hang on
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
    policy: Policy
    trust: Trust = field(default_factory=Trust)
    revoked: Revoked = field(default_factory=Revoked)
    watch: Mapping[str, tuple[_Timed, ...]] = field(default_factory=dict)
    notices: tuple[_Timed, ...] = ()
    failed: Mapping[str, str] = field(default_factory=dict)  # section → why it is not in force


class InForce:
    """The rules in force now. `token_key` is the community's; without it nobody can be looked up.

    `last_seen` answers the newest passage of a person token, so that a second phone with the same code is noticed.
    """

    def __init__(
        self,
        handdown: HandDown,
        own_policy: Policy,
        token_key: bytes | None,
        *,
        demo: bool,
        last_seen: Callable[[str], recognition.Seen | None] = lambda _token: None,
    ) -> None:
        self._handdown = handdown
        self._token_key = token_key
        self._last_seen = last_seen
        self._demo = demo
        self._parsed = _Parsed(0, own_policy)

    def __call__(self, now: datetime) -> Rules:
        parsed = self._current()
        return Rules(
            policy=parsed.policy,
            footing=self.footing(now),
            reading=ReadContext(at=now, trust=parsed.trust, revoked=parsed.revoked, demo=self._demo),
            known=partial(self._known, parsed, now),
        )

    def footing(self, now: datetime) -> Footing:
        """How far the rules may be relied on; no further than an expired bundle while any of it is not in force."""
        return Footing.EXPIRED if DECIDING & self._current().failed.keys() else self._handdown.footing(now)

    def notices(self, now: datetime) -> list[Mapping[str, Any]]:
        """The office's notices that run now, newest first (row C7)."""
        running = [notice.said for notice in self._current().notices if notice.runs(now)]
        return sorted(running, key=lambda notice: str(notice.get("at", "")), reverse=True)

    @property
    def policy(self) -> Policy:
        return self._current().policy

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

        return _Parsed(
            version=bundle.version,
            policy=part("policy", policy_from_json, last.policy),
            trust=part("trust", Trust.from_section, last.trust),
            revoked=part("revoked", Revoked.from_section, last.revoked),
            watch=part("watch", _by_token, last.watch),
            notices=part("notices", _notices, last.notices),
            failed=failed,
        )

    def _known(
        self,
        parsed: _Parsed,
        now: datetime,
        code: HealthCode | None,
        presentation: Presentation,
        direction: Direction,
    ) -> Known:
        if self._token_key is None:
            return Known()
        tokens = recognition.tokens_of(self._token_key, code, presentation)
        own = recognition.code_token(self._token_key, code, presentation)
        return Known(
            tokens=tokens,
            watch=tuple(_active(parsed.watch, tokens, now)),
            copied=own is not None and recognition.copied(self._last_seen(own), direction, now),
        )


def _by_token(section: bytes) -> dict[str, tuple[_Timed, ...]]:
    found: dict[str, tuple[_Timed, ...]] = {}
    for entry in json.loads(section)["entries"]:
        found[entry["token"]] = (*found.get(entry["token"], ()), _Timed.of(entry))
    return found


def _notices(section: bytes) -> tuple[_Timed, ...]:
    return tuple(_Timed.of(notice) for notice in json.loads(section)["notices"])


def _active(
    watch: Mapping[str, tuple[_Timed, ...]], found: Iterable[str], now: datetime
) -> Iterable[Mapping[str, Any]]:
    return (entry.said for token in found for entry in watch.get(token, ()) if entry.runs(now))
