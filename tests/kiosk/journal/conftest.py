from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.journal import Journal
from tests.kiosk.journal.desk import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "journal.db")


@pytest.fixture
def journal(desk: Desk) -> Iterator[Journal]:
    with desk.open() as journal:
        yield journal
