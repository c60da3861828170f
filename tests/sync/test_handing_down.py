"""A gate fetches what the office publishes: once, only what it lacks, and never what was changed or is older."""

from __future__ import annotations

import json

import pytest

from kiosk.errors import HandDownError
from sync import protocol
from tests.sync.live import GateBox, LiveOffice, refused


def test_what_the_office_publishes_is_put_in_force_once(live: LiveOffice, gate: GateBox) -> None:
    uplink = gate.uplink()
    version = live.office.publish.ensure(live.community.id)
    assert uplink.pull()
    assert gate.handdown.bundle.version == version
    assert not uplink.pull()
    live.office.publish.publish(live.community.id, {"notices": {"notices": []}}, who="test")
    assert uplink.pull()
    assert gate.handdown.bundle.version == version + 1


def test_a_section_the_gate_has_is_not_fetched_again(live: LiveOffice, gate: GateBox) -> None:
    live.office.publish.ensure(live.community.id)
    gate.uplink().pull()
    manifest = json.loads((gate.var / "handdown" / "manifest.json").read_bytes())
    live.office.publish.publish(live.community.id, {"watch": {"entries": []}}, who="test")
    fresh = protocol.encode(live.office.publish.manifest(live.community.id))  # type: ignore[arg-type]
    missing = gate.handdown.missing(json.loads(fresh))
    assert {sha256 for _, sha256 in missing}.isdisjoint(manifest["sections"].values())


def test_a_section_changed_at_the_office_keeps_the_last_good_bundle(live: LiveOffice, gate: GateBox) -> None:
    uplink = gate.uplink()
    version = live.office.publish.ensure(live.community.id)
    uplink.pull()
    live.office.publish.publish(live.community.id, {"notices": {"notices": []}, "watch": {"entries": []}}, who="test")
    with live.office.database.write() as tx:
        tx.exec_driver_sql("UPDATE section SET content = CAST(content || ' ' AS BLOB)")
    for path in (gate.var / "handdown").glob("[0-9a-f]*"):
        path.unlink()
    assert refused(uplink.pull).word == "rubbish"
    assert gate.handdown.bundle.version == version


def test_a_bundle_of_an_office_put_back_is_not_taken(live: LiveOffice, gate: GateBox) -> None:
    uplink = gate.uplink()
    live.office.publish.ensure(live.community.id)
    live.office.publish.publish(live.community.id, {"notices": {"notices": []}}, who="test")
    uplink.pull()
    version = gate.handdown.bundle.version
    with live.office.database.write() as tx:
        tx.exec_driver_sql(f"DELETE FROM bundle WHERE version = {version}")
    with pytest.raises(HandDownError, match="older"):
        gate.uplink().pull()
    assert gate.handdown.bundle.version == version
