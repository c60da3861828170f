"""逐日核对 in a real browser: a gate for every state a day may have, made as gates make them; the report on paper."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from urllib.parse import parse_qsl

import cv2
import numpy as np
import pypdfium2
import pytest
import zxingcpp
from flask import Flask
from playwright.sync_api import Page, expect

from kiosk import signet
from sync.office.errors import Fork
from sync.office.values import EVERYTHING
from tests.sync.office.conftest import ManualClock
from tests.sync.office.gate_end import GateEnd, enrolled
from tests.web.entering import at_desk
from tests.web.gating import served
from tests.web.office.conftest import PASSWORDS
from tests.web.office.world import World, send_all

pytestmark = pytest.mark.browser
DAY = date(2026, 11, 22)
STATES = {"complete": "完整", "late": "迟到", "waiting": "待收", "gap": "缺失", "fork": "分叉"}
TOTAL = re.compile(r"共 (\d+) 条")


def close(gate: GateEnd, passages: int) -> None:
    """The gate's report of the day, after its end."""
    counts = {"passages": passages, "in": passages, "isolate": 0}
    gate.journal.append("day.close", gate.now(), {"gate": gate.id, "day": DAY.isoformat(), "counts": counts})


@pytest.fixture
def gates(world: World, clock: ManualClock) -> dict[str, GateEnd]:
    """state → a gate whose 22 November came to be so; half an hour after its end."""
    made = {state: GateEnd(world.office, enrolled(world.office, world.happiness, f"{word}门").id, clock)
            for state, word in STATES.items()}  # fmt: skip
    for gate in made.values():
        gate.passes(2)
        gate.send()
    made["late"].passes(1)  # the line is away for an hour
    clock.go(hours=1)
    send_all(made["late"])
    copy = GateEnd(world.office, made["fork"].id, clock)  # somebody wrote the journal on elsewhere
    copy.journal.id, copy.journal.events = made["fork"].journal.id, made["fork"].journal.events[:1]
    copy.passes(1)
    with suppress(Fork):
        copy.send(2)
    clock.go(hours=11, minutes=30)
    for state, passages in (("complete", 2), ("late", 3), ("gap", 5), ("fork", 2)):
        close(made[state], passages)
        send_all(made[state])
    made["complete"].passes(1)  # a passage of the new day: it is running
    send_all(made["complete"])
    return made


@pytest.fixture
def desk(app: Flask, page: Page, gates: dict[str, GateEnd]) -> Iterator[Page]:
    """A clerk at the table of days."""
    with served(app) as address:
        at_desk(page, address, "clerk", PASSWORDS["clerk"]).get_by_role("link", name="逐日核对").click()
        page.wait_for_url(re.compile("/days"))  # loaded whole
        expect(page.get_by_role("heading", name="逐日核对")).to_be_visible()
        yield page


def cell(desk: Page, gate: GateEnd, day: date) -> str:
    return f"a[href='/days/{gate.id}/{day.isoformat()}']"


def test_every_state_is_in_the_table_and_every_figure_opens_its_rows(desk: Page, gates: dict[str, GateEnd]) -> None:
    table, today = desk.url, DAY.replace(day=23)
    expect(desk.locator(cell(desk, gates["complete"], today) + " svg")).to_have_attribute("aria-label", "进行中")
    for state, word in STATES.items():
        link = desk.locator(cell(desk, gates[state], DAY))
        expect(link.locator("svg").first).to_have_attribute("aria-label", word)
        expect(desk.locator(f".day-legend .day-{state}")).to_contain_text(word)
        link.click()
        desk.wait_for_url(re.compile(f"/days/{gates[state].id}/"))
        expect(desk.locator(".day-report-head")).to_contain_text(word)
        figures = {str(one.get_attribute("href")): int(one.inner_text()) for one in desk.locator("dl.facts a").all()}
        assert figures, "nothing to open"
        for href, count in figures.items():
            desk.goto(table.partition("/days")[0] + href)
            if "/trouble" in href:
                expect(desk.get_by_role("link", name=f"{word}门 第 2 条起的两支")).to_be_visible()
            else:
                shown = desk.locator(".pager-where").or_(desk.locator(".entries-total")).first
                assert TOTAL.search(shown.inner_text())[1] == str(count), (state, href)  # type: ignore[index]
        desk.goto(table)
    desk.locator(".day-legend .day-gap").click()
    expect(desk.locator("td.day-gate")).to_have_count(1)
    expect(desk.locator("td.day-gate")).to_contain_text("缺失门")


def test_what_lacks_is_said_on_the_days_page(desk: Page, gates: dict[str, GateEnd]) -> None:
    desk.locator(cell(desk, gates["gap"], DAY)).click()
    expect(desk.locator(".tag-bad")).to_have_text("缺 3 条")
    desk.go_back()
    desk.locator(cell(desk, gates["waiting"], DAY)).click()
    expect(desk.locator(".day-report")).to_contain_text("门岗还没有结账")
    desk.go_back()
    desk.locator(cell(desk, gates["late"], DAY)).click()
    expect(desk.locator(".day-report")).to_contain_text("1 小时")
    desk.get_by_role("button", name="重新核验这一天").click()
    expect(desk.locator(".notice-good")).to_contain_text("条完整")


def test_the_printed_report_holds_what_convinces_later(desk: Page, gates: dict[str, GateEnd], world: World) -> None:
    gate = gates["complete"]
    desk.locator(cell(desk, gate, DAY)).click()
    expect(desk.get_by_role("button", name="打印日报")).to_be_visible()
    desk.emulate_media(media="print")
    for hidden in (".side", ".no-print", "[data-print]"):
        expect(desk.locator(hidden).first).to_be_hidden()
    report = pypdfium2.PdfDocument(desk.pdf(prefer_css_page_size=True))
    assert len(report) == 1, "one sheet"
    text = "".join(report[0].get_textpage().get_text_range().split())
    closed = next(event for event in gate.journal.events if event.kind == "day.close")
    for said in (closed.digest, "完整门", "2026-11-22", "门岗自报", "留观0", "街道办公钥"):
        assert said in text, said

    sheet = report[0].render(scale=3).to_numpy()
    grey = cv2.cvtColor(np.ascontiguousarray(sheet), cv2.COLOR_BGR2GRAY)
    (symbol,) = zxingcpp.read_barcodes(grey)
    said = dict(parse_qsl(symbol.text.removeprefix("gatehouse:day?")))
    signature, seq = said.pop("signature"), int(said.pop("seq"))
    assert (said["digest"], seq, said["gate"]) == (closed.digest, closed.seq, gate.id)
    assert signet.fits(world.office.office_key, {**said, "seq": seq}, signature)
    assert world.office.gates.get(gate.id, EVERYTHING).through == len(gate.journal.events)


def test_days_fit_on_a_phone(desk: Page, gates: dict[str, GateEnd]) -> None:
    desk.set_viewport_size({"width": 390, "height": 844})
    home, late = desk.url.partition("/days")[0], gates["late"].id
    for path in ("/days", f"/days/{late}/{DAY}", f"/days/{late}/{DAY}/events"):
        for lang in ("zh", "en"):
            desk.goto(f"{home}{path}?lang={lang}")
            assert desk.evaluate("document.documentElement.scrollWidth") <= 390, (path, lang)
    desk.goto(f"{home}/days?lang=zh")
    box = desk.locator(cell(desk, gates["late"], DAY.replace(day=23))).bounding_box()
    assert box is not None
    assert box["x"] + box["width"] <= 390, "today is in sight without scrolling"
