"""Notices to the people at the gates (row C7): posted and withdrawn one by one, handed down with the bundle."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from uuid_utils import uuid7

from kiosk.model import iso
from sync.office.errors import NotFound, Refused
from sync.office.publish import Publish
from sync.office.units import Units
from sync.office.values import Published, Scope

LONGEST = 2000  # characters in each language


class Notices:
    """A notice is {"id", "zh", "en", "at"}, as gates and tablets show it."""

    def __init__(self, publish: Publish, units: Units, now: Callable[[], datetime]) -> None:
        self._publish = publish
        self._units = units
        self._now = now

    def list(self, community_id: str, scope: Scope) -> tuple[Mapping[str, Any], ...]:
        """What hangs in the community, newest first. Raises NotFound."""
        self._units.get(community_id, scope)
        posted = self._publish.draft(community_id)["notices"]["notices"]
        return tuple(sorted(posted, key=lambda notice: str(notice.get("at", "")), reverse=True))

    def post(self, community_id: str, zh: str, en: str, scope: Scope, *, who: str) -> Published:
        """Hands a notice down. Raises Refused when one of the languages is missing or too long, NotFound."""
        self._units.get(community_id, scope)
        words = {"zh": zh.strip(), "en": en.strip()}
        if not all(0 < len(text) <= LONGEST for text in words.values()):
            raise Refused(f"a notice has 1 to {LONGEST} characters in Chinese and in English")
        notice = {"id": str(uuid7()), **words, "at": iso(self._now())}
        return self._revise(community_id, lambda posted: [*posted, notice], who)

    def withdraw(self, community_id: str, notice_id: str, scope: Scope, *, who: str) -> Published:
        """Takes a notice down. Raises NotFound when it does not hang there (any more)."""
        if all(notice.get("id") != notice_id for notice in self.list(community_id, scope)):
            raise NotFound(f"no notice {notice_id}")
        return self._revise(community_id, lambda posted: [n for n in posted if n.get("id") != notice_id], who)

    def _revise(self, community_id: str, change: Callable[[Sequence[Any]], Sequence[Any]], who: str) -> Published:
        """Publishes the list as `change` leaves it; two people at once lose neither's notice."""

        def changed(written: Mapping[str, Any]) -> dict[str, Any]:
            return {"notices": {"notices": [*change(written["notices"]["notices"])]}}

        return self._publish.revise(community_id, changed, who=who)
