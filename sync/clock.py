"""The office's time as a gate last measured it: one whose own clock is wrong can still report, and say by how much."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from kiosk.model import from_iso


class OfficeClock:
    """`now` is the gate's own clock; `offset_ms` (office minus gate) what was known before; `keep` notes a new one."""

    def __init__(
        self, now: Callable[[], datetime], offset_ms: int | None = None, keep: Callable[[int], None] = lambda _: None
    ) -> None:
        self.gate_now = now
        self.offset_ms = offset_ms
        self._keep = keep

    def now(self) -> datetime:
        """The office's time; the gate's before the first contact."""
        return self.gate_now() + timedelta(milliseconds=self.offset_ms or 0)

    def heard(self, office_time: str, sent_at: datetime) -> None:
        """Measure anew: the office's time holds for the middle of an exchange begun at `sent_at` (gate's clock).

        Raises ValueError when it is no time.
        """
        middle = sent_at + (self.gate_now() - sent_at) / 2
        self.offset_ms = round((from_iso(office_time) - middle) / timedelta(milliseconds=1))
        self._keep(self.offset_ms)
