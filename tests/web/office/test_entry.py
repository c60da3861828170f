"""One passage: all that is known of it, masked until somebody says why."""

from __future__ import annotations

import html
from dataclasses import replace

import pytest

from kiosk.model import Event
from tests.web.office import world as worlds
from tests.web.office.desk import Desk, words
from tests.web.office.world import World


@pytest.fixture
def fever(world: World) -> Event:
    """周丽 comes with 38.4 °C."""
    event = worlds.step_up(world.east, 7)
    worlds.send_all(world.east)
    return event


def test_a_passage_shows_every_reason_in_both_languages_with_rule_and_notice(clerk: Desk, world: World) -> None:
    event = worlds.step_up(world.east, 6)
    worlds.send_all(world.east)
    text = words(clerk.get(f"/entries/{event.id}"))
    for reason in event.open["reasons"]:
        assert reason["zh"] in text
        assert reason["en"] in text
        assert reason["rule"] in text
        assert reason["source"] in text
    assert "先验码后服务" in text, "what row G1 asks for"
    assert "default@1" in text


def test_a_reason_that_could_not_be_decided_says_so(clerk: Desk, world: World) -> None:
    reason = {**worlds.reasons(["no-code"])[0], "undecided": True}
    event = worlds.step_up(world.east, 0, verdict="check", reasons=[reason])
    worlds.send_all(world.east)
    assert "事实不全，未能判定" in words(clerk.get(f"/entries/{event.id}"))


def test_a_passage_shows_its_place_in_the_chain(clerk: Desk, fever: Event) -> None:
    text = words(clerk.get(f"/entries/{fever.id}"))
    assert all(part in text for part in (str(fever.seq), fever.journal, fever.digest, fever.prev, fever.seal))


def test_a_passage_shows_when_it_was_and_when_it_came(clerk: Desk, fever: Event) -> None:
    text = words(clerk.get(f"/entries/{fever.id}"))
    assert "门岗时间 2026-11-22 12:00:00" in text
    assert "收到时间 2026-11-22 12:00:00" in text
    assert "门岗时钟误差 −0.2 秒" in text


def test_a_passage_shows_code_reading_and_measures(clerk: Desk, fever: Event) -> None:
    text = words(clerk.get(f"/entries/{fever.id}"))
    assert "38.4 °C" in text
    assert "额温" in text
    assert "已核验" in text
    assert "拨打 120" in text


def test_personal_data_is_masked_until_asked_for(clerk: Desk, fever: Event) -> None:
    body = clerk.get(f"/entries/{fever.id}").get_data(as_text=True)
    assert "周*" in body
    for secret in ("周丽", "13812348000", "110101199003074321", "4-2-803", "cd" * 32):
        assert secret not in body


def test_seeing_personal_data_needs_a_reason(clerk: Desk, world: World, fever: Event) -> None:
    answer = clerk.send(f"/entries/{fever.id}", {"reason": "   "})
    assert answer.status_code == 422
    assert "此项必填" in words(answer)
    assert "周丽" not in answer.get_data(as_text=True)
    assert not [row for row in world.office.audit.page(worlds.EVERYTHING).rows if row.what == "entry.reveal"]


def test_seeing_personal_data_is_audited_with_who_and_why(clerk: Desk, admin: Desk, world: World, fever: Event) -> None:
    answer = clerk.send(f"/entries/{fever.id}", {"reason": "联系发热人员就诊"})
    assert answer.status_code == 200
    assert "周丽" in words(answer)
    assert "13812348000" in words(answer)
    assert "cd" * 32 not in answer.get_data(as_text=True), "tokens are of no use to a reader"
    row = next(row for row in world.office.audit.page(worlds.EVERYTHING).rows if row.what == "entry.reveal")
    assert (row.who, row.subject, row.detail) == ("clerk", fever.id, "联系发热人员就诊")
    log = words(admin.get("/audit"))
    assert "查看个人信息原文" in log
    assert "联系发热人员就诊" in log


def test_what_was_revealed_is_masked_again_on_the_next_look(clerk: Desk, fever: Event) -> None:
    clerk.send(f"/entries/{fever.id}", {"reason": "核对"})
    assert "周丽" not in clerk.get(f"/entries/{fever.id}").get_data(as_text=True)


def test_a_broken_off_visit_says_why(clerk: Desk, world: World) -> None:
    event = worlds.abandon(world.east)
    worlds.send_all(world.east)
    text = words(clerk.get(f"/entries/{event.id}"))
    assert "办理中止： timeout" in text or "办理中止：timeout" in text
    assert "中止" in text


def test_a_passage_whose_personal_part_is_gone_says_so(clerk: Desk, world: World) -> None:
    event = worlds.step_up(world.east, 0)
    world.east.journal.events[-1] = replace(event, personal=None, salt=None)
    worlds.send_all(world.east)
    assert "门岗已按期销毁" in words(clerk.get(f"/entries/{event.id}"))


def test_what_a_gate_wrote_is_text_and_never_markup(clerk: Desk, world: World) -> None:
    reason = {**worlds.reasons(["no-code"])[0], "zh": "<script>alert(1)</script>", "source": "<b>"}
    event = worlds.step_up(world.east, 0, verdict="check", reasons=[reason], staff="<img src=x>")
    worlds.send_all(world.east)
    for path in (f"/entries/{event.id}", "/entries", "/"):
        body = clerk.get(path).get_data(as_text=True)
        assert "<script>alert" not in body
        assert "<img src=x>" not in body
    assert "<script>alert(1)</script>" in unescaped(clerk, event.id)


def unescaped(desk: Desk, event_id: str) -> str:
    return html.unescape(desk.get(f"/entries/{event_id}").get_data(as_text=True))


@pytest.mark.parametrize("event_id", ["no-such", "00000000-0000-7000-8000-000000000000", "%00"])
def test_an_entry_that_is_none_is_not_found(clerk: Desk, event_id: str) -> None:
    assert clerk.get(f"/entries/{event_id}").status_code == 404
