"""python -m sync now: the gate calls its office at once, by itself where it runs, else from here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from kiosk.errors import SyncError
from kiosk.model import from_iso
from sync import bell
from sync.bar import Bar
from sync.uplink import Uplink


@dataclass(frozen=True, slots=True)
class Called:
    """`by` is who called: the gate, or this command."""

    by: str
    sent: int
    waiting: int
    synced_at: datetime

    def words(self, zone: ZoneInfo) -> str:
        waits = f"{self.waiting} wait" if self.waiting else "nothing waits"
        by = "" if self.by == "gate" else "; called from here, since no gate is running"
        return f"synced {self.synced_at.astimezone(zone):%H:%M:%S}, {waits}; sent {self.sent}{by}"


def through_the_gate(var: Path, bar: Bar, zone: ZoneInfo) -> Called:
    """Raises SyncError when the office cannot be reached or wants to be left alone: the gate tries again by itself."""

    def shown(said: dict[str, Any]) -> None:
        if progress := said["progress"]:
            left = progress["left"]
            bar.told(progress["sent"], progress["total"], f"{left['en']} left" if left else "")

    said = bell.ring(var, shown)
    if said["state"] == "later":
        until = from_iso(said["until"]).astimezone(zone)
        raise SyncError(f"the office asked to be left alone until {until:%H:%M:%S}; the gate calls then")
    if said["state"] == "failed":
        raise SyncError(f"{said['en']}; {said['waiting']} wait, and the gate goes on trying")
    return Called("gate", said["sent"], said["waiting"], from_iso(said["ended_at"]))


def from_here(uplink: Uplink, bar: Bar, now: datetime) -> Called:
    """Push and pull without a gate. Raises SyncError or HandDownError."""
    result = uplink.push(bar.show)
    uplink.pull()
    queue = uplink.queue()
    return Called("command", result.sent, queue.waiting, queue.synced_at or now)
