"""A gate's new key: whatever is lost or killed on the way, the gate can call, and the old key is refused once the new
one is in force."""

from __future__ import annotations

import contextlib
import os
from dataclasses import replace
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk.errors import GatehouseError
from kiosk.identity import Identity, Keys, next_sign_key
from kiosk.keyring import KeyRing, public_bytes
from sync import protocol, rollover
from sync.clock import OfficeClock
from sync.line import Answer, Credential, Line, LineError, Refusal
from sync.office.values import EVERYTHING
from sync.rollover import roll_over
from sync.uplink import Uplink
from tests.faults.proxy import Fault, FaultyProxy
from tests.sync.live import PATIENT, GateBox, Impostor, LiveOffice

KILL = get_context("forkserver")
KILLED = 9
STEPS = ("prepared", "announced", "copied", "promoted")
LOSING = [fault for fault in Fault if fault not in (Fault.NONE, Fault.STALL, Fault.DRIP)]


def uplink(gate: GateBox, url: str | None = None) -> Uplink:
    """As a gate that starts anew has it."""
    gate.keys = Keys.load(gate.var)
    return Uplink(
        journal=gate.journal,
        handdown=gate.handdown,
        identity=replace(gate.identity, office_url=url or gate.identity.office_url),
        sign_key=gate.keys.sign,
        settings=PATIENT,
        now=gate.now,
        keys=KeyRing(gate.keys.sign, gate.var),
    )


def in_force(live: LiveOffice, gate: GateBox) -> bytes | None:
    return live.office.gates.public_key(gate.identity.gate)


def line_with(gate: GateBox, key: Keys, url: str) -> Line:
    return Line(url, 10, Credential(gate.identity.gate, KeyRing(key.sign), OfficeClock(gate.now)))


def test_after_a_rollover_the_new_key_is_in_force_and_the_old_one_is_refused(gate: GateBox, live: LiveOffice) -> None:
    old = Keys.load(gate.var)
    gate.record(2)
    calling = uplink(gate)
    calling.roll_over()
    assert calling.push().sent == 3
    new = Keys.load(gate.var)
    assert in_force(live, gate) == public_bytes(new.sign) != public_bytes(old.sign)
    assert next_sign_key(gate.var) is None
    with pytest.raises(Refusal) as refused:
        line_with(gate, old, live.url).get(protocol.BUNDLE)
    assert refused.value.word == "signature"
    assert uplink(gate).push().sent == 0


def test_a_gate_changes_its_key_when_its_office_wishes(gate: GateBox, live: LiveOffice) -> None:
    before = in_force(live, gate)
    live.office.rollovers.ask(gate.identity.gate, EVERYTHING, who="li")
    uplink(gate).beat()
    after = in_force(live, gate)
    assert after != before
    assert live.office.gates.get(gate.identity.gate, EVERYTHING).renew_key_at is None
    uplink(gate).beat()
    assert in_force(live, gate) == after


def test_a_wish_that_the_office_did_not_sign_is_not_followed(gate: GateBox, live: LiveOffice) -> None:
    live.office.rollovers.ask(gate.identity.gate, EVERYTHING, who="li")
    beat = gate.uplink().beat()  # has a key ring that cannot change
    ring = KeyRing(Keys.load(gate.var).sign, gate.var)
    assert rollover.wanted(beat, ring, gate.identity)
    assert not rollover.wanted(protocol.Beat(beat.time, beat.bundle, renew_key="A" * 86 + "=="), ring, gate.identity)
    ring.use(ring.prepare())
    assert not rollover.wanted(beat, ring, gate.identity)


def test_a_key_that_is_not_proven_or_replaces_another_is_not_taken(gate: GateBox, live: LiveOffice) -> None:
    keys, before = Keys.load(gate.var), in_force(live, gate)
    ring = KeyRing(keys.sign, gate.var)
    following = ring.prepare()
    good = rollover._change(gate.identity, following, keys.sign)
    line = line_with(gate, keys, live.url)
    other = rollover._change(gate.identity, keys.sign, following)
    unproven = protocol.KeyChange(good.public_key, good.replaces, other.proof)
    with pytest.raises(Refusal) as refused:
        line.post(protocol.KEY, unproven)
    assert refused.value.word == "malformed"
    with pytest.raises(Refusal) as refused:
        line.post(protocol.KEY, rollover._change(gate.identity, following, following))
    assert refused.value.word == "key"
    assert in_force(live, gate) == before


@pytest.mark.parametrize("fault", LOSING)
def test_whatever_the_line_does_to_a_rollover_the_gate_can_call_and_finish_it(
    gate: GateBox, live: LiveOffice, fault: Fault
) -> None:
    before = in_force(live, gate)
    gate.record(2)
    with FaultyProxy(live.port) as proxy:
        proxy.fault = fault
        calling = uplink(gate, proxy.url)
        with contextlib.suppress(GatehouseError):
            calling.roll_over()
        proxy.heal()
        assert calling.push().sent == 3  # the gate that went on
        assert uplink(gate, proxy.url).push().sent == 0  # and one that started anew
        calling.roll_over()
        uplink(gate, proxy.url).roll_over()
    assert in_force(live, gate) == public_bytes(Keys.load(gate.var).sign) != before


def die_at(step: str, var: Path, url: str) -> None:
    """A rollover in a process that ends at `step`, as kill -9 ends one."""
    identity = Identity.load(var)
    assert identity is not None
    ring = KeyRing(Keys.load(var).sign, var)
    line = Line(url, 10, Credential(identity.gate, ring, OfficeClock(lambda: datetime.now(UTC))))
    prepare, exchange, move = ring.prepare, line._exchange, Path.replace

    def reached(here: str) -> None:
        if here == step:
            os._exit(KILLED)

    def preparing() -> Ed25519PrivateKey:
        made = prepare()
        reached("prepared")
        return made

    def exchanging(*asked: Any) -> Answer:
        answer = exchange(*asked)
        reached("announced")
        return answer

    def moving(path: Path, to: Path) -> Path:
        moved = move(path, to)
        reached({"sign.old.key": "copied", "sign.key": "promoted"}.get(to.name, ""))
        return moved

    ring.prepare, line._exchange, Path.replace = preparing, exchanging, moving  # type: ignore[method-assign, assignment]
    roll_over(line, ring, identity)


@pytest.mark.parametrize("step", STEPS)
def test_a_gate_killed_at_any_step_of_a_rollover_can_call(gate: GateBox, live: LiveOffice, step: str) -> None:
    before = in_force(live, gate)
    gate.record(1)
    victim = KILL.Process(target=die_at, args=(step, gate.var, live.url))
    victim.start()
    victim.join(60)
    assert victim.exitcode == KILLED
    assert uplink(gate).push().sent == 2
    uplink(gate).roll_over()
    assert in_force(live, gate) == public_bytes(Keys.load(gate.var).sign) != before
    assert uplink(gate).push().sent == 0


def test_an_office_that_knows_no_new_keys_is_named_and_the_old_one_stays(gate: GateBox) -> None:
    with Impostor(404, protocol.encode(protocol.Problem("not-found"))) as older:
        with pytest.raises(LineError) as failed:
            uplink(gate, older.url).roll_over()
        assert failed.value.word == "version"
    assert uplink(gate).push().sent == 1


def test_a_running_gate_notices_that_a_command_changed_its_key(gate: GateBox, live: LiveOffice) -> None:
    running = uplink(gate)
    running.push()
    uplink(gate).roll_over()
    gate.record(1)
    assert running.push().sent == 1
