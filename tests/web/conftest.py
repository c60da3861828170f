"""Fixtures for the screens of a gate: service → app → console."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from kiosk.service import GateService
from tests.web import gating


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[GateService]:
    service = gating.build(tmp_path / "var")
    yield service
    service.stop()


@pytest.fixture
def app(gate: GateService) -> Flask:
    return gating.application(gate)


@pytest.fixture
def stranger(app: Flask) -> gating.Console:
    """Somebody on the network who has not signed on."""
    return gating.Console(app.test_client())


@pytest.fixture
def console(stranger: gating.Console) -> gating.Console:
    """The console of a volunteer on duty."""
    assert stranger.sign_on().status_code == 302
    return stranger
