"""A stick instead of a line: sealed, signed, counted once, and taken by nobody it is not for."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from kiosk.config import Settings
from kiosk.service import build
from sync import parcel
from sync.courier import Courier
from sync.mailbox import Mailbox, leave
from sync.office.courier import Courier as OfficeCourier
from sync.office.values import EVERYTHING
from sync.parcel import ParcelError
from tests.sync.live import GateBox, LiveOffice
from tests.sync.office.gate_end import PERSON


def courier(gate: GateBox, batch: int = 500) -> Courier:
    return Courier(
        journal=gate.journal,
        handdown=gate.handdown,
        identity=gate.identity,
        sign_key=gate.keys.sign,
        now=gate.now,
        batch=batch,
    )


def office(live: LiveOffice) -> OfficeCourier:
    return OfficeCourier(live.office)


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    folder = tmp_path / "stick"
    folder.mkdir()
    return folder


def there_and_back(live: LiveOffice, gate: GateBox, stick: Path, name: str = "a") -> None:
    courier(gate).out(stick / f"{name}.out")
    office(live).take(stick / f"{name}.out", who="test")
    office(live).answer(gate.identity.gate, stick / f"{name}.in", who="test")
    courier(gate).take(stick / f"{name}.in")


def test_what_waits_gets_there_and_the_acknowledgement_and_the_handdown_come_back(
    live: LiveOffice, gate: GateBox, stick: Path
) -> None:
    gate.record(7)
    said: list[tuple[int, int]] = []
    written = courier(gate, batch=3).out(stick / "out", lambda sent, waiting: said.append((sent, waiting)))
    assert (written.events, said) == (8, [(3, 5), (6, 2), (8, 0)])
    assert gate.waiting == 8, "nothing counts as sent before the office says so"
    done = office(live).take(stick / "out", who="test")
    assert (done.gate_name, done.events, done.new, done.troubles) == ("东门", 8, 8, ())
    assert live.visits() == sorted(gate.visits)
    assert office(live).answer(gate.identity.gate, stick / "in", who="test")
    taken = courier(gate).take(stick / "in")
    assert (taken.acknowledged, taken.waiting, taken.changed) == (8, 0, True)
    assert gate.waiting == 0
    assert gate.handdown.bundle.version == taken.bundle == live.office.publish.version(live.community.id)
    assert "policy" in gate.handdown.bundle.sections


def test_the_same_events_by_both_ways_and_twice_count_once(live: LiveOffice, gate: GateBox, stick: Path) -> None:
    gate.record(3)
    courier(gate).out(stick / "out")
    gate.record(2)
    gate.uplink().push()
    for _ in range(2):
        assert office(live).take(stick / "out", who="test").new == 0
    assert live.visits() == sorted(gate.visits)
    gate.record(1)
    there_and_back(live, gate, stick)
    gate.uplink().push()
    assert live.visits() == sorted(gate.visits)
    assert all(check.ok for check in live.office.verify())


def test_a_stick_says_nothing_of_the_gates_line(live: LiveOffice, gate: GateBox, stick: Path) -> None:
    before = live.office.gates.get(gate.identity.gate, EVERYTHING).last_contact_at
    gate.record(1)
    there_and_back(live, gate, stick)
    assert live.office.gates.get(gate.identity.gate, EVERYTHING).last_contact_at == before


def test_nothing_of_a_person_can_be_read_on_the_stick(live: LiveOffice, gate: GateBox, stick: Path) -> None:
    gate.record(5)
    there_and_back(live, gate, stick)
    for file in stick.iterdir():
        content = file.read_bytes()
        assert file.stat().st_mode & 0o777 == 0o600
        for text in (PERSON["name"], PERSON["phone"], "passage", "policy"):
            assert str(text).encode() not in content


def test_only_the_office_it_is_for_opens_it(gate: GateBox, stick: Path) -> None:
    gate.record(1)
    courier(gate).out(stick / "out")
    with pytest.raises(ParcelError, match="sealed for somebody else"):
        list(parcel.read(stick / "out", Ed25519PrivateKey.generate()))
    with pytest.raises(ParcelError, match="sealed for somebody else"):
        list(parcel.read(stick / "out", gate.keys.sign))


def test_an_altered_or_shortened_parcel_is_refused_and_nothing_of_it_is_taken(
    live: LiveOffice, gate: GateBox, stick: Path
) -> None:
    gate.record(20)
    courier(gate, batch=5).out(stick / "out")
    office(live).answer(gate.identity.gate, stick / "in", who="test")
    for name, take in (("out", lambda path: office(live).take(path, who="t")), ("in", lambda p: courier(gate).take(p))):
        whole = (stick / name).read_bytes()
        torn = stick / "torn"
        for place in (len(parcel.MAGIC) + 300, len(whole) // 2, len(whole) - 70, len(whole) - 3):
            torn.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
            with pytest.raises(ParcelError, match=r"altered|cannot be read|gate|office"):
                take(torn)
        for size in (0, 10, 200, len(whole) // 2, len(whole) - 1):
            torn.write_bytes(whole[:size])
            with pytest.raises(ParcelError):
                take(torn)
    assert live.passages() == 0
    assert (gate.waiting, gate.handdown.bundle.version) == (21, 0)


def test_a_parcel_for_somebody_else_is_named_as_such(
    live: LiveOffice, new_gate: Callable[..., GateBox], stick: Path, tmp_path: Path
) -> None:
    east, west = new_gate("东门"), new_gate("西门")
    courier(east).out(stick / "out")
    office(live).answer(west.identity.gate, stick / "west", who="test")
    with pytest.raises(ParcelError, match=f"is for gate {west.identity.gate}"):
        courier(east).take(stick / "west")
    with pytest.raises(ParcelError, match="was written by a gate"):
        courier(east).take(stick / "out")
    with pytest.raises(ParcelError, match="was written by an office"):
        office(live).take(stick / "west", who="test")
    (stick / "list.txt").write_text("milk, bread")
    for take in (courier(east).take, lambda path: office(live).take(path, who="test")):
        with pytest.raises(ParcelError, match="not a parcel"):
            take(stick / "list.txt")
    strange = LiveOffice(f"sqlite:///{tmp_path / 'strange.db'}", tmp_path / "strange")
    try:
        with pytest.raises(ParcelError, match="for another office"):
            office(strange).take(stick / "out", who="test")
    finally:
        strange.stop()


def test_a_gate_that_was_cut_off_gets_nothing_in(live: LiveOffice, gate: GateBox, stick: Path) -> None:
    gate.record(1)
    courier(gate).out(stick / "out")
    live.office.enrolment.cut_off(gate.identity.gate, EVERYTHING, who="test")
    with pytest.raises(ParcelError, match="not enrolled here"):
        office(live).take(stick / "out", who="test")
    with pytest.raises(ParcelError, match="no key to seal for"):
        office(live).answer(gate.identity.gate, stick / "in", who="test")
    assert live.passages() == 0


def test_a_suspended_gate_is_acknowledged_and_handed_nothing_down(live: LiveOffice, gate: GateBox, stick: Path) -> None:
    gate.record(2)
    live.office.standings.suspend(gate.identity.gate, EVERYTHING, "设备送修", who="test")
    there_and_back(live, gate, stick)
    assert (gate.waiting, gate.handdown.bundle.version) == (0, 0)
    assert live.visits() == sorted(gate.visits)


def test_an_old_answer_takes_nothing_back(live: LiveOffice, gate: GateBox, stick: Path) -> None:
    gate.record(1)
    there_and_back(live, gate, stick, "first")
    gate.record(2)
    there_and_back(live, gate, stick, "second")
    version = gate.handdown.bundle.version
    with pytest.raises(ParcelError, match="older than what the office has acknowledged"):
        courier(gate).take(stick / "first.in")
    assert (gate.waiting, gate.handdown.bundle.version) == (0, version)
    assert courier(gate).take(stick / "second.in").acknowledged == 0
    live.office.publish.publish(live.community.id, {}, who="test")
    office(live).answer(gate.identity.gate, stick / "third", who="test")
    assert courier(gate).take(stick / "third").bundle == version + 1
    with pytest.raises(ParcelError, match="older than"):
        courier(gate).take(stick / "second.in")


def test_an_office_that_lost_what_it_had_says_so_and_is_given_everything(
    live: LiveOffice, gate: GateBox, stick: Path, tmp_path: Path
) -> None:
    gate.record(2)
    before = tmp_path / "office-before.db"
    live.stop()
    database = Path(live.settings.url.removeprefix("sqlite:///"))
    shutil.copy(database, before)
    live.start()
    gate.uplink().push()
    gate.record(2)
    live.stop()
    for more in ("-wal", "-shm"):
        database.with_name(database.name + more).unlink(missing_ok=True)
    shutil.copy(before, database)
    live.start()
    courier(gate).out(stick / "out")
    assert "send again from number 1" in office(live).take(stick / "out", who="test").troubles[0]
    courier(gate).out(stick / "all", everything=True)
    assert office(live).take(stick / "all", who="test").troubles == ()
    assert live.visits() == sorted(gate.visits)


def test_where_the_office_holds_another_history_the_gate_begins_a_new_journal(
    live: LiveOffice, gate: GateBox, stick: Path
) -> None:
    gate.record(2)
    gate.close()
    twin = GateBox.__new__(GateBox)
    twin.__dict__.update(gate.__dict__)
    twin.var = gate.var.with_name("twin")
    shutil.copytree(gate.var, twin.var)
    twin.open()
    twin.record(3)
    twin.uplink().push()
    gate.open()
    gate.record(2)
    there_and_back(live, gate, stick, "a")
    assert gate.journal.after(0, 1)[0].open["why"] == "fork"
    there_and_back(live, gate, stick, "b")
    assert gate.waiting == 0
    assert live.visits() == sorted(gate.visits)
    assert len(set(gate.visits)) == 7, "those of both branches, each once"
    twin.close()


def test_a_running_gate_takes_what_is_left_for_it(live: LiveOffice, gate: GateBox, stick: Path) -> None:
    gate.record(2)
    courier(gate).out(stick / "out")
    office(live).take(stick / "out", who="test")
    office(live).answer(gate.identity.gate, stick / "in", who="test")
    told: list[bool] = []
    box = Mailbox(gate.var, courier(gate), lambda: told.append(True))
    box.look()
    assert told == []
    leave(stick / "in", gate.var)
    box.look()
    assert (gate.waiting, told) == (0, [True])
    assert list((gate.var / "courier").iterdir()) == []
    gate.close()
    running = build(Settings(gate={"name": "东门", "var": gate.var}, lane=[{"name": "1", "kind": "scanner"}]))  # type: ignore[arg-type]
    assert running.mailbox
    running.stop()


def test_the_keys_fit_whichever_key_they_are_made_of() -> None:
    for _ in range(20):
        key = Ed25519PrivateKey.generate()
        own = parcel.opening_key(key).public_key().public_bytes_raw()
        assert parcel.sealing_key(key.public_key().public_bytes_raw()).public_bytes_raw() == own
        assert len(X25519PrivateKey.generate().private_bytes_raw()) == 32
    for rubbish in (b"", bytes(32), (1).to_bytes(32, "little"), b"\xff" * 32):
        with pytest.raises(ParcelError):
            parcel.sealing_key(rubbish)


def test_a_parcel_never_overwrites_a_file(gate: GateBox, stick: Path) -> None:
    (stick / "out").write_text("something else")
    with pytest.raises(ParcelError, match="exists already"):
        courier(gate).out(stick / "out")
    with pytest.raises(ParcelError, match="cannot be written"):
        courier(gate).out(stick / "nowhere" / "out")
    assert [file.name for file in stick.iterdir()] == ["out"]
    assert json.dumps((stick / "out").read_text()) == '"something else"'


def test_an_answer_brings_the_signatures_under_closed_days(live: LiveOffice, gate: GateBox, stick: Path) -> None:
    reports = [gate.journal.day_close((gate.now() - timedelta(days=days)).date()) for days in (4, 3)]
    gate.record(2)
    there_and_back(live, gate, stick)
    kept = gate.journal.countersigns()
    assert [seal.digest for seal in kept] == [report.digest for report in reports if report]
    gate.uplink().push()
    assert gate.journal.countersigns() == kept
