"""The test province, listening."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kiosk.provinces.stand_in import StandIn


@pytest.fixture
def server() -> Iterator[StandIn]:
    with StandIn() as province:
        yield province
