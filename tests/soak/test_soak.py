"""Both soak programs in small, with real processes and one office for both; `make soak` runs them at full size."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.progress import Progress

from tests.soak import city, outage
from tests.soak.city import Plan
from tests.soak.ends import GateEnd, OfficeEnd

pytestmark = pytest.mark.xdist_group("soak")  # with one office

QUIET = Progress(disable=True)
HEAVY = {"cv2", "_speedups", "_row_cy", "_rust"}  # of OpenCV, Flask, SQLAlchemy, cryptography


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[OfficeEnd]:
    var = tmp_path_factory.mktemp("soak-office")
    shutil.copyfile(sqlite_template, var / "office.db")
    end = OfficeEnd(var, workers=1)
    end.server.start()
    yield end
    end.server.stop()


def test_the_process_that_watches_over_a_worker_loads_nothing_of_what_works(office: OfficeEnd, tmp_path: Path) -> None:
    gate = GateEnd(tmp_path, office, office.community())
    gate.server.start()
    try:
        for end in (gate, office):
            watching, working = end.server.libraries()
            assert not watching & HEAVY
            assert working & HEAVY, "else the names of these libraries are others now"
            assert "cv2" not in working, "nobody has a camera here"
    finally:
        gate.server.stop()


def test_a_gate_that_was_away_brings_every_passage_while_people_go_on_stepping_up(
    office: OfficeEnd, tmp_path: Path
) -> None:
    gate = GateEnd(tmp_path, office, office.community())
    outage.live_alone(gate, 2000, QUIET)
    gate.server.start()
    try:
        result = outage.contact(gate, office, QUIET, calm=0)
    finally:
        gate.server.stop()
    assert result.agrees
    assert result.events >= 2000


def test_many_gates_send_twice_and_too_early_and_the_office_holds_what_each_counted(office: OfficeEnd) -> None:
    result = city.run(office, Plan(1200, 6, batch=50, twice=0.3, early=0.3, processes=1, lines=3), QUIET)
    assert result.differences == []
    assert result.events == 1200
    assert result.count("twice") > 0
    assert result.count("gap") > 0
