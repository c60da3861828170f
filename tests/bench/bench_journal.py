"""Recorded passages a second against raw sqlite3 commits of the same rows, turn by turn in one run.

Both write an event's row of the same size into the same table with the same index, one durable commit each (WAL,
synchronous=FULL). The journal does the rest beside it: canonical JSON, seal, digest, encryption, projections.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from kiosk.journal import Journal, schema
from kiosk.model import Draft
from tests.bench.figures import Figure, interleaved_s, median, times_s

WARM_UP = 9  # runs until SQLite's logs have their size: from then on they are written over
RUNS = 25
RUN = 60  # commits in one run; runs take turns

_NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)
_OPEN: dict[str, Any] = {
    "gate": "019301f0-0000-7000-8000-000000000001",
    "lane": "1",
    "direction": "in",
    "method": "camera",
    "verdict": "admit",
    "reasons": [],
    "actions": [],
    "celsius": 36.6,
    "device": "serial",
    "site": "forehead",
    "scheme": "office-pass",
    "level": "none",
    "verification": "verified",
    "code_reason": None,
    "colour": "black",
    "policy": "default@1",
    "footing": "fresh",
    "staff": "3",
    "demo": False,
    "visit": "019301f0-0000-7000-8000-000000000000",
    "took_ms": 84,
}


def passage(number: int) -> Draft:
    """An ordinary passage of one of a few hundred residents."""
    person = number * 7 % 400
    personal = {
        "name": "张三丰",
        "id_number": "",
        "id_last4": f"{person:04d}",
        "phone": f"1381234{person:04d}",
        "household": "3-2-501",
        "birth_date": "",
        "serial": _hash(f"pass {person}")[:32],
        "tokens": [_hash(f"pass {person}"), _hash(f"phone {person}")],
        "answers": {"fever": False, "travel": False},
        "tests": [],
        "facts": {"tier": 0, "reading": {"celsius": 36.6}, "code": {"scheme": "office-pass", "level": "none"}},
    }
    return Draft("passage", _NOON + timedelta(seconds=number), _OPEN, personal)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def run() -> list[Figure]:
    """Writes into /var/tmp: /tmp may lie in memory, where a commit costs nothing."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        path = Path(folder) / "journal.db"
        with Journal.open(path, os.urandom(32), now=lambda: _NOON) as journal:
            numbers = count(1)
            journal.append(passage(0))
            with _raw_commits(path) as commit:
                works = (lambda: journal.append(passage(next(numbers))), commit)
                ours, raw = interleaved_s([_a_run_of(work) for work in works], WARM_UP + RUNS)
            return [_writing(ours[WARM_UP:], raw[WARM_UP:]), *_reading(journal)]


@contextmanager
def _raw_commits(journal: Path) -> Iterator[Callable[[], None]]:
    """One durable commit of the row of the journal's newest event, as often as it is called, in a file of its own."""
    with closing(sqlite3.connect(journal)) as connection:
        row = connection.execute("SELECT * FROM events ORDER BY number DESC LIMIT 1").fetchone()[1:]
    with closing(sqlite3.connect(journal.with_name("raw.db"), isolation_level=None)) as raw:
        raw.execute("PRAGMA journal_mode = WAL")
        raw.execute("PRAGMA synchronous = FULL")
        schema.metadata.create_all(sa.create_engine("sqlite://", creator=lambda: raw), tables=[schema.events])
        insert = f"INSERT INTO events VALUES (NULL{', ?' * len(row)})"

        def commit() -> None:
            raw.execute("BEGIN IMMEDIATE")
            raw.execute(insert, row)
            raw.execute("COMMIT")

        yield commit


def _a_run_of(work: Callable[[], object]) -> Callable[[], None]:
    def run_it() -> None:
        for _ in range(RUN):
            work()

    return run_it


def _writing(ours: list[float], raw: list[float]) -> Figure:
    ratio = median(raw) / median(ours)
    return Figure("recorded passages", RUN / median(ours), "/s", ratio, "raw sqlite3 commits of the same size")


def _reading(journal: Journal) -> list[Figure]:
    recorded = journal.head().seq
    read = median(times_s(lambda: journal.after(0, 500), 5))
    verified = median(times_s(journal.verify, 2))
    rebuilt = median(times_s(journal.rebuild, 2))
    return [
        Figure("events read and unsealed for a push of 500", 500 / read, "/s"),
        Figure("events verified", recorded / verified, "/s"),
        Figure("events replayed in a rebuild", recorded / rebuilt, "/s"),
    ]
