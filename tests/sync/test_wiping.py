"""A gate that its office suspends, revokes or wipes: what it still does, what it says, what is left of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from msgspec import structs

from kiosk import wiping
from kiosk.errors import JournalError
from kiosk.identity import Identity, Keys
from kiosk.journal import Journal
from sync import protocol
from sync.line import LineError, Refusal
from sync.office.values import EVERYTHING
from sync.schedule import Scheduler
from sync.trouble import saying
from tests.sync.live import PATIENT, GateBox, Impostor, LiveOffice
from tests.sync.office.gate_end import PERSON

AT = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


def test_a_suspended_gate_says_so_and_goes_on_handing_in(gate: GateBox, live: LiveOffice) -> None:
    live.office.standings.suspend(gate.identity.gate, EVERYTHING, "设备送修", who="li")
    gate.record(2)
    uplink = gate.uplink()
    assert uplink.push().sent == 3  # with the journal's beginning
    with pytest.raises(Refusal, match="设备送修") as refused:
        uplink.pull()
    assert "已暂停本门岗" in saying(refused.value).zh
    assert not refused.value.permanent


def test_a_gate_obeys_an_order_to_wipe_only_when_it_is_the_offices_own_and_nothing_waits(
    gate: GateBox, live: LiveOffice
) -> None:
    live.office.standings.wipe(gate.identity.gate, EVERYTHING, "撤岗", who="li")
    gate.record(1)
    uplink = gate.uplink()
    assert uplink.beat().wipe == ""
    uplink.push()
    order = uplink.beat()
    assert uplink.must_wipe(order)

    assert not uplink.must_wipe(structs.replace(order, wipe="AAAA" + order.wipe[4:]))
    assert not uplink.must_wipe(structs.replace(order, time="2026-11-22T04:00:00.000Z"))
    gate.record(1)
    assert not uplink.must_wipe(order)  # something was recorded since


def test_whoever_is_recorded_meanwhile_puts_the_wiping_off_and_nobody_is_recorded_after_it(gate: GateBox) -> None:
    gate.uplink().push()
    gate.record(1)
    wiping.wipe_and_leave(gate.var, AT, gate.journal)  # what waits keeps the gate as it is
    assert Identity.load(gate.var) is not None
    gate.record(1)
    gate.uplink().push()
    assert gate.journal.retire()
    with pytest.raises(JournalError, match="nothing is recorded here any more"):
        gate.record(1)


def test_another_gates_order_is_not_obeyed(new_gate: Callable[..., GateBox], live: LiveOffice) -> None:
    east, west = new_gate("东门"), new_gate("西门")
    live.office.standings.wipe(west.identity.gate, EVERYTHING, "撤岗", who="li")
    for gate in (east, west):
        gate.uplink().push()
    assert not east.uplink().must_wipe(west.uplink().beat())


def test_the_scheduler_has_the_gate_wiped(gate: GateBox, live: LiveOffice) -> None:
    wiped: list[bool] = []
    uplink = gate.uplink()
    scheduler = Scheduler(uplink, PATIENT, on_wipe=lambda: wiped.append(True))
    uplink.push()
    scheduler._do_beat()
    assert wiped == []
    live.office.standings.wipe(gate.identity.gate, EVERYTHING, "撤岗", who="li")
    scheduler._do_beat()
    assert wiped == [True]


def test_a_wiped_gate_has_no_key_no_office_and_nobodys_name(gate: GateBox) -> None:
    gate.record(3)
    (gate.var / "handdown").mkdir(exist_ok=True)
    (gate.var / "gate.db").write_bytes(b"volunteers")
    gate.close()

    wiping.wipe(gate.var, AT)

    assert Identity.load(gate.var) is None
    left = {path.name for path in gate.var.iterdir()}
    assert left == {"journal.lock", "journal.wiped-20261122T040000Z.db"}
    content = (gate.var / "journal.wiped-20261122T040000Z.db").read_bytes()
    assert PERSON["name"].encode() not in content
    with sqlite3.connect(gate.var / "journal.wiped-20261122T040000Z.db") as file:
        assert file.execute("SELECT count(*) FROM events").fetchone() == (4,)
    wiping.wipe(gate.var, AT)  # again is harmless

    keys = Keys.load_or_create(gate.var)
    with Journal.open(gate.var / "journal.db", keys.gate, now=gate.now) as fresh:
        assert fresh.head().seq == 1
    gate.open()


def test_a_gate_that_is_too_old_says_that_it_needs_an_update(gate: GateBox) -> None:
    body = protocol.encode(protocol.Problem("upgrade", "protocol 1.1 is too old: update the gate's software"))
    with Impostor(426, body, {"Content-Type": "application/json"}) as office:
        with pytest.raises(LineError) as refused:
            gate.uplink(office.url).push()
        assert office.heard[0][protocol.SPOKEN_HEADER] == protocol.SPOKEN
    assert saying(refused.value).zh == "本门岗软件版本过旧，需要升级"
    assert gate.waiting == 1
