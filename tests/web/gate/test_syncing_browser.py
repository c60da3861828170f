"""What the console shows of the line to the office: a backlog on its way, a line that is down, and "sync now"."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy.engine import make_url

from kiosk.folder import prepare
from kiosk.model import Draft
from kiosk.service import GateService, utc_now
from sync.enrolment import enroll
from tests.sync.live import LiveOffice, live
from tests.sync.office.gate_end import PERSON, passage
from tests.web import gating
from tests.web.entering import at_console
from tests.web.gating import served

__all__ = ["live"]

pytestmark = pytest.mark.browser
PATIENCE_MS = 60_000
BACKLOG = 400


@pytest.fixture
def gate(live: LiveOffice, tmp_path: Path) -> Iterator[GateService]:
    """A gate with a backlog, which will be sent ten by ten."""
    var = tmp_path / "var"
    prepare(var)
    enroll(live.url, live.token("南门"), var, "南门")
    service = gating.build(var, sync={"batch": 10, "interval_s": 3600, "spread_s": 0, "timeout_s": 30})
    service.journal.append(*(Draft("passage", utc_now(), passage(), PERSON) for _ in range(BACKLOG)))
    yield service
    service.stop()


@contextmanager
def held(live: LiveOffice) -> Iterator[None]:
    """Meanwhile another program writes to the office's database, and the office waits for it."""
    with closing(sqlite3.connect(str(make_url(live.settings.url).database), isolation_level=None)) as database:
        database.execute("BEGIN IMMEDIATE")
        yield
        database.execute("ROLLBACK")


@pytest.fixture
def console(gate: GateService, page: Page) -> Iterator[Page]:
    with served(gating.application(gate)) as address:
        yield at_console(page, address)


def test_the_console_shows_a_backlog_on_its_way_and_what_became_of_sync_now(
    live: LiveOffice, gate: GateService, console: Page
) -> None:
    expect(console.locator("[data-syncing]")).to_have_count(0)
    assert gate.scheduler is not None
    live.stop()
    gate.scheduler.start()
    stuck = console.locator("[data-syncing=stuck]")
    expect(stuck).to_contain_text("线路中断", timeout=PATIENCE_MS)
    expect(stuck.locator("progress")).to_have_js_property("value", 0)
    live.start()
    with held(live):  # else all of it may be there before anybody looks
        console.locator("[data-sync]").click()
        moving = console.locator("[data-syncing=moving]")
        expect(moving).to_contain_text("正在补传", timeout=PATIENCE_MS)
        expect(moving.locator("progress")).to_have_js_property("max", BACKLOG + 2)  # the journal began, a shift began
    done = console.locator("[data-syncing=done]")
    expect(done).to_contain_text("没有待上传", timeout=PATIENCE_MS)
    expect(done).to_contain_text("nothing waits")
    assert live.passages() == BACKLOG


def test_sync_now_pressed_twice_does_no_harm_and_says_what_hinders(
    live: LiveOffice, gate: GateService, console: Page
) -> None:
    assert gate.scheduler is not None
    gate.scheduler.start()
    expect(console.locator("[data-region=status]")).to_contain_text(" 0 条待上传", timeout=PATIENCE_MS)
    console.locator("[data-sync]").dblclick()
    expect(console.locator("[data-syncing=done]")).to_be_visible(timeout=PATIENCE_MS)
    live.stop()
    console.locator("[data-sync]").click()
    failed = console.locator("[data-syncing=failed]")
    expect(failed).to_contain_text("连不上街道办", timeout=PATIENCE_MS)
    expect(failed).to_contain_text("cannot be reached")
    live.start()
