"""A journal's surroundings in tests: a file, a key, a clock that stands until it is moved, drafts to append."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from kiosk.journal import Journal
from kiosk.model import Draft

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai
KEY = bytes(range(32))
TOKEN = "ab" * 32


@dataclass
class Desk:
    """Where one gate keeps its journal."""

    path: Path
    key: bytes = KEY
    at: datetime = NOON
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))

    def now(self) -> datetime:
        return self.at

    def later(self, **delta: float) -> None:
        self.at += timedelta(**delta)

    def open(self, *, writer: bool = True, key: bytes | None = None) -> Journal:
        return Journal.open(self.path, key or self.key, now=self.now, boot="boot-1", zone=self.zone, writer=writer)

    def passage(self, verdict: str = "admit", direction: str = "in", token: str = TOKEN, **said: Any) -> Draft:
        open_part = {"lane": "1", "direction": direction, "verdict": verdict, "celsius": 36.6, "demo": False} | said
        return Draft("passage", self.at, open_part, {"name": "张三丰", "phone": "13812348000", "tokens": [token]})

    @contextmanager
    def tampering(self) -> Iterator[sqlite3.Connection]:
        """The file in the hands of somebody who knows SQLite: no trigger holds."""
        with closing(sqlite3.connect(self.path)) as connection:
            triggers = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
            for (name,) in triggers:
                connection.execute(f"DROP TRIGGER {name}")
            with connection:
                yield connection

    def everything_on_disk(self) -> bytes:
        """All bytes of the journal's files."""
        return b"".join(path.read_bytes() for path in sorted(self.path.parent.glob("journal*")))
