"""An office with one community and one enrolled gate, and a gate's end of the line that builds real chains."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sync.office.office import Office
from sync.office.settings import OfficeSettings
from sync.office.values import Gate, Unit
from tests.sync.office.gate_end import GateEnd, enrolled

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)  # noon in Shanghai


class ManualClock:
    """A clock that goes only when told to."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def go(self, **by: float) -> datetime:
        self.at += timedelta(**by)
        return self.at


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOON)


@pytest.fixture
def open_office(tmp_path: Path, clock: ManualClock) -> Iterator[Callable[[str], Office]]:
    """Opens an office on a database, as often as asked, always with the same keys."""
    opened: list[Office] = []

    def opener(url: str) -> Office:
        opened.append(Office.open(OfficeSettings(url=url, var=tmp_path / "var", name="测试街道办"), clock))
        return opened[-1]

    yield opener
    for office in opened:
        office.close()


@pytest.fixture
def office(office_url: str, open_office: Callable[[str], Office]) -> Office:
    return open_office(office_url)


@pytest.fixture
def street(office: Office) -> Unit:
    return office.units.add("street", "测试街道", "110101001", None, who="test")


@pytest.fixture
def community(office: Office, street: Unit) -> Unit:
    return office.units.add("community", "幸福社区", "110101001001", street.id, who="test")


@pytest.fixture
def gate(office: Office, community: Unit) -> Gate:
    return enrolled(office, community, "东门")


@pytest.fixture
def gate_end(office: Office, gate: Gate, clock: ManualClock) -> GateEnd:
    """The gate's journal and its line to the office."""
    return GateEnd(office, gate.id, clock)
