"""The keys of days: one for each community and day, wrapped by the office's own. Without it that day is unreadable.

A day is the office's own day of when something happened. What a clock was far off about belongs to the day on which it
came: a gate that thinks it is 1970 must not have its events destroyed on arrival, nor one in 2099 have them kept.
"""

from __future__ import annotations

import secrets
import time
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, select

from sync.office.days.book import day_of
from sync.office.db import Database
from sync.office.db.once import insert_once
from sync.office.db.retention import DayKeyRow
from sync.office.seal import DayCipher, Filed, Sealer

KEY_BYTES = 32
CACHED_S = 60.0  # in each process: after that a key that another one destroyed is not used any more
CACHED = 4096
QUARTER_S = 900
BEHIND, AHEAD = timedelta(days=92), timedelta(days=2)  # further off, a clock is not believed


class DayKeys:
    """`wrapping` seals with the office's own key."""

    def __init__(self, database: Database, wrapping: Sealer, zone: ZoneInfo, now: Callable[[], datetime]) -> None:
        self._database = database
        self._wrapping = wrapping
        self._zone = zone
        self._now = now
        self._for_sealing: dict[tuple[str, float, float], tuple[float, DayCipher]] = {}
        self._for_opening: dict[bytes, tuple[float, AESGCM | None]] = {}

    def day(self, filed: Filed) -> str:
        """The day that something belongs to."""
        believed = filed.received_at - BEHIND <= filed.at <= filed.received_at + AHEAD
        return day_of(filed.at if believed else filed.received_at, self._zone)

    def sealing(self, filed: Filed, tx: Connection | None) -> DayCipher:
        # No midnight of any zone lies within a quarter of an hour, and a batch has few of them.
        quarters = (filed.community, filed.at.timestamp() // QUARTER_S, filed.received_at.timestamp() // QUARTER_S)
        known = self._for_sealing.get(quarters)
        if known is not None and known[0] > time.monotonic():
            return known[1]
        place = (filed.community, self.day(filed))
        if tx is not None:
            return self._kept(tx, *place) or self._made(tx, *place)  # not remembered: it may yet be undone
        found = self._settled(*place)
        _remember(self._for_sealing, quarters, found)
        return found

    def opening(self, id: bytes) -> AESGCM | None:
        known = self._for_opening.get(id)
        if known is not None and known[0] > time.monotonic():
            return known[1]
        wanted = select(DayKeyRow.wrapped).where(DayKeyRow.id == _name(id))
        with self._database.read() as tx:
            wrapped = tx.scalar(wanted)
        cipher = None if wrapped is None else self._unwrapped(id, wrapped)
        _remember(self._for_opening, id, cipher)
        return cipher

    def forget_cached(self) -> None:
        """Ask the database again: keys were destroyed."""
        self._for_sealing.clear()
        self._for_opening.clear()

    def _settled(self, community: str, day: str) -> DayCipher:
        """The key, committed before anything is sealed with it."""
        with self._database.read() as tx:
            if found := self._kept(tx, community, day):
                return found
        with self._database.write() as tx:
            return self._kept(tx, community, day) or self._made(tx, community, day)

    def _kept(self, tx: Connection, community: str, day: str) -> DayCipher | None:
        wanted = select(DayKeyRow.id, DayKeyRow.wrapped)
        row = tx.execute(wanted.where(DayKeyRow.community_id == community, DayKeyRow.day == day)).one_or_none()
        if row is None:
            return None
        id = uuid.UUID(row.id).bytes
        return DayCipher(id, self._unwrapped(id, row.wrapped))

    def _made(self, tx: Connection, community: str, day: str) -> DayCipher:
        """Several processes may come at once: the first one's key stays."""
        id = uuid.uuid4().bytes
        wrapped = self._wrapping.seal(_place(id), secrets.token_bytes(KEY_BYTES))
        row = {"id": _name(id), "community_id": community, "day": day, "wrapped": wrapped, "made_at": self._now()}
        tx.execute(insert_once(tx, DayKeyRow), row)
        found = self._kept(tx, community, day)
        assert found is not None
        return found

    def _unwrapped(self, id: bytes, wrapped: bytes) -> AESGCM:
        return AESGCM(self._wrapping.open(_place(id), wrapped))


def _remember(known: dict[Any, tuple[float, Any]], key: Any, value: Any) -> None:
    if len(known) >= CACHED:
        known.clear()
    known[key] = (time.monotonic() + CACHED_S, value)


def _name(id: bytes) -> str:
    return str(uuid.UUID(bytes=id))


def _place(id: bytes) -> str:
    return f"day_key:{_name(id)}:wrapped"
