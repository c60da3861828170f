"""Recorded passages a second against raw sqlite3 commits, turn by turn in one run.

All are durable commits (WAL, synchronous=FULL) into the same tables. One raw side writes the very rows that the journal
writes for a passage: its event, who was seen by two tokens, the day's counts, the head count. The other writes
the event's row alone: the disk's own limit, with no index beside it. The journal does the rest: canonical JSON, seal,
digest, encryption, what follows from an event, turns, lock and mark.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from kiosk.journal import Journal, schema
from kiosk.journal.rows import Columns
from kiosk.model import Draft
from tests.bench.figures import Figure, interleaved_s, median, times_s

WARM_UP = 9  # runs until SQLite's logs have their size: from then on they are written over
RUNS = 25
RUN = 60  # commits in one run; runs take turns
RESIDENTS = 400

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
    person = number * 7 % RESIDENTS
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


_DAY = 20_000
_TOKENS = {kind: [bytes.fromhex(_hash(f"{kind} {one:04d}")) for one in range(RESIDENTS)] for kind in ("pass", "phone")}


def run() -> list[Figure]:
    """Writes into /var/tmp: /tmp may lie in memory, where a commit costs nothing."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        path = Path(folder) / "journal.db"
        with Journal.open(path, os.urandom(32), now=lambda: _NOON) as journal, ExitStack() as raw_files:
            numbers = count(1)
            journal.append(passage(0))
            same_rows = raw_files.enter_context(_raw_commits(path, _same_rows))
            event_only = raw_files.enter_context(_raw_commits(path, _event_only))
            works = (lambda: journal.append(passage(next(numbers))), same_rows, event_only)
            ours, *raw = interleaved_s([_a_run_of(work) for work in works], WARM_UP + RUNS)
            return [*_writing(ours, *raw), *_reading(journal)]


@contextmanager
def _raw_commits(journal: Path, rows: Callable[[sqlite3.Connection, Columns], None]) -> Iterator[Callable[[], None]]:
    """One durable commit of `rows`, with the journal's newest event, whenever it is called; in a file of its own."""
    with closing(sqlite3.connect(journal)) as connection:
        event = connection.execute("SELECT * FROM events ORDER BY number DESC LIMIT 1").fetchone()[1:]
    with closing(sqlite3.connect(journal.with_name(f"{rows.__name__}.db"), isolation_level=None)) as raw:
        raw.execute("PRAGMA journal_mode = WAL")
        raw.execute("PRAGMA synchronous = FULL")
        schema.metadata.create_all(sa.create_engine("sqlite://", creator=lambda: raw))
        raw.execute("INSERT INTO tallies (day) VALUES (?)", (_DAY,))
        raw.execute("INSERT INTO state VALUES ('inside', 0)")

        def commit() -> None:
            raw.execute("BEGIN IMMEDIATE")
            rows(raw, event)
            raw.execute("COMMIT")

        yield commit


def _event_only(raw: sqlite3.Connection, event: Columns) -> None:
    raw.execute(f"INSERT INTO events VALUES (NULL{', ?' * len(event)})", event)


def _same_rows(raw: sqlite3.Connection, event: Columns) -> None:
    _event_only(raw, event)
    seen = [(secrets.choice(_TOKENS[kind]), _DAY, 0, 0, "in", "admit") for kind in ("pass", "phone")]
    raw.executemany("INSERT OR REPLACE INTO last_seen VALUES (?, ?, ?, ?, ?, ?)", seen)
    raw.execute('UPDATE tallies SET passages = passages + 1, "in" = "in" + 1, admit = admit + 1 WHERE day = ?', (_DAY,))
    raw.execute("UPDATE state SET value = value + 1 WHERE name = 'inside'")


def _a_run_of(work: Callable[[], object]) -> Callable[[], None]:
    def run_it() -> None:
        for _ in range(RUN):
            work()

    return run_it


def _writing(*taken: list[float]) -> list[Figure]:
    ours, same_rows, event_only = (median(times[WARM_UP:]) for times in taken)
    limits = {"the same rows": same_rows, "the event's row alone": event_only}
    return [
        Figure("recorded passages", RUN / ours, "/s", limit / ours, f"raw sqlite3 commits of {rows}")
        for rows, limit in limits.items()
    ]


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
