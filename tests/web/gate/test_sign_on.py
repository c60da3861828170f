"""Nobody uses the console without a PIN, and each shift is written down."""

from __future__ import annotations

import pytest

from kiosk.service import GateService
from tests.web.gating import PIN, VOLUNTEER, Console

WRONG = "000000"


@pytest.mark.parametrize("path", ["/", "/lanes/1/picture.jpg"])
def test_a_stranger_is_sent_to_the_sign_on_page(stranger: Console, path: str) -> None:
    answer = stranger.get(path)
    assert (answer.status_code, answer.location) == (302, "/sign-on")


def test_a_script_without_a_shift_is_told_so(stranger: Console) -> None:
    answer = stranger.send("/lanes/1/scan", {"text": "GL1:green"}, page="/sign-on")
    assert answer.status_code == 401


def test_the_right_pin_opens_the_console_and_shows_who_is_on_duty(stranger: Console) -> None:
    assert stranger.sign_on().location == "/"
    assert VOLUNTEER in stranger.get("/").text


def test_a_wrong_pin_is_refused_in_both_languages(stranger: Console) -> None:
    answer = stranger.sign_on(WRONG)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert stranger.get("/").status_code == 302


def test_too_many_wrong_pins_lock_signing_on_even_for_the_right_one(stranger: Console) -> None:
    for _ in range(6):
        stranger.sign_on(WRONG)
    answer = stranger.sign_on(PIN)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text


def test_a_sign_on_without_the_form_s_token_is_refused(stranger: Console) -> None:
    answer = stranger.client.post("/sign-on", data={"pin": PIN})
    assert answer.status_code == 400
    assert stranger.get("/").status_code == 302


def test_signing_off_closes_the_console_and_ends_the_shift(console: Console, gate: GateService) -> None:
    token = console.token("/")
    console.client.post("/sign-off", data={"csrf_token": token})
    assert console.get("/").status_code == 302
    assert gate.staff.on_duty() is None


def test_each_change_of_shift_stands_in_the_journal(console: Console, gate: GateService) -> None:
    console.client.post("/sign-off", data={"csrf_token": console.token("/")})
    kinds = [event.kind for event in gate.journal.after(0) if event.kind.startswith("shift.")]
    assert kinds == ["shift.on", "shift.off"]


def test_whoever_signs_on_next_takes_the_shift_over(console: Console, gate: GateService) -> None:
    gate.staff.add("李芳", "135791")
    other = Console(console.client.application.test_client())
    other.sign_on("135791")
    assert other.get("/").status_code == 200
    assert console.get("/").status_code == 302


def test_health_and_the_certificate_need_no_shift(stranger: Console, gate: GateService) -> None:
    health = stranger.get("/healthz")
    assert (health.status_code, health.json) == (200, {"recording": True})
    assert stranger.get("/ca.crt").status_code == 404


def test_the_authority_is_offered_once_the_gate_has_one(stranger: Console, gate: GateService) -> None:
    from kiosk.tls import certificate

    files = certificate(gate.settings.gate.var)
    answer = stranger.get("/ca.crt")
    assert answer.data == files.ca.read_bytes()
    assert b"PRIVATE" not in answer.data


def test_a_console_that_is_open_stays_open_while_the_volunteers_cannot_be_read(
    console: Console, gate: GateService
) -> None:
    assert console.get("/").status_code == 200
    (gate.settings.gate.var / "gate.db").write_bytes(b"no database" * 500)
    assert console.get("/").status_code == 200


def test_signing_on_without_a_readable_file_of_volunteers_says_what_is_wrong(
    stranger: Console, gate: GateService
) -> None:
    (gate.settings.gate.var / "gate.db").write_bytes(b"no database" * 500)
    answer = stranger.sign_on()
    assert answer.status_code == 503
    assert "gate.db" in answer.text
