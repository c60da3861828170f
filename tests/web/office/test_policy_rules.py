"""防控策略: a rule is a sentence in a form; what is wrong is said at its place, and nothing typed is lost."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from sync.office.policy.values import Version
from tests.web.office.desk import Desk, words
from tests.web.office.policies import DEFAULT, fields, now, rule_path
from tests.web.office.world import World

SLOW = {"reduce": [{"var": "code.tests"}, {"reduce": [{"var": "data.code.tests"}, {"var": "accumulator"}, 0]}, 0]}


@pytest.mark.parametrize("quarter", range(4))
def test_saving_a_shipped_rule_as_it_is_shown_changes_nothing(
    clerk: Desk, world: World, draft: Version, quarter: int
) -> None:
    for number, rule in list(enumerate(DEFAULT["rule"]))[quarter::4]:
        path = f"/policy/{draft.id}/rules/{number}"

        answer = clerk.send(path, fields(clerk.get(path)))

        assert answer.status_code == 302, (rule["id"], words(answer))
        assert now(world, draft).document == draft.document, rule["id"]


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
        ({"w.1.kind": "free", "w.1.text": '{"var": "reading.celcius"}'}, "是不是"),
        ({"w.1.kind": "free", "w.1.text": json.dumps(SLOW)}, "判断太慢"),
        ({"id": DEFAULT["rule"][1]["id"]}, "已被占用"),
        ({"do": "shout"}, "不是动作"),
        ({"tiers": []}, "至少选一个"),
        ({"zh": ""}, "不能为空"),
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


@pytest.mark.parametrize("path", ["rules/999", "rules/x", "rules/-1", "rules/new/remove"])
def test_a_rule_that_is_none_is_no_fault(clerk: Desk, draft: Version, path: str) -> None:
    assert clerk.get(f"/policy/{draft.id}/{path}").status_code in (200, 404)
