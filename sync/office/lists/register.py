"""What the registers of a community's people have in common: where they are kept, who is told, what day it is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sync.office.audit import Audit
from sync.office.db import Database
from sync.office.seal import Sealer
from sync.office.units import Units
from sync.office.values import Scope, Unit

HandDown = Callable[[str, str], None]  # community, who


class Register:
    """`hand_down(community, who)` publishes what changed and calls the gates."""

    def __init__(
        self,
        database: Database,
        sealer: Sealer,
        units: Units,
        hand_down: HandDown,
        audit: Audit,
        zone: ZoneInfo,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._units = units
        self._hand_down = hand_down
        self._audit = audit
        self._zone = zone
        self._now = now

    def today(self) -> date:
        """The office's own day."""
        return self._now().astimezone(self._zone).date()

    def community(self, community_id: str, scope: Scope) -> Unit:
        """Raises NotFound for what is no community of the scope."""
        return self._units.community(community_id, scope)
