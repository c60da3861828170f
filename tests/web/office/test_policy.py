"""防控策略: drafts through forms, the sentence editor, the way of two people, publishing, trying on the past."""

from __future__ import annotations

import io
import json
import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import TestResponse

from kiosk.screening import policy
from sync.office.policy.values import State, Version
from sync.office.values import EVERYTHING
from tests.web.office.desk import Desk, links, words
from tests.web.office.world import World

PATIENCE_S = 20
SLOW = {"reduce": [{"var": "code.tests"}, {"reduce": [{"var": "data.code.tests"}, {"var": "accumulator"}, 0]}, 0]}
DEFAULT = policy.default().to_document()


@pytest.fixture
def draft(clerk: Desk, world: World) -> Version:
    """A draft that the clerk began from what is in force."""
    answer = clerk.send("/policy/new", {"community": world.happiness.id, "source": "current"}, page="/policy")
    assert answer.status_code == 302, words(answer)
    return world.office.policies.list(world.happiness.id, EVERYTHING)[0]


def now(world: World, version: Version) -> Version:
    return world.office.policies.get(version.id, EVERYTHING)


def fields(page: TestResponse) -> dict[str, Any]:
    """What a browser would send of the page's editor."""
    import html

    body = page.get_data(as_text=True)
    body = body[body.index("data-editor") :]
    found: dict[str, Any] = {}

    def put(name: str, value: str) -> None:
        found.setdefault(name, []).append(html.unescape(value))

    for tag in re.findall(r"<input[^>]*>", body):
        name, value = (re.search(rf'{key}="([^"]*)"', tag) for key in ("name", "value"))
        if name and not (re.search(r'type="(checkbox|radio)"', tag) and " checked" not in tag):
            put(name[1], value[1] if value else "on")
    for name, inner in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', body, re.S):
        chosen = re.search(r'<option value="([^"]*)" selected', inner) or re.search(r'<option value="([^"]*)"', inner)
        put(name, chosen[1] if chosen else "")
    for name, inner in re.findall(r'<textarea[^>]*name="([^"]*)"[^>]*>(.*?)</textarea>', body, re.S):
        put(name, inner)
    return found


def rule_path(version: Version, name: str) -> str:
    numbers = [rule["id"] for rule in version.document["rule"]]
    return f"/policy/{version.id}/rules/{numbers.index(name)}"


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


@pytest.mark.parametrize(("typed", "said"), [("50", "is not from 36 to 40"), ("warm", "must be a number")])
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


@pytest.mark.parametrize("number", range(len(DEFAULT["rule"])))
def test_saving_a_shipped_rule_as_it_is_shown_changes_nothing(
    clerk: Desk, world: World, draft: Version, number: int
) -> None:
    path = f"/policy/{draft.id}/rules/{number}"

    answer = clerk.send(path, fields(clerk.get(path)))

    assert answer.status_code == 302, words(answer)
    assert now(world, draft).document == draft.document


def test_a_condition_comes_and_goes_without_anything_being_saved(clerk: Desk, world: World, draft: Version) -> None:
    path = rule_path(draft, "fever")
    form = fields(clerk.get(path))

    more = clerk.send(path, {**form, "edit": "add:w"})
    assert fields(more)["w.n"] == ["3"]
    assert fields(more)["w.2.fact"] == ["code.presented"]
    less = clerk.send(path, {**fields(more), "edit": "remove:w.0"})

    assert fields(less)["w.0.fact"] == ["reading.celsius"]
    assert now(world, draft) == draft


def test_another_fact_brings_its_own_comparisons_and_values(clerk: Desk, draft: Version) -> None:
    path = rule_path(draft, "fever")
    form = {**fields(clerk.get(path)), "w.1.fact": "code.level", "edit": "refresh"}

    page = clerk.send(path, form)

    assert fields(page)["w.1.relation"] == ["eq"]
    assert '<option value="red"' in page.get_data(as_text=True)


def test_a_rule_written_as_a_sentence_is_saved_as_certlogic(clerk: Desk, world: World, draft: Version) -> None:
    path = f"/policy/{draft.id}/rules/new"
    form = {**fields(clerk.get(path)), "w.n": "2", "w.join": "any"}
    form |= {"w.0.kind": "part", "w.0.fact": "reading.celsius", "w.0.relation": "ge", "w.0.value": "38.5"}
    form |= {"w.1.kind": "part", "w.1.fact": "footing", "w.1.relation": "in", "w.1.value": ["expired", "none"]}
    form |= {"id": "very-hot", "verdict": "isolate", "zh": "高烧", "en": "Very hot", "do": "call:120， alert:fever"}
    form |= {"tiers": ["1", "2"], "source": "G2", "enabled": "on"}

    answer = clerk.send(path, form)

    assert answer.status_code == 302, words(answer)
    assert now(world, draft).document["rule"][-1] == {
        "id": "very-hot",
        "tiers": [1, 2],
        "when": {"or": [{">=": [{"var": "reading.celsius"}, 38.5]}, {"in": [{"var": "footing"}, ["expired", "none"]]}]},
        "verdict": "isolate",
        "say": {"zh": "高烧", "en": "Very hot"},
        "do": ["call:120", "alert:fever"],
        "source": "G2",
        "enabled": True,
    }


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"w.1.value": "hot"}, "应为数字"),
        ({"w.1.kind": "free", "w.1.text": "{"}, "不是 JSON"),
        ({"w.1.kind": "free", "w.1.text": '{"var": "reading.celcius"}'}, "did you mean"),
        ({"w.1.kind": "free", "w.1.text": json.dumps(SLOW)}, "steps"),
        ({"id": DEFAULT["rule"][1]["id"]}, "taken already"),
        ({"do": "shout"}, "is no action"),
        ({"tiers": []}, "must be some of"),
        ({"zh": ""}, "must be a text"),
    ],
)
def test_what_is_wrong_with_a_rule_is_said_at_its_place_and_nothing_typed_is_lost(
    clerk: Desk, world: World, draft: Version, changes: dict[str, Any], said: str
) -> None:
    path = rule_path(draft, "fever")
    form = {**fields(clerk.get(path)), "en": "words of my own", **changes}

    page = clerk.send(path, form)

    assert page.status_code == 422
    assert said in words(page)
    assert "words of my own" in page.get_data(as_text=True)
    assert now(world, draft) == draft


def test_a_rule_that_somebody_else_changed_meanwhile_is_not_written_over(
    clerk: Desk, admin: Desk, world: World, draft: Version
) -> None:
    path = rule_path(draft, "fever")
    mine = fields(clerk.get(path))
    admin.send(path, {**fields(admin.get(path)), "zh": "别人的话"})

    page = clerk.send(path, {**mine, "zh": "我的话"})

    assert page.status_code == 422
    assert "刚被别人改过" in words(page)
    rules = {rule["id"]: rule for rule in now(world, draft).document["rule"]}
    assert rules["fever"]["say"]["zh"] == "别人的话"


def test_a_rule_is_removed_after_it_was_asked_once_more(clerk: Desk, world: World, draft: Version) -> None:
    path = rule_path(draft, DEFAULT["rule"][-1]["id"]) + "/remove"
    page = clerk.get(path)
    before = re.search(r'name="before" value="(\w+)"', page.get_data(as_text=True))
    assert before is not None

    clerk.send(path, {"before": before[1]})

    assert DEFAULT["rule"][-1]["id"] not in [rule["id"] for rule in now(world, draft).document["rule"]]


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
    assert "must be a whole number from 0 to 3" in words(bad)


def test_a_long_policy_can_be_sent(clerk: Desk, world: World, draft: Version) -> None:
    rules = [{**DEFAULT["rule"][-1], "id": f"copy-{number}", "tiers": [3]} for number in range(300)]
    long = json.dumps({**draft.document, "rule": [*draft.document["rule"], *rules]}, ensure_ascii=False)
    assert len(long.encode()) > 64 * 1024

    answer = clerk.send(f"/policy/{draft.id}/text", {"text": long, "before": draft.digest})

    assert answer.status_code == 302
    assert len(now(world, draft).document["rule"]) > 300


def submit(desk: Desk, version: Version) -> TestResponse:
    return desk.send(f"/policy/{version.id}/submit", {"note": "提高警戒"}, page=f"/policy/{version.id}")


def approve(desk: Desk, world: World, version: Version) -> TestResponse:
    form = {"digest": now(world, version).digest}
    return desk.send(f"/policy/{version.id}/approve", form, page=f"/policy/{version.id}")


def test_one_submits_another_approves_and_then_it_is_published(
    clerk: Desk, admin: Desk, world: World, draft: Version
) -> None:
    clerk.send(f"/policy/{draft.id}/limits", {"limit.fever": "37.0"}, page=f"/policy/{draft.id}")
    submit(clerk, draft)
    assert "等待另一位同事批准" in words(clerk.get(f"/policy/{draft.id}"))
    assert approve(clerk, world, draft).status_code == 422
    assert now(world, draft).state is State.SUBMITTED

    approve(admin, world, draft)
    asked = admin.get(f"/policy/{draft.id}/publish")
    assert "37.3 ℃ → 37.0 ℃" in words(asked)
    admin.send(f"/policy/{draft.id}/publish", {"when": "now"})

    text = words(clerk.get("/policy"))
    assert "community@2" in text
    assert "曾执行" not in text
    in_force = world.office.policies.in_force(world.happiness.id, EVERYTHING)
    assert in_force.current["limits"]["fever"] == 37.0


def test_a_policy_is_announced_shown_with_its_time_and_called_off(
    clerk: Desk, admin: Desk, world: World, draft: Version
) -> None:
    submit(clerk, draft)
    approve(admin, world, draft)
    late = admin.send(f"/policy/{draft.id}/publish", {"when": "later", "at": "2026-11-22T11:00"})
    assert late.status_code == 422
    assert "将来 90 天内" in words(late)

    admin.send(f"/policy/{draft.id}/publish", {"when": "later", "at": "2026-11-23T00:00"})
    assert "2026-11-23 00:00:00 起执行" in words(clerk.get("/policy"))

    clerk.send(f"/policy/{draft.id}/call-off", {"reason": "疫情缓和"})
    assert "已撤销" in words(clerk.get("/policy"))
    assert world.office.policies.in_force(world.happiness.id, EVERYTHING).following is None


def test_a_policy_is_sent_back_with_a_reason(clerk: Desk, admin: Desk, world: World, draft: Version) -> None:
    submit(clerk, draft)
    page = admin.send(f"/policy/{draft.id}/reject", {"reason": ""}, page=f"/policy/{draft.id}")
    assert page.status_code == 422

    admin.send(f"/policy/{draft.id}/reject", {"reason": "先试运行"}, page=f"/policy/{draft.id}")

    assert "先试运行" in words(clerk.get(f"/policy/{draft.id}"))
    assert now(world, draft).editable


def test_an_old_version_comes_back_as_a_new_draft(clerk: Desk, admin: Desk, world: World, draft: Version) -> None:
    submit(clerk, draft)
    approve(admin, world, draft)
    admin.send(f"/policy/{draft.id}/publish", {"when": "now"})

    clerk.send("/policy/new", {"community": world.happiness.id, "source": draft.id}, page="/policy")

    new, old = world.office.policies.list(world.happiness.id, EVERYTHING)
    assert (new.number, new.based_on, new.state) == (3, old.name, State.DRAFT)
    compared = clerk.get(f"/policy/compare?community={world.happiness.id}&old={old.id}&new={new.id}")
    assert "两个版本内容相同" in words(compared)
    exported = json.loads(clerk.get(f"/policy/{old.id}/export").get_data())
    assert exported == old.document


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


@pytest.mark.parametrize("path", ["rules/999", "rules/x", "rules/-1", "rules/new/remove"])
def test_a_rule_that_is_none_is_no_fault(clerk: Desk, draft: Version, path: str) -> None:
    assert clerk.get(f"/policy/{draft.id}/{path}").status_code in (200, 404)


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
