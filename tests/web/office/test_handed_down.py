"""通知 and 下发包: what hangs at the gates, and which gate runs which version."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sync.office.values import Published
from tests.web.office import world as worlds
from tests.web.office.desk import Desk, words
from tests.web.office.world import World
from web.office.bundle import changes

NOTICE = {"zh": "明天上午 8 时核酸采样", "en": "Sampling tomorrow at eight"}


def post(desk: Desk, world: World) -> str:
    """Posts a notice through the page; answers its id."""
    assert desk.send("/notices", {"community": world.happiness.id, **NOTICE}).location == "/notices"
    return str(world.office.notices.list(world.happiness.id, worlds.EVERYTHING)[0]["id"])


def test_a_notice_hangs_in_both_languages_and_is_handed_down(clerk: Desk, world: World) -> None:
    before = world.office.publish.version(world.happiness.id)
    post(clerk, world)
    text = words(clerk.get("/notices"))
    assert NOTICE["zh"] in text
    assert NOTICE["en"] in text
    assert world.office.publish.version(world.happiness.id) == before + 1


@pytest.mark.parametrize("missing", ["zh", "en"])
def test_a_notice_needs_both_languages_and_loses_neither(clerk: Desk, world: World, missing: str) -> None:
    answer = clerk.send("/notices", {"community": world.happiness.id, **NOTICE, missing: ""})
    assert answer.status_code == 422
    assert "此项必填" in words(answer)
    kept = NOTICE["en"] if missing == "zh" else NOTICE["zh"]
    assert kept in answer.get_data(as_text=True)


def test_a_withdrawn_notice_leaves_the_others(clerk: Desk, world: World) -> None:
    first = post(clerk, world)
    world.clock.go(minutes=1)
    post(clerk, world)
    path = f"/notices/{world.happiness.id}/{first}/withdraw"
    assert clerk.send(path, page="/notices").location == "/notices"
    left = [notice["id"] for notice in world.office.notices.list(world.happiness.id, worlds.EVERYTHING)]
    assert len(left) == 1
    assert first not in left


def test_a_notice_that_does_not_hang_cannot_be_withdrawn(clerk: Desk, world: World) -> None:
    assert clerk.send(f"/notices/{world.happiness.id}/none/withdraw", page="/notices").status_code == 404


def test_the_bundle_page_shows_versions_and_who_changed_what(clerk: Desk, world: World) -> None:
    post(clerk, world)
    text = words(clerk.get(f"/bundle?community={world.happiness.id}"))
    version = world.office.publish.version(world.happiness.id)
    assert f"已发布 v{version}" in text
    assert "有效至 2026-11-29" in text
    assert "clerk 通知" in text


def test_the_bundle_page_shows_which_gate_has_which_version(clerk: Desk, world: World) -> None:
    version = world.office.publish.version(world.happiness.id)
    worlds.beat(world.east, world.clock(), bundle=version)
    body = clerk.get(f"/bundle?community={world.happiness.id}").get_data(as_text=True)
    assert f'state-good">v{version}' in body
    assert "还没有取过" in body, "the west gate"


def test_what_changed_is_told_by_the_sections_themselves() -> None:
    at = datetime(2026, 11, 22, tzinfo=UTC)
    first = Published(1, at, at, "office", {"policy": "a", "notices": "b"})
    second = Published(2, at, at, "clerk", {"policy": "a", "notices": "c"})
    third = Published(3, at, at, "office", {"policy": "a", "notices": "c"})
    assert [(version.version, names) for version, names in changes([third, second, first])] == [
        (3, []),
        (2, ["notices"]),
        (1, ["policy", "notices"]),
    ]
    assert changes([]) == []
