"""The rule editor in a real browser: a rule written as a sentence, from the draft to its approval."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from sync.office.policy.values import State, Version
from sync.office.values import EVERYTHING
from tests.web.entering import at_desk
from tests.web.gating import served
from tests.web.office.conftest import PASSWORDS
from tests.web.office.world import World

pytestmark = pytest.mark.browser


@pytest.fixture
def draft(world: World) -> Version:
    base = world.office.policies.in_force(world.happiness.id, EVERYTHING).current
    return world.office.policies.start(world.happiness.id, base, "default@1", EVERYTHING, who="admin")


@pytest.fixture
def desk(app: Flask, page: Page) -> Iterator[Page]:
    with served(app) as address:
        yield at_desk(page, address, "clerk", PASSWORDS["clerk"])


def look(page: Page, name: str) -> None:
    """Leaves a picture where the environment asks for pictures."""
    if folder := os.environ.get("GATEHOUSE_SCREENSHOTS"):
        page.screenshot(path=f"{folder}/policy-{name}.png", full_page=name != "draft")


def test_a_rule_is_written_as_a_sentence_and_submitted(desk: Page, world: World, draft: Version) -> None:
    desk.get_by_role("link", name="防控策略").click()
    look(desk, "overview")
    desk.get_by_role("link", name="community@2").click()
    look(desk, "draft")
    desk.get_by_role("link", name="新规则").click()
    desk.wait_for_url(re.compile("/rules?/"))  # loaded whole: before that the script hears no choice
    sentence = desk.locator("[data-sentence]")

    desk.locator('[name="w.0.fact"]').select_option("reading.celsius")
    expect(desk.locator('[name="w.0.relation"]')).to_have_value("ge")
    desk.locator('[name="w.0.value"]').fill("38.5")
    sentence.get_by_role("button", name="加一个条件").click()
    expect(desk.locator(".say-part")).to_have_count(2)
    expect(desk.locator('[name="w.0.value"]')).to_have_value("38.5")
    desk.locator('[name="w.1.fact"]').select_option("direction")
    expect(desk.locator('[name="w.1.value"] option')).to_have_text(["进", "出"])
    desk.get_by_label("对来人说的话（中文）").fill("高烧，请勿入内")
    desk.get_by_label("对来人说的话（英文）").fill("Very hot: please do not enter")
    desk.get_by_label("规则名").fill("fever")
    look(desk, "rule")
    desk.get_by_role("button", name="保存规则").last.click()
    expect(desk.locator(".field-error").first).to_contain_text("已被占用")
    expect(desk.locator('[name="w.0.value"]')).to_have_value("38.5")
    desk.get_by_label("规则名").fill("very-hot")
    desk.get_by_role("button", name="保存规则").last.click()

    expect(desk.locator(".differences")).to_contain_text("very-hot")
    rule = world.office.policies.get(draft.id, EVERYTHING).document["rule"][-1]
    assert rule["when"] == {"and": [{">=": [{"var": "reading.celsius"}, 38.5]}, {"===": [{"var": "direction"}, "in"]}]}
    desk.get_by_label("这次修改是为了什么").fill("高烧者不得入内")
    desk.get_by_role("button", name="提交批准").click()
    expect(desk.get_by_text("等待另一位同事批准")).to_be_visible()
    assert world.office.policies.get(draft.id, EVERYTHING).state is State.SUBMITTED


def test_a_trial_shows_what_it_finds_without_a_reload(desk: Page, world: World, draft: Version) -> None:
    rules = [rule for rule in draft.document["rule"] if rule["id"] == "fever"]
    world.office.policies.change(
        draft.id, lambda document: {**document, "rule": rules, "question": [], "require": []}, EVERYTHING, who="admin"
    )
    desk.goto(desk.url.rstrip("/") + f"/policy/{draft.id}/trial")
    desk.get_by_role("button", name="在最近几天的通行上试运行").click()
    expect(desk.locator(".trial-sum")).to_contain_text("次通行的处置会改变")
    expect(desk.locator("[data-running]")).to_have_count(0)
    look(desk, "trial")
    desk.locator("td a").first.click()
    desk.locator("tr[data-row] a").first.click()
    expect(desk.locator(".change-way")).to_be_visible()
    look(desk, "change")
