"""防控策略: drafts through forms, the whole text, files, trying on the past."""

from __future__ import annotations

import io
import json
import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import TestResponse

from sync.office.policy.values import Version
from sync.office.values import EVERYTHING
from tests.web.office.desk import Desk, links, words
from tests.web.office.policies import DEFAULT, approve, now, submit
from tests.web.office.world import World

PATIENCE_S = 60


def test_before_anything_was_changed_the_shipped_policy_is_in_force(clerk: Desk) -> None:
    text = words(clerk.get("/policy"))

    assert "随软件提供，尚未修改过" in text
    assert "没有草稿" in text
    assert "还没有发布过自己的策略" in text


def test_a_draft_shows_limits_tiers_and_rules_in_words(clerk: Desk, draft: Version) -> None:
    page = clerk.get(f"/policy/{draft.id}")
    text = words(page)

    assert "36–40 ℃ · 依据 G2" in text
    assert "本社区出现病例或暴发" in text
    assert "已测温：是 并且 体温 ℃ ≥ “体温达到此值须留观复测 37.3℃”" in text
    assert "没有不同" in text
    assert "limits.fever" in text


def test_limits_are_saved_with_their_difference(clerk: Desk, world: World, draft: Version) -> None:
    clerk.send(f"/policy/{draft.id}/limits", {"limit.fever": "37,0"}, page=f"/policy/{draft.id}")

    assert now(world, draft).document["limits"]["fever"] == 37.0
    assert "37.3 ℃ → 37.0 ℃" in words(clerk.get(f"/policy/{draft.id}"))


@pytest.mark.parametrize(("typed", "said"), [("50", "50 超出范围，应在 36 到 40 之间"), ("warm", "必须是数字")])
def test_a_limit_out_of_its_range_says_so_and_keeps_what_was_typed(
    clerk: Desk, world: World, draft: Version, typed: str, said: str
) -> None:
    page = clerk.send(f"/policy/{draft.id}/limits", {"limit.fever": typed}, page=f"/policy/{draft.id}")

    assert page.status_code == 422
    assert said in words(page)
    assert f'value="{typed}"' in page.get_data(as_text=True)
    assert now(world, draft) == draft


def test_a_tier_is_changed_after_it_was_asked_once_more(clerk: Desk, world: World, draft: Version) -> None:
    asked = clerk.send(f"/policy/{draft.id}/tier", {"tier": "2"}, page=f"/policy/{draft.id}")
    assert "本社区出现病例或暴发" in words(asked)
    assert now(world, draft).document["tier"] == 0

    clerk.send(f"/policy/{draft.id}/tier", {"tier": "2", "confirmed": "1"}, page=f"/policy/{draft.id}")

    assert now(world, draft).document["tier"] == 2


def test_rules_are_switched_off_and_moved_to_other_tiers(clerk: Desk, world: World, draft: Version) -> None:
    form: dict[str, Any] = {"shown.fever": "1", "tiers.fever": ["2", "3"], "shown.red-code": "1", "on.red-code": "on"}
    form["tiers.red-code"] = ["0", "1", "2", "3"]

    clerk.send(f"/policy/{draft.id}/rules", form, page=f"/policy/{draft.id}")

    rules = {rule["id"]: rule for rule in now(world, draft).document["rule"]}
    assert (rules["fever"]["enabled"], rules["fever"]["tiers"]) == (False, [2, 3])
    assert rules["red-code"]["enabled"]
    assert rules["symptoms"] == next(rule for rule in draft.document["rule"] if rule["id"] == "symptoms")


def test_the_whole_text_can_be_edited_and_problems_name_their_places(clerk: Desk, world: World, draft: Version) -> None:
    path, document = f"/policy/{draft.id}/text", json.loads(json.dumps(draft.document))
    document["rule"][0]["when"] = {"var": "reading.celcius"}
    form = {"text": json.dumps(document), "before": draft.digest}

    page = clerk.send(path, form)
    assert page.status_code == 422
    assert "rule[0].when.var" in words(page)
    assert now(world, draft) == draft

    clerk.send(path, {**form, "anyway": "on"})
    shown = clerk.get(f"/policy/{draft.id}")
    assert "有 1 处问题" in words(shown)
    assert re.search(r'<button class="button button-primary" disabled', shown.get_data(as_text=True))


def test_a_file_becomes_a_draft_or_says_what_is_wrong_with_it(clerk: Desk, world: World) -> None:
    def upload(content: bytes) -> TestResponse:
        form = {"community": world.happiness.id, "source": "file", "file": (io.BytesIO(content), "street.json")}
        return clerk.send("/policy/new", form, page="/policy")

    good = upload(json.dumps({**DEFAULT, "id": "street", "tier": 1}).encode())
    bad = upload(json.dumps({**DEFAULT, "tier": 7}).encode())

    assert good.status_code == 302
    (made,) = world.office.policies.list(world.happiness.id, EVERYTHING)
    assert (made.name, made.based_on, made.document["tier"]) == ("street@2", "street.json", 1)
    assert bad.status_code == 422
    assert "必须是 0 到 3 的整数" in words(bad)


def test_a_long_policy_can_be_sent(clerk: Desk, world: World, draft: Version) -> None:
    rules = [{**DEFAULT["rule"][-1], "id": f"copy-{number}", "tiers": [3]} for number in range(300)]
    long = json.dumps({**draft.document, "rule": [*draft.document["rule"], *rules]}, ensure_ascii=False)
    assert len(long.encode()) > 64 * 1024

    answer = clerk.send(f"/policy/{draft.id}/text", {"text": long, "before": draft.digest})

    assert answer.status_code == 302
    assert len(now(world, draft).document["rule"]) > 300


def test_the_past_is_judged_again_and_each_change_opens(clerk: Desk, world: World, draft: Version) -> None:
    rules = [rule for rule in DEFAULT["rule"] if rule["id"] == "fever"]
    world.office.policies.change(
        draft.id, lambda document: {**document, "rule": rules, "question": [], "require": []}, EVERYTHING, who="clerk"
    )
    assert "还没有试运行过" in words(clerk.get(f"/policy/{draft.id}/trial"))

    clerk.send(f"/policy/{draft.id}/trial", {"days": "7"})
    trial = world.office.trials.latest(draft.id, EVERYTHING)
    assert trial is not None
    deadline = time.monotonic() + PATIENCE_S
    while world.office.trials.get(trial.id, EVERYTHING).running:
        assert time.monotonic() < deadline
        time.sleep(0.05)

    page = clerk.get(f"/policy/{draft.id}/trial")
    assert "次通行的处置会改变" in words(page)
    hours = links(page, r"/policy/trials/.*/changes\?.*hour=.*")
    rows = clerk.get(hours[0])
    (first, *_) = links(rows, r"/policy/trials/[^/]+/changes/[0-9a-f-]+")
    text = words(clerk.get(first))
    assert "当时 default@1" in text
    assert "按 community@2" in text
    assert "张三丰" not in text
    live = f"/policy/trials/{trial.id}/live"
    tag = clerk.get(live).headers["ETag"]
    assert clerk.get(live, headers={"If-None-Match": tag}).status_code == 304


@pytest.mark.parametrize(
    "path", ["/policy/{id}", "/policy/{id}/export", "/policy/{id}/rules/0", "/policy/{id}/text", "/policy/{id}/trial"]
)
def test_policies_of_another_branch_are_not_there(heping: Desk, clerk: Desk, draft: Version, path: str) -> None:
    assert heping.get(path.format(id=draft.id)).status_code == 404
    assert clerk.get(path.format(id=draft.id)).status_code == 200


def test_every_page_is_there_in_english(clerk: Desk, admin: Desk, world: World, draft: Version) -> None:
    submit(clerk, draft)
    approve(admin, world, draft)
    clerk.get("/policy?lang=en")
    paths: list[Callable[[str], str]] = [
        lambda name: "/policy",
        lambda name: f"/policy/{name}",
        lambda name: f"/policy/{name}/rules/0",
        lambda name: f"/policy/{name}/text",
        lambda name: f"/policy/{name}/publish",
        lambda name: f"/policy/{name}/trial",
    ]
    for path in paths:
        assert clerk.get(path(draft.id)).status_code == 200
