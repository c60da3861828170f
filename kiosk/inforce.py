"""What the office handed down, parsed once per bundle: policy, issuer keys, revocations, watch entries.

A section that does not parse is never put in force: the last good one stays and `trouble` says so.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

import structlog

from kiosk import tokens
from kiosk.checkpoint import Rules
from kiosk.codes import ReadContext, Revoked, Trust
from kiosk.errors import GatehouseError
from kiosk.handdown import Bundle, HandDown
from kiosk.model import HealthCode, Presentation, from_iso
from kiosk.screening import Policy
from kiosk.screening.policy import from_json as policy_from_json

log = structlog.get_logger(__name__)

Part = TypeVar("Part")


@dataclass(frozen=True, slots=True)
class _Parsed:
    version: int
    policy: Policy
    trust: Trust
    revoked: Revoked
    watch: Mapping[str, tuple[Mapping[str, Any], ...]]
    notices: tuple[Mapping[str, Any], ...]


class InForce:
    """The rules in force now. `token_key` is the community's; without it nobody can be looked up."""

    def __init__(self, handdown: HandDown, own_policy: Policy, token_key: bytes | None, *, demo: bool) -> None:
        self._handdown = handdown
        self._token_key = token_key
        self._demo = demo
        self._parsed = _Parsed(0, own_policy, Trust.of(()), Revoked.none(), {}, ())
        self.trouble: dict[str, str] = {}  # section → what is wrong with it

    def __call__(self, now: datetime) -> Rules:
        parsed = self._current()
        return Rules(
            policy=parsed.policy,
            footing=self._handdown.footing(now),
            reading=ReadContext(at=now, trust=parsed.trust, revoked=parsed.revoked, demo=self._demo),
            tokens=self._tokens,
            watch=lambda found: tuple(_active(parsed.watch, found, now)),
        )

    def notices(self, now: datetime) -> list[Mapping[str, Any]]:
        """The office's notices that have not ended, newest first (row C7)."""
        running = [item for item in self._current().notices if not item.get("until") or from_iso(item["until"]) > now]
        return sorted(running, key=lambda item: str(item.get("at", "")), reverse=True)

    @property
    def policy(self) -> Policy:
        return self._current().policy

    def _current(self) -> _Parsed:
        bundle = self._handdown.bundle
        if bundle.version != self._parsed.version:
            self._parsed = self._parse(bundle)
        return self._parsed

    def _parse(self, bundle: Bundle) -> _Parsed:
        last, self.trouble = self._parsed, {}
        return replace(
            last,
            version=bundle.version,
            policy=self._part(bundle, "policy", policy_from_json, last.policy),
            trust=self._part(bundle, "trust", Trust.from_section, last.trust),
            revoked=self._part(bundle, "revoked", Revoked.from_section, last.revoked),
            watch=self._part(bundle, "watch", _by_token, last.watch),
            notices=self._part(bundle, "notices", _notices, last.notices),
        )

    def _part(self, bundle: Bundle, name: str, parse: Callable[[bytes], Part], last: Part) -> Part:
        if name not in bundle.sections:
            return last
        try:
            return parse(bundle.sections[name])
        except (GatehouseError, ValueError, KeyError, TypeError, AttributeError) as error:
            self.trouble[name] = str(error)
            log.error("handdown", section=name, version=bundle.version, trouble=str(error))
            return last

    def _tokens(self, code: HealthCode | None, presentation: Presentation) -> tuple[str, ...]:
        if self._token_key is None:
            return ()
        holder = code.holder if code else None
        known = [
            ("id", presentation.person.id_number),
            ("id", holder.id_number if holder else ""),
            ("phone", presentation.person.phone),
            ("phone", holder.phone if holder else ""),
            ("pass", code.serial if code else ""),
        ]
        return tuple(
            dict.fromkeys(
                tokens.token(self._token_key, kind, identity) for kind, identity in known if tokens.normalise(identity)
            )
        )


def _by_token(section: bytes) -> dict[str, tuple[Mapping[str, Any], ...]]:
    found: dict[str, tuple[Mapping[str, Any], ...]] = {}
    for entry in json.loads(section)["entries"]:
        found[entry["token"]] = (*found.get(entry["token"], ()), entry)
    return found


def _notices(section: bytes) -> tuple[Mapping[str, Any], ...]:
    return tuple(json.loads(section)["notices"])


def _active(
    watch: Mapping[str, tuple[Mapping[str, Any], ...]], found: Iterable[str], now: datetime
) -> Iterable[Mapping[str, Any]]:
    for token in found:
        for entry in watch.get(token, ()):
            started = not entry.get("from") or from_iso(entry["from"]) <= now
            if started and (not entry.get("until") or now < from_iso(entry["until"])):
                yield entry
