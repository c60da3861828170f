"""A gate for each test of the checkpoint."""

from __future__ import annotations

import pytest

from tests.kiosk.checkpoint.desk import Gate


@pytest.fixture
def gate() -> Gate:
    return Gate()
