"""What the office decides reaches the gate, with the real processes: its lists, and a policy at its hour. One house for
the whole file.

The gate asks the office once an hour only: what arrives there sooner, arrived because it was urgent.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.house import House, until
from tests.journeys.test_camera_to_office import log_in, sign_on, type_temperature

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("house with lists")]
LANE = '[[lane]]\nname = "1"\nkind = "scanner"\nshow_s = 60\nmeasure_timeout_s = 120\n'
OBSERVED = "13812348000"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """An office that watches for 张伟 and lets one person be inside, and its gate."""
    house = House(tmp_path_factory.mktemp("house"), LANE)
    try:
        config = house.folder / "kiosk.toml"
        config.write_text(config.read_text("utf-8").replace("interval_s = 1", "interval_s = 3600"), "utf-8")
        house.start_office(workers=1)
        house.enrol()
        watched = ("watch", "add", "张伟", "--category", "observation", "--phone", OBSERVED)
        house.run("sync.office", *watched, "--worker", "李网格", "--worker-phone", "13900001234")
        house.run("sync.office", "places", "add", "幸福小区", "--limit", "1", "--gate", "东门")
        house.start_gate()
        house.wait_for_hand_down()
        yield house
    finally:
        house.close()


def register(console: Page, name: str, phone: str) -> None:
    """Somebody without a code, registered by the volunteer and measured at 36.5."""
    console.locator('[data-open="register"]').click()
    form = console.locator("[data-register]")
    form.locator("[name=name]").fill(name)
    form.locator("[name=phone]").fill(phone)
    form.get_by_role("button", name="登记").click()
    visit = console.locator("[data-card=visit]")
    expect(visit).to_be_visible()
    while console.locator("[data-card=visit][data-stage=asking]").count():
        asked = console.locator("[data-card=visit] [data-answer=no]").first
        question = asked.get_attribute("data-question")
        asked.click()
        expect(console.locator(f"[data-card=visit] [data-question='{question}']")).to_have_count(0)
    type_temperature(console, "365")


@pytest.fixture
def console(place: House, page: Page) -> Page:
    sign_on(page, place, place.pin)
    return page


def killed_and_started(place: House, console: Page) -> None:
    """The gate's process dies at once, is started again, and the volunteer loads the page."""
    console.goto("about:blank")  # a console that is open loads itself anew, at a moment of its own
    place.kill("gate")
    place.start_gate()
    console.goto(f"{place.gate_url}/")
    expect(console.locator("body")).not_to_have_class(re.compile("is-lost"), timeout=30_000)


def turn(console: Page, direction: str) -> None:
    console.locator(f"[data-direction={direction}]").click()
    expect(console.locator(f"[data-direction={direction}]")).to_have_attribute("aria-pressed", "true")


def admit(console: Page, name: str, phone: str) -> None:
    """Registered without a code, which is a check; the volunteer looks at the document and lets them through."""
    register(console, name, phone)
    expect(console.locator("[data-card=outcome].card-check")).to_contain_text(name[0])
    console.locator("[data-card=outcome] [data-override]").click()
    dialog = console.locator("[data-dialog=override]")
    dialog.locator("[data-to=admit]").click()
    dialog.locator("[name=why]").select_option("document")
    dialog.get_by_role("button", name="改判").click()
    expect(console.locator("[data-card=outcome].card-admit")).to_be_visible()


def inside(console: Page) -> Locator:
    return console.locator("[data-region=status] [data-open=count]")


def test_a_person_under_observation_cannot_leave_and_the_office_hears_of_it_at_once(
    place: House, console: Page
) -> None:
    office = console.context.new_page()
    log_in(office, place)
    console.bring_to_front()
    turn(console, "out")
    register(console, "张伟", OBSERVED)
    card = console.locator("[data-card=outcome].card-refuse")
    for words in ("居家医学观察期间不得外出", "通知负责的网格员", "李网格", "13900001234"):
        expect(card).to_contain_text(words)
    turn(console, "in")

    alert = office.locator("tr[data-row]", has_text="观察期间外出")
    until(lambda: office.goto(f"{place.office_url}/alerts") and alert.count(), "no alert at the office")
    expect(alert).to_contain_text("张*")
    expect(alert).to_contain_text("东门")
    assert [(row["verdict"], row["direction"]) for row in place.entries()] == [("refuse", "out")]


def test_at_its_limit_a_place_takes_nobody_until_somebody_left_also_after_a_crash(place: House, console: Page) -> None:
    admit(console, "李四", "13800000001")
    expect(inside(console)).to_contain_text("1 / 1")
    register(console, "王五", "13800000002")
    card = console.locator("[data-card=outcome].card-refuse")
    expect(card).to_contain_text("场所人数已满")
    expect(card).to_contain_text("请在外等候，有人出来后再进")

    killed_and_started(place, console)
    expect(inside(console)).to_contain_text("1 / 1")
    turn(console, "out")
    admit(console, "李四", "13800000001")
    expect(inside(console)).to_contain_text("0 / 1")
    turn(console, "in")
    admit(console, "王五", "13800000002")
    expect(inside(console)).to_contain_text("1 / 1")

    inside(console).click()
    dialog = console.locator("[data-dialog=count]")
    dialog.locator("[name=inside]").fill("0")
    dialog.get_by_role("button", name="更正").click()
    expect(dialog.locator(".field-error")).to_contain_text("请写明原因")
    dialog.locator("[name=why]").fill("巡查清点，无人在内")
    dialog.get_by_role("button", name="更正").click()
    expect(dialog).to_be_hidden()
    expect(inside(console)).to_contain_text("0 / 1")
    assert "count.set" in place.kiosk("journal", "tail", "-n", "1")


def test_a_family_is_still_there_after_the_gate_was_killed_and_goes_on(place: House, console: Page) -> None:
    console.locator("[data-family]").click()
    party = console.locator("[data-party]")
    expect(party).to_be_visible()
    for number, name in enumerate(("周志强", "林思远", "吴雪梅"), 3):
        console.locator('[data-open="register"]').click()
        form = console.locator("[data-register]")
        form.locator("[name=name]").fill(name)
        form.locator("[name=phone]").fill(f"1380000000{number}")
        form.get_by_role("button", name="登记").click()
        expect(party.locator("[data-member]")).to_have_count(number - 2)
    type_temperature(console, "365")
    expect(party.locator(".member-done")).to_have_count(1)

    killed_and_started(place, console)
    expect(party.locator("[data-member]")).to_have_count(3)
    expect(party.locator(".member-done")).to_contain_text("周*强")
    expect(party.locator(".member-now")).to_contain_text("林*远")
    for done in (2, 3):
        type_temperature(console, "366")
        expect(party.locator(".member-done")).to_have_count(done)
    party.locator("[data-party-finish]").click()
    expect(party).to_have_count(0)
    console.locator("[data-sync]").click()
    family = ["周*强", "林*远", "吴*梅"]
    until(lambda: {*family} <= {row["name"] for row in place.entries()}, "the family did not reach the office")
    assert sorted(row["name"] for row in place.entries() if row["name"] in family) == sorted(family)


def announced(place: House, ahead: timedelta) -> tuple[str, datetime]:
    """Nobody without a code, before long: drafted, submitted, approved, published; its name and its hour."""
    document = json.loads(place.run("sync.office", "policy", "export"))
    rules = [rule | ({"verdict": "refuse"} if rule["id"] == "no-code" else {}) for rule in document["rule"]]
    (place.folder / "street.json").write_text(json.dumps(document | {"rule": rules}), encoding="utf-8")
    name = str(place.json("sync.office", "policy", "draft", str(place.folder / "street.json"))["name"])
    version = name.partition("@")[2]
    place.run("sync.office", "policy", "submit", version, "--note", "无码不放行")
    place.run("sync.office", "policy", "approve", version, "--sole")
    at = datetime.now(UTC) + ahead
    place.run("sync.office", "policy", "publish", version, "--at", at.isoformat())
    return name, at


def test_a_policy_announced_at_the_office_changes_the_gates_verdict_at_its_hour(place: House, console: Page) -> None:
    begun = time.monotonic()
    register(console, "赵一", "13800000009")
    expect(console.locator("[data-card=outcome].card-check")).to_contain_text("赵")
    a_visit = timedelta(seconds=time.monotonic() - begun)  # on this machine, with what else it has to do

    manifest = place.folder / "var" / "handdown" / "manifest.json"
    before = manifest.read_bytes()
    name, at = announced(place, 6 * a_visit + timedelta(seconds=6))
    console.locator("[data-sync]").click()
    until(lambda: manifest.read_bytes() != before, "the gate did not take the announcement")
    register(console, "李四", "13800000001")
    expect(console.locator("[data-card=outcome].card-check")).to_contain_text("李")

    status = console.locator("[data-region=status]")
    until(lambda: datetime.now(UTC) >= at, "the hour never came", patience_s=60)
    expect(status).to_contain_text(name)
    register(console, "王五", "13800000002")
    expect(console.locator("[data-card=outcome].card-refuse")).to_contain_text("王")
