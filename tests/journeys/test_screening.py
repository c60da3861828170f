"""What the office decides reaches the gate: a policy at its hour, a person under observation at the gate."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.house import TABLET_LANE, House, until
from tests.journeys.test_camera_to_office import sign_on, type_temperature

pytestmark = pytest.mark.browser
SOON = timedelta(seconds=25)  # for the gate to take the announcement, and one visit, before it holds


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


def announced(place: House) -> tuple[str, datetime]:
    """Nobody without a code, before long: drafted, submitted, approved, published; its name and its hour."""
    document = json.loads(place.run("sync.office", "policy", "export"))
    rules = [rule | ({"verdict": "refuse"} if rule["id"] == "no-code" else {}) for rule in document["rule"]]
    (place.folder / "street.json").write_text(json.dumps(document | {"rule": rules}), encoding="utf-8")
    name = str(place.json("sync.office", "policy", "draft", str(place.folder / "street.json"))["name"])
    version = name.partition("@")[2]
    place.run("sync.office", "policy", "submit", version, "--note", "无码不放行")
    place.run("sync.office", "policy", "approve", version, "--sole")
    at = datetime.now(UTC) + SOON
    place.run("sync.office", "policy", "publish", version, "--at", at.isoformat())
    return name, at


def test_a_policy_announced_at_the_office_changes_the_gates_verdict_at_its_hour(
    house: Callable[[str], House], page: Page
) -> None:
    place = house(TABLET_LANE)
    place.start_office()
    pin = place.enrol()
    place.start_gate()
    place.wait_for_hand_down()
    sign_on(page, place, pin)

    name, at = announced(place)
    register(page, "李四", "13800000001")
    expect(page.locator("[data-card=outcome].card-check")).to_be_visible()

    status = page.locator("[data-region=status]")
    until(lambda: datetime.now(UTC) >= at, "the hour never came", patience_s=60)
    expect(status).to_contain_text(name, timeout=30_000)
    register(page, "王五", "13800000002")
    expect(page.locator("[data-card=outcome].card-refuse")).to_be_visible()
    verdicts = until(
        lambda: rows if len(rows := [row["verdict"] for row in place.entries()]) == 2 else None, "not at the office"
    )
    assert verdicts == ["refuse", "check"]
