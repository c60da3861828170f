"""What the tests with hostile requests share: how many examples, what an answer must be, what the office holds."""

from __future__ import annotations

import os
from typing import Any

from hypothesis import HealthCheck, settings
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from sync import protocol
from sync.office.db.log import AlertRow, EventRow, ForkEventRow, JournalRow, PassageRow
from sync.office.office import Office

MORE = "GATEHOUSE_EXAMPLES"  # `make fuzz-api` sets it
CALM = (HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large)
TABLES = (EventRow, JournalRow, ForkEventRow, PassageRow, AlertRow)


def examples(few: int) -> Any:
    """So many examples, always the same ones; with GATEHOUSE_EXAMPLES that many, drawn anew."""
    return settings(
        max_examples=int(os.environ.get(MORE, few)),
        derandomize=MORE not in os.environ,
        deadline=None,
        database=None,
        suppress_health_check=CALM,
    )


def held(office: Office) -> tuple[int, ...]:
    """How many rows each of the tables that gates fill has."""
    with office.database.read() as tx:
        return tuple(tx.scalar(select(func.count()).select_from(table)) or 0 for table in TABLES)


def refused(answer: TestResponse) -> protocol.Problem:
    """The answer's problem: 4xx, JSON, with a word for the gate and one for people."""
    assert 400 <= answer.status_code < 500, (answer.status_code, answer.get_data())
    assert answer.mimetype == "application/json"
    problem = protocol.decode(protocol.Problem, answer.data)
    assert problem.error
    assert problem.detail
    return problem
