"""A day's head countersigned: over the wire to the gate's own file, whatever happens to the answer."""

from __future__ import annotations

import base64
import uuid
from datetime import timedelta

import pytest
from msgspec import structs

from kiosk import signet
from kiosk.errors import JournalError
from kiosk.journal.seals import Countersign
from kiosk.model import Event
from sync import protocol
from sync.push import Pusher
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
    pusher: Pusher = uplink._pusher
    day = report.open["day"]
    forged = protocol.DaySeal(day, gate.journal.id, report.seq, report.digest, base64.b64encode(bytes(64)).decode())
    elsewhere = structs.replace(forged, journal=str(uuid.uuid4()))
    pusher._keep_seals(gate.journal.id, protocol.Receipt(1, report.digest, "", 0, days=[forged, elsewhere]))
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
