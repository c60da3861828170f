"""Fixtures for the screens: of a gate, service → app → console; of an office, one application for all tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from flask import Flask

from kiosk.service import GateService
from sync.office.office import Office
from tests.web import gating
from web.app import create_office_app


class _Current:
    """Whichever office the running test has."""

    office: Office

    def __getattr__(self, name: str) -> Any:
        return getattr(self.office, name)


@pytest.fixture(scope="session")
def office_app() -> Callable[[Office], Flask]:
    """The application over an office. It is built once, which takes far longer than most tests, and serves the office
    that it was last asked for, without what it remembers of earlier callers."""
    current, built = _Current(), list[Flask]()

    def over(office: Office) -> Flask:
        current.office = office
        if not built:
            built.append(create_office_app(cast(Office, current)))
        (app,) = built
        app.secret_key = office.secret_key
        for limiter in app.extensions["limiter"]:
            limiter.reset()
        return app

    return over


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[GateService]:
    service = gating.build(tmp_path / "var")
    yield service
    service.stop()


@pytest.fixture
def app(gate: GateService) -> Flask:
    return gating.shared(gate)


@pytest.fixture
def stranger(app: Flask) -> gating.Console:
    """Somebody on the network who has not signed on."""
    return gating.Console(app.test_client())


@pytest.fixture
def console(stranger: gating.Console) -> gating.Console:
    """The console of a volunteer on duty."""
    assert stranger.sign_on().status_code == 302
    return stranger
