"""A gate that is enrolled anew, or whose office turns out to be another: nothing that waits is lost, nothing is
believed that the code's own office did not sign."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from multiprocessing import get_context
from pathlib import Path

import pytest
from msgspec import structs

from kiosk.codes import enrolment as codes
from kiosk.codes.enrolment import EnrolmentCode
from kiosk.identity import Identity, Keys
from kiosk.keyring import KeyRing, public_bytes
from sync import protocol
from sync.clock import OfficeClock
from sync.enrolment import NotEnrolled, enroll
from sync.line import Credential, Line, Refusal
from sync.office.values import EVERYTHING
from tests.faults.proxy import Fault, FaultyProxy
from tests.sync.live import GateBox, Impostor, LiveOffice

KILL = get_context("forkserver")
KILLED = 9


@pytest.fixture
def proxy(live: LiveOffice) -> Iterator[FaultyProxy]:
    with FaultyProxy(live.port) as running:
        yield running


def begun_anew(gate: GateBox) -> None:
    gate.close()
    gate.open()


def code_for(live: LiveOffice, token: str) -> EnrolmentCode:
    return live.office.enrolment.code(live.url, token)


def test_what_waits_goes_up_after_the_gate_was_enrolled_anew_with_another_key(gate: GateBox, live: LiveOffice) -> None:
    gate.record(2)
    gate.uplink().push()
    gate.record(3)
    old = Keys.load(gate.var)
    token = live.office.enrolment.new_token(gate.identity.gate, EVERYTHING, who="li")
    identity = enroll(live.url, token, gate.var, "东门", again=True)
    assert identity.gate == gate.identity.gate
    begun_anew(gate)
    assert public_bytes(gate.keys.sign) != public_bytes(old.sign)
    assert gate.uplink().push().sent == 3
    assert live.visits(gate) == sorted(gate.visits)
    calling = Line(live.url, 10, Credential(identity.gate, KeyRing(old.sign), OfficeClock(gate.now)))
    with pytest.raises(Refusal) as refused:
        calling.get(protocol.BUNDLE)
    assert refused.value.word == "signature"


def test_a_gate_moved_to_another_address_of_its_office_goes_on(
    gate: GateBox, live: LiveOffice, proxy: FaultyProxy
) -> None:
    gate.record(2)
    token = live.office.enrolment.new_token(gate.identity.gate, EVERYTHING, who="li")
    enroll(proxy.url, token, gate.var, "东门", again=True)
    begun_anew(gate)
    assert gate.identity.office_url == proxy.url
    assert gate.uplink().push().sent == 3
    assert live.visits(gate) == sorted(gate.visits)


@pytest.mark.parametrize("fault", [Fault.LOSE_ANSWER, Fault.TRUNCATE, Fault.REFUSE, Fault.RESET_IN_REQUEST])
def test_a_gate_whose_answer_was_lost_can_call_and_be_enrolled_with_the_same_code(
    gate: GateBox, live: LiveOffice, proxy: FaultyProxy, fault: Fault
) -> None:
    gate.record(1)
    token = live.office.enrolment.new_token(gate.identity.gate, EVERYTHING, who="li")
    proxy.fault = fault
    with pytest.raises(NotEnrolled) as failed:
        enroll(proxy.url, token, gate.var, "东门", again=True)
    assert failed.value.word in ("broken", "unreachable")
    proxy.heal()
    begun_anew(gate)
    ring = KeyRing(gate.keys.sign, gate.var)
    calling = Line(live.url, 10, Credential(gate.identity.gate, ring, OfficeClock(gate.now)))
    calling.get(protocol.BUNDLE)  # the gate as it starts after a power cut
    begun_anew(gate)
    assert gate.uplink().push().sent == 2
    assert enroll(proxy.url, token, gate.var, "东门", again=True).office_url == proxy.url
    begun_anew(gate)
    assert gate.uplink().push().sent == 0


def die_after(name: str, url: str, token: str, var: Path) -> None:
    """An enrolment in a process that ends once the file `name` has been replaced, as kill -9 ends one."""
    move = Path.replace

    def moving(path: Path, to: Path) -> Path:
        moved = move(path, to)
        if to.name == name:
            os._exit(KILLED)
        return moved

    Path.replace = moving  # type: ignore[method-assign, assignment]
    enroll(url, token, var, "东门", again=True)


@pytest.mark.parametrize("name", ["identity.json", "sign.old.key", "sign.key"])
def test_a_gate_killed_while_it_writes_down_who_it_is_can_call(gate: GateBox, live: LiveOffice, name: str) -> None:
    gate.record(1)
    token = live.office.enrolment.new_token(gate.identity.gate, EVERYTHING, who="li")
    victim = KILL.Process(target=die_after, args=(name, live.url, token, gate.var))
    victim.start()
    victim.join(60)
    assert victim.exitcode == KILLED
    begun_anew(gate)
    ring = KeyRing(gate.keys.sign, gate.var)
    Line(live.url, 10, Credential(gate.identity.gate, ring, OfficeClock(gate.now))).get(protocol.BUNDLE)
    begun_anew(gate)
    assert gate.uplink().push().sent == 2
    assert live.office.gates.public_key(gate.identity.gate) == public_bytes(gate.keys.sign)


def test_an_office_that_is_not_the_codes_own_is_found(live: LiveOffice, tmp_path: Path) -> None:
    token = live.token("东门")
    with pytest.raises(NotEnrolled) as failed:
        enroll(live.url, token, tmp_path, "东门", fingerprint=codes.fingerprint(b"another office's key" + bytes(12)))
    assert failed.value.word == "wrong-office"
    assert Identity.load(tmp_path) is None


def test_somebody_in_between_who_changes_the_answer_is_found(live: LiveOffice, tmp_path: Path) -> None:
    """With the right office's key in it, which anybody may know, but for another key of the gate."""
    stranger = base64.b64encode(public_bytes(Keys.load_or_create(tmp_path / "stranger").sign)).decode()
    asked = protocol.Enroll(live.token("东门"), stranger, "东门", "x")
    told = live.office.enrolment.enroll(asked, live.office.now())
    seen = codes.fingerprint(live.office.office_key)
    for answer in (told, structs.replace(told, signature=""), structs.replace(told, token_key=told.office_key)):
        with Impostor(200, protocol.encode(answer)) as impostor, pytest.raises(NotEnrolled) as failed:
            enroll(impostor.url, "AAAAA", tmp_path / "gate", "东门", fingerprint=seen)
        assert failed.value.word == "wrong-office"
    assert Identity.load(tmp_path / "gate") is None


def test_a_code_with_the_offices_fingerprint_enrols_at_that_office(live: LiveOffice, tmp_path: Path) -> None:
    code = codes.parse(codes.write(code_for(live, live.token("东门"))))
    identity = enroll(code.url, code.token, tmp_path, "东门", fingerprint=code.fingerprint)
    assert identity.office_key == live.office.office_key


def test_the_office_says_why_a_code_is_not_taken_and_who_used_it(live: LiveOffice, tmp_path: Path) -> None:
    token = live.token("东门")
    gate = enroll(live.url, token, tmp_path / "first", "东门 East")
    words = []
    for tried in (token, "AAAAA-AAAAA-AAAAA-AAAAA"):
        with pytest.raises(NotEnrolled) as failed:
            enroll(live.url, tried, tmp_path / "second", "东门")
        words.append(failed.value.word)
    assert words == ["used", "unknown"]
    state = live.office.enrolment.last_token(gate.gate)
    assert state is not None
    assert state.used_at is not None
    assert state.used_by == "东门 East"
