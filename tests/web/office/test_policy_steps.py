"""防控策略: one submits, another approves, then it is published, announced, called off or brought back."""

from __future__ import annotations

import json

from sync.office.policy.values import State, Version
from sync.office.values import EVERYTHING
from tests.web.office.desk import Desk, words
from tests.web.office.policies import approve, now, submit
from tests.web.office.world import World


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
