"""Suspended, resumed, wiped, revoked: what the office holds against a gate."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk import signet
from kiosk.model import iso
from sync import protocol
from sync.office.errors import EnrolmentError, Refused
from sync.office.office import Office
from sync.office.standing import GOOD, Suspended
from sync.office.values import EVERYTHING
from tests.sync.office.gate_end import GateEnd


def beat(end: GateEnd, seq: int | None = None, waiting: int = 0) -> tuple[protocol.Heartbeat, protocol.Beat]:
    head = len(end.journal.events) if seq is None else seq
    told = protocol.Heartbeat(end.journal.id, head, waiting, "gatehouse/test", iso(end.now()))
    return told, end.office.standings.orders(end.id, told, end.office.gates.beat(end.id, told, end.now()))


def test_a_suspended_gate_is_told_why_and_may_still_hand_in(office: Office, gate_end: GateEnd) -> None:
    gate_end.passes(1)
    assert beat(gate_end)[1].suspended == ""
    office.standings.suspend(gate_end.id, EVERYTHING, " 设备送修 ", who="li")

    with pytest.raises(Suspended, match="设备送修"):
        office.standings.check(gate_end.id)
    assert gate_end.send().through == 1
    answer = beat(gate_end)[1]
    assert (answer.suspended, answer.wipe) == ("设备送修", "")

    office.standings.resume(gate_end.id, EVERYTHING, who="li")
    office.standings.check(gate_end.id)
    assert office.standings.of(gate_end.id) == GOOD
    assert [row.what for row in office.audit.page(EVERYTHING).rows[:2]] == ["gate.resume", "gate.suspend"]


def test_a_suspension_needs_words(office: Office, gate_end: GateEnd) -> None:
    with pytest.raises(Refused):
        office.standings.suspend(gate_end.id, EVERYTHING, "  ", who="li")
    assert office.standings.of(gate_end.id) == GOOD
    assert office.standings.of("no gate") == GOOD


def test_a_gate_is_told_to_wipe_itself_only_once_everything_is_here(office: Office, gate_end: GateEnd) -> None:
    gate_end.passes(3)
    gate_end.send(1, 2)
    office.standings.wipe(gate_end.id, EVERYTHING, "撤岗", who="li")
    assert beat(gate_end)[1].wipe == ""
    gate_end.send()
    assert beat(gate_end, waiting=2)[1].wipe == ""
    assert office.standings.of(gate_end.id).wipe_told_at is None

    told, answer = beat(gate_end)

    statement = protocol.wipe_statement(gate_end.id, told.journal, told.seq, answer.time)
    assert signet.fits(office.office_key, statement, answer.wipe)
    assert office.standings.of(gate_end.id).wipe_told_at is not None
    assert beat(gate_end)[1].wipe != ""  # the answer may have been lost


def test_a_new_token_lets_a_wiped_gate_in_anew_but_not_an_older_one(office: Office, gate_end: GateEnd) -> None:
    early = office.enrolment.new_token(gate_end.id, EVERYTHING, who="li")
    office.standings.wipe(gate_end.id, EVERYTHING, "撤岗", who="li")
    key = base64.b64encode(Ed25519PrivateKey.generate().public_key().public_bytes_raw()).decode()
    with pytest.raises(EnrolmentError):
        office.enrolment.enroll(protocol.Enroll(early, key, "东门", "g"), office.now())

    message = protocol.Enroll(office.enrolment.new_token(gate_end.id, EVERYTHING, who="li"), key, "东门", "g")
    office.enrolment.enroll(message, office.now())
    assert office.standings.of(gate_end.id) == GOOD

    office.standings.suspend(gate_end.id, EVERYTHING, "又停", who="li")
    office.enrolment.enroll(message, office.now())  # the same token and key, as after a lost answer
    assert office.standings.of(gate_end.id).suspended_why == "又停"
