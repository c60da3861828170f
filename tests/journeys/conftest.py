"""Journeys: real processes, a real Chromium, a film in front of the camera."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.journeys.house import House


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Callable[[str], House]]:
    """Builds houses and ends whatever they started."""
    built: list[House] = []

    def build(lanes: str) -> House:
        built.append(House(tmp_path, lanes))
        return built[-1]

    yield build
    for each in built:
        each.close()
