"""The console's stream: whole at first, then what changed, in a form a browser understands."""

from __future__ import annotations

import pytest
from flask import Flask

from kiosk.service import GateService
from tests.web.gating import GREEN, Console, events
from web import live
from web.gate.screen import REGIONS


def test_the_first_message_draws_the_whole_screen(console: Console) -> None:
    answer = console.get("/events?lane=1")
    assert answer.content_type.startswith("text/event-stream")
    [(name, update)] = events(answer.iter_encoded(), 1)
    answer.close()
    assert name == "update"
    assert set(update["regions"]) == {region for regions in REGIONS.values() for region in regions}
    assert (update["lane"], update["cues"]) == ("1", [])


def test_a_change_is_sent_with_a_greater_number(console: Console, gate: GateService) -> None:
    answer = console.get("/events?lane=1")
    stream = answer.iter_encoded()
    [(_, first)] = events(stream, 1)
    console.send("/lanes/1/scan", {"text": GREEN})
    [(_, second)] = events(stream, 1)
    answer.close()
    assert second["number"] > first["number"]
    assert 'data-card="visit"' in second["regions"]["card"]
    assert second["epoch"] == first["epoch"]


def test_an_outcome_brings_its_sound_and_the_list_of_passages(console: Console, gate: GateService) -> None:
    console.send("/lanes/1/scan", {"text": GREEN})
    visit = gate.checkpoint.view("1").visit
    assert visit is not None
    console.send(f"/lanes/1/visits/{visit.id}/reading", {"celsius": "38.5", "grade": "clinical"})
    answer = console.get("/events?lane=1")
    [(_, update)] = events(answer.iter_encoded(), 1)
    answer.close()
    assert [cue["sound"] for cue in update["cues"]] == ["isolate"]
    assert "38.5" in update["regions"]["recent"]


def test_a_stream_ends_when_the_shift_ends(console: Console, gate: GateService) -> None:
    answer = console.get("/events?lane=1")
    stream = answer.iter_encoded()
    events(stream, 1)
    volunteer = gate.staff.on_duty()
    assert volunteer is not None
    console.client.post("/sign-off", data={"csrf_token": console.token("/")})
    names = [name for name, _ in events(stream, 3)]
    assert names[-1] == "closed"


def test_a_console_whose_shift_is_over_is_sent_to_its_page_again(console: Console, gate: GateService) -> None:
    volunteer = gate.staff.on_duty()
    assert volunteer is not None
    gate.staff.sign_off(volunteer.id)  # while this console could not hear of it
    answer = console.get("/events?lane=1", Accept="text/event-stream")
    assert answer.content_type.startswith("text/event-stream")
    assert [name for name, _ in events(answer.iter_encoded(), 1)] == ["closed"]


def test_a_stream_ends_at_once_when_the_gate_stops_and_the_screen_stays_to_listen_again(
    console: Console, gate: GateService
) -> None:
    answer = console.get("/events?lane=1")
    stream = answer.iter_encoded()
    events(stream, 1)
    gate.hub.close()
    assert b"event:" not in b"".join(stream)  # it ends, and nothing has the screen load a page that is gone
    assert len(gate.hub) == 0


def test_a_stream_that_is_closed_leaves_the_hub(console: Console, gate: GateService) -> None:
    answer = console.get("/events?lane=1")
    events(answer.iter_encoded(), 1)
    assert len(gate.hub) == 1
    answer.close()
    assert len(gate.hub) == 0


def test_no_more_screens_listen_than_the_server_has_room_for(console: Console, gate: GateService) -> None:
    open_streams = [gate.hub.subscribe() for _ in range(live.MOST_STREAMS)]
    answer = console.get("/events?lane=1")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert len(gate.hub) == len(open_streams)


def test_the_stream_of_an_unknown_lane_is_not_found(console: Console) -> None:
    assert console.get("/events?lane=9").status_code == 404


@pytest.mark.parametrize("data", [{"zh": "一\n二"}, {"zh": "\r\n\r\n"}])
def test_no_text_can_break_a_message_apart(app: Flask, data: dict[str, str]) -> None:
    [(name, found)] = events(iter([live.message("update", data).encode()]), 1)
    assert (name, found) == ("update", data)
