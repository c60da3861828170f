"""When the office itself is in trouble, the gate hears so and keeps what it has."""

from __future__ import annotations

import pytest

from sync.office.office import Office
from tests.web.api.conftest import GateCalls


@pytest.fixture
def office_url(sqlite_office_url: str) -> str:
    """SQLite alone: the test breaks its database."""
    return sqlite_office_url


def test_a_database_that_is_away_is_503_and_not_the_gates_fault(gate: GateCalls, office: Office) -> None:
    with office.database.write() as tx:
        tx.exec_driver_sql("ALTER TABLE nonce RENAME TO elsewhere")
    answer = gate.push(1, 0)
    assert (answer.status_code, answer.get_json()["error"]) == (503, "unavailable")
    assert int(answer.headers["Retry-After"]) > 0


def test_a_fault_nobody_foresaw_is_json_too_and_says_nothing_of_the_inside(gate: GateCalls, office: Office) -> None:
    with office.database.write() as tx:
        tx.exec_driver_sql("UPDATE gate SET public_key = x'00'")
    answer = gate.push(1, 0)
    assert (answer.status_code, answer.get_json()["error"]) == (500, "internal")
    assert "public_key" not in answer.get_data(as_text=True)
