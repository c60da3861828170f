"""A day's head countersigned: over the wire to the gate's own file, whatever happens to the answer."""

from __future__ import annotations

import base64
import sqlite3
import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from msgspec import structs

from kiosk import signet
from kiosk.errors import JournalError
from kiosk.journal.seals import Countersign
from kiosk.model import Event
from sync import countersigned, protocol
from sync.office.errors import Fork
from tests.sync.live import GateBox, LiveOffice, utc_now


def close_yesterday(gate: GateBox) -> Event:
    report = gate.journal.day_close((utc_now() - timedelta(days=1)).date() - timedelta(days=1))
    assert report is not None
    return report


def test_the_office_countersigns_a_closed_day_and_the_gate_keeps_it(gate: GateBox, live: LiveOffice) -> None:
    gate.record(2)
    report = close_yesterday(gate)
    assert gate.journal.countersigns() == []

    gate.uplink().push()

    (seal,) = gate.journal.countersigns()
    assert (seal.day.isoformat(), seal.journal, seal.seq, seal.digest) == (
        report.open["day"],
        gate.journal.id,
        report.seq,
        report.digest,
    )
    said = protocol.DaySeal(seal.day.isoformat(), seal.journal, seal.seq, seal.digest, seal.signature)
    assert signet.fits(gate.identity.office_key, protocol.day_statement(gate.identity.gate, said), seal.signature)
    assert live.through(gate) == report.seq
    again = gate.uplink()
    gate.journal.rebuild()
    again.push()
    assert gate.journal.countersigns() == [seal]


def test_what_the_office_did_not_sign_is_not_kept_and_stops_nothing(gate: GateBox) -> None:
    report = close_yesterday(gate)
    uplink = gate.uplink()
    day = report.open["day"]
    forged = protocol.DaySeal(day, gate.journal.id, report.seq, report.digest, base64.b64encode(bytes(64)).decode())
    elsewhere = structs.replace(forged, journal=str(uuid.uuid4()))
    receipt = protocol.Receipt(1, report.digest, "", 0, days=[forged, elsewhere])
    countersigned.keep(gate.journal, gate.identity, gate.journal.id, receipt)
    assert gate.journal.countersigns() == []
    uplink.push()
    assert gate.waiting == 0
    assert len(gate.journal.countersigns()) == 1


def test_a_countersignature_of_another_event_is_not_kept(gate: GateBox) -> None:
    report = close_yesterday(gate)
    seal = Countersign((utc_now() - timedelta(days=2)).date(), gate.journal.id, report.seq, "11" * 32, "AAAA")
    with pytest.raises(JournalError, match="another event"):
        gate.journal.countersigned(seal)
    assert gate.journal.countersigns() == []


def forget_signatures(gate: GateBox) -> None:
    """The gate as it was when it did not keep them yet."""
    with sqlite3.connect(gate.var / "journal.db") as file:
        file.execute("DELETE FROM countersigns")


def test_a_signature_that_the_gate_lacks_is_asked_for_and_no_event_is_sent_again(
    gate: GateBox, live: LiveOffice
) -> None:
    reports = [gate.journal.day_close((utc_now() - timedelta(days=days)).date()) for days in (5, 4, 3)]
    gate.record(2)
    gate.uplink().push()
    kept = gate.journal.countersigns()
    assert [seal.seq for seal in kept] == [report.seq for report in reports if report]
    forget_signatures(gate)
    assert gate.journal.unsigned(gate.journal.id, 62) == [seal.seq for seal in reversed(kept)]

    assert gate.uplink().push().sent == 0
    assert gate.journal.countersigns() == kept
    assert gate.journal.unsigned(gate.journal.id, 62) == []


def test_signatures_are_asked_for_of_earlier_journals_too(gate: GateBox, live: LiveOffice) -> None:
    report = close_yesterday(gate)
    gate.uplink().push()
    old = gate.journal.id
    gate.journal.renew("restored")
    gate.uplink().push()
    forget_signatures(gate)
    gate.uplink().push()
    assert [(seal.journal, seal.seq) for seal in gate.journal.countersigns()] == [(old, report.seq)]


def test_nobody_is_told_of_another_gates_days(
    gate: GateBox, live: LiveOffice, new_gate: Callable[..., GateBox]
) -> None:
    report = close_yesterday(gate)
    gate.uplink().push()
    west = new_gate("西门")
    west.uplink().push()
    asked = protocol.Events(gate.journal.id, [], [report.seq])
    with pytest.raises(Fork):
        live.office.intake.take(west.identity.gate, asked, live.office.now())
    own = protocol.Events(west.journal.id, [], [report.seq])
    assert live.office.intake.take(west.identity.gate, own, live.office.now()).days == []
