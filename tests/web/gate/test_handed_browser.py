"""What the office's bundle puts on the gate's screens, in a real browser: regions, clinics, announcements, a party."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from kiosk.model import Holder, Method, Presentation, Reading
from kiosk.service import GateService
from tests.journeys.house import until
from tests.web import gating, handed
from tests.web.entering import at_console
from tests.web.gate.test_flow_browser import measure, register
from tests.web.gating import served
from tests.web.handed import CODES
from web.serving import utc_now

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def gate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GateService]:
    lanes = [{**lane, "show_s": 1 if lane["kind"] == "tablet" else 60} for lane in gating.LANES]
    service = handed.build(tmp_path_factory.mktemp("gate") / "var", lane=lanes)
    yield service
    service.stop()


@pytest.fixture(scope="module")
def address(gate: GateService) -> Iterator[str]:
    with served(gating.application(gate)) as found:
        yield found


@pytest.fixture
def console(address: str, page: Page) -> Page:
    return at_console(page, address)


@pytest.fixture
def tablet(address: str, gate: GateService, page: Page) -> Page:
    """A tablet at its start, whoever stood before it."""
    until(lambda: gate.checkpoint.tick() or gate.checkpoint.view("hall").last is None, "the verdict stays")
    page.set_viewport_size({"width": 1024, "height": 768})
    page.goto(f"{address}/tablet/hall")
    expect(page.locator("body")).not_to_have_class(re.compile("is-lost"))
    return page


def type_on_tablet(tablet: Page, digits: str) -> None:
    tablet.locator(".starts [data-mode-open=typing]").click()
    for digit in digits:
        tablet.locator(f"[data-keypad] [data-key='{digit}']").click()
    tablet.locator("[data-keypad] [data-send]").click()


def replies(tablet: Page, **answers: str) -> None:
    """Each question in turn, `no` unless told, until one is about regions or none is left."""
    for _ in range(9):
        asking = tablet.locator("[data-step=asking] [data-answer=no], [data-regions], [data-step=measuring]").first
        expect(asking).to_be_visible()
        if (question := asking.get_attribute("data-question")) is None:
            return
        tablet.locator(f"[data-answer={answers.get(question, 'no')}][data-question={question}]").click()
        expect(tablet.locator(f"[data-question={question}]")).to_have_count(0)


def test_who_was_in_a_risk_region_chooses_it_by_name_and_day_and_is_told_why(tablet: Page, gate: GateService) -> None:
    type_on_tablet(tablet, "13812348000")
    replies(tablet, exposure="yes")
    regions = tablet.locator("[data-regions]")
    expect(regions).to_contain_text("厦门市思明区")
    expect(regions.locator(".region-high")).to_have_text("高风险")
    region = regions.locator(".region", has_text="泉州市")
    region.locator("input").check()
    region.locator("select").select_option("2")
    tablet.locator("[data-stays=chosen]").click()
    expect(regions).to_have_count(0)
    replies(tablet)
    gate.checkpoint.measure("hall", Reading(36.5, utc_now(), "test"))
    verdict = tablet.locator("[data-step=verdict]")
    expect(verdict).to_contain_text("风险地区")
    passage = gate.journal.recent(1)[0]
    assert passage.personal is not None
    assert passage.personal["facts"]["stays"] == {"risk": True, "level": "medium"}


def test_a_mask_that_is_refused_is_noted_and_what_to_say_stands_on_the_card(console: Page, gate: GateService) -> None:
    register(console, "钱七", phone="13812348001")
    masks = console.locator(".masks")
    masks.locator("[data-mask=reminded]").click()
    expect(masks.locator("[data-mask=reminded]")).to_have_attribute("aria-pressed", "true")
    masks.locator("[data-mask=refused]").click()
    expect(masks.locator("[data-mask=refused]")).to_have_attribute("aria-pressed", "true")
    measure(console, "365")
    card = console.locator("[data-card=outcome].card-check")
    expect(card).to_contain_text("未佩戴口罩")
    expect(card.locator(".steps")).to_contain_text("请佩戴口罩")
    assert gate.journal.recent(1)[0].open["mask"] == "refused"


def test_a_fever_shows_the_nearest_clinic_of_the_offices_list(console: Page) -> None:
    register(console, "孙八", phone="13812348002")
    console.get_by_text("医用").click()
    measure(console, "386")
    steps = console.locator("[data-card=outcome].card-isolate .steps")
    for words in ("120", "区人民医院发热门诊", "健康路 8 号", "0592-1234567", "24 小时"):
        expect(steps).to_contain_text(words)
    expect(steps).not_to_contain_text("第二医院")


def test_the_short_code_of_an_announcement_is_looked_up_while_it_is_typed(console: Page, gate: GateService) -> None:
    console.locator('[data-open="register"]').click()
    form = console.locator("[data-register]")
    field, note = form.locator("[name=declaration]"), form.locator("[data-declared]")
    for state, words in (("used", "已用过"), ("expired", "已过期")):
        field.fill(CODES[state])
        expect(form.locator(".field-error")).to_contain_text(words)
        expect(note).to_be_hidden()
    code = CODES["valid"]
    field.fill(f"{code[:4]} {code[4:]}")
    expect(note).to_contain_text("已报备：访客 · 陈*")
    expect(form.locator(".field-error")).to_have_count(0)
    form.locator("[name=name]").fill("陈静")
    form.get_by_role("button", name="登记").click()
    expect(form).to_be_hidden()
    measure(console, "365")
    expect(console.locator("[data-card=outcome]")).to_contain_text("已提前报告")
    console.locator('[data-open="register"]').click()
    expect(note).to_be_hidden()
    console.locator("[data-register] [data-close]").click()
    assert gate.journal.recent(1)[0].open["declaration"] == "d-valid"


def test_who_was_announced_types_the_code_on_the_tablet(tablet: Page, gate: GateService) -> None:
    code = CODES["used"]
    tablet.locator(".starts [data-mode-open=typing]").click()
    for digit in code:
        tablet.locator(f"[data-keypad] [data-key='{digit}']").click()
    expect(tablet.locator("[data-keypad] [data-show]")).to_have_text(f"{code[:4]} {code[4:]}")
    tablet.locator("[data-keypad] [data-send]").click()
    replies(tablet)
    gate.checkpoint.measure("hall", Reading(36.5, utc_now(), "test"))
    expect(tablet.locator("[data-step=verdict]")).to_contain_text("此报告已使用过")
    assert gate.journal.recent(1)[0].open["declaration"] == "d-used"


def test_the_tablet_shows_who_of_a_family_is_through_and_who_is_still_to_come(tablet: Page, gate: GateService) -> None:
    gate.checkpoint.gathering.open("hall")
    for number, name in enumerate(("王五", "赵六", "孙七"), 3):
        person = Holder(name=name, phone=f"1381234800{number}")
        gate.checkpoint.present("hall", Presentation(Method.HAND, utc_now(), person=person))
    came = tablet.locator("[data-came]")
    expect(came).to_contain_text("同行 3 人，已办 0 人")
    expect(came.locator("li")).to_have_text(
        [
            re.compile("王.*正在办理", re.DOTALL),
            re.compile("赵.*还没轮到", re.DOTALL),
            re.compile("孙.*还没轮到", re.DOTALL),
        ]
    )
    for done, name in enumerate(("王", "赵", "孙"), 1):
        replies(tablet)
        gate.checkpoint.measure("hall", Reading(36.5, utc_now(), "test"))
        expect(came).to_contain_text(f"已办 {done} 人")
        expect(came.locator("li", has_text=name)).to_contain_text("请等志愿者")
    gate.checkpoint.gathering.finish("hall")
    expect(came).to_have_count(0)
