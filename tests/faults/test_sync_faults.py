"""Whatever the network does to the exchange, once it heals every event is at the office exactly once."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk.config import Sync
from kiosk.errors import GatehouseError, SyncError
from kiosk.handdown import NO_BUNDLE
from kiosk.identity import Identity
from sync.enrolment import enroll
from sync.office.values import EVERYTHING
from tests.faults.proxy import Fault, FaultyProxy
from tests.sync.live import GateBox, LiveOffice

PATIENT = Sync(timeout_s=10, batch=4)
IMPATIENT = Sync(timeout_s=0.25, batch=4)
FAULTS = [fault for fault in Fault if fault is not Fault.NONE]
HARMLESS = (Fault.TWICE, Fault.SLOW)  # the exchange succeeds all the same


@pytest.fixture
def proxy(live: LiveOffice) -> Iterator[FaultyProxy]:
    with FaultyProxy(live.port) as running:
        yield running


def acknowledged_no_more_than_held(live: LiveOffice, gate: GateBox) -> bool:
    return gate.journal.outbox().through <= live.through(gate)


@pytest.mark.parametrize("fault", FAULTS)
def test_every_event_arrives_once_after_a_fault_in_the_push(
    live: LiveOffice, gate: GateBox, proxy: FaultyProxy, fault: Fault
) -> None:
    gate.record(3)
    uplink = gate.uplink(proxy.url, PATIENT if fault in HARMLESS else IMPATIENT)
    proxy.fault = fault
    with contextlib.nullcontext() if fault in HARMLESS else pytest.raises(SyncError):
        uplink.push()
    assert proxy.seen >= 1
    assert acknowledged_no_more_than_held(live, gate)
    assert (gate.journal.outbox().synced_at is not None) == (fault in HARMLESS)
    gate.record(2)
    proxy.heal()
    gate.uplink(proxy.url, PATIENT).push()
    assert live.visits() == sorted(gate.visits)
    assert gate.waiting == 0
    assert gate.journal.outbox().synced_at is not None


@pytest.mark.parametrize("fault", FAULTS)
def test_the_last_good_bundle_stays_through_a_fault_in_the_pull(
    live: LiveOffice, gate: GateBox, proxy: FaultyProxy, fault: Fault
) -> None:
    version = live.office.publish.ensure(live.community.id)
    proxy.fault = fault
    with contextlib.suppress(GatehouseError):
        gate.uplink(proxy.url, PATIENT if fault in HARMLESS else IMPATIENT).pull()
    assert gate.handdown.bundle == NO_BUNDLE or gate.handdown.bundle.version == version
    assert (gate.handdown.bundle.version == version) == (fault in HARMLESS)
    proxy.heal()
    gate.uplink(proxy.url, PATIENT).pull()
    assert gate.handdown.bundle.version == version
    assert not list((gate.var / "handdown").glob("*.new"))


@pytest.mark.parametrize("fault", [Fault.REFUSE, Fault.STALL, Fault.CORRUPT_ANSWER, Fault.RUBBISH])
def test_a_bundle_cut_short_between_its_sections_is_not_put_in_force(
    live: LiveOffice, gate: GateBox, proxy: FaultyProxy, fault: Fault
) -> None:
    live.office.publish.ensure(live.community.id)
    gate.uplink(proxy.url, PATIENT).pull()
    before = gate.handdown.bundle
    live.office.publish.publish(
        live.community.id, {"watch": {"entries": []}, "notices": {"notices": [notice("n1")]}}, who="test"
    )
    proxy.after = 1  # the manifest still comes through
    proxy.fault = fault
    with pytest.raises(GatehouseError):
        gate.uplink(proxy.url, IMPATIENT).pull()
    assert gate.handdown.bundle == before
    proxy.heal()
    assert gate.uplink(proxy.url, PATIENT).pull()
    assert gate.handdown.bundle.version == before.version + 1


def notice(name: str) -> dict[str, str]:
    return {"id": name, "zh": "通知", "en": "Notice", "at": "2026-11-22T03:30:00.000Z"}


# Enrolment is not signed: what changes it on its way is TLS's to find. Twice is once, whichever answer comes back.
NO_ANSWER = [fault for fault in FAULTS if fault not in (*HARMLESS, Fault.TWICE_SECOND_ANSWER, Fault.CORRUPT_REQUEST)]


@pytest.mark.parametrize("fault", NO_ANSWER)
def test_a_gate_is_enrolled_whole_or_not_at_all(
    live: LiveOffice, proxy: FaultyProxy, fault: Fault, tmp_path_factory: pytest.TempPathFactory
) -> None:
    var, token = tmp_path_factory.mktemp("gate"), live.token("南门")
    proxy.fault = fault
    with pytest.raises(SyncError):
        enroll(proxy.url, token, var, "南门", timeout_s=0.25)
    assert Identity.load(var) is None
    proxy.heal()
    enroll(proxy.url, token, var, "南门")  # the same key with the same token: a lost answer is given again
    identity = Identity.load(var)
    assert identity
    assert live.office.gates.public_key(identity.gate) is not None


def test_one_slow_answer_makes_smaller_batches_and_they_grow_again(
    live: LiveOffice, gate: GateBox, proxy: FaultyProxy
) -> None:
    gate.record(9)
    uplink = gate.uplink(proxy.url, PATIENT)
    proxy.fault = Fault.LOSE_ANSWER
    with pytest.raises(SyncError):
        uplink.push()
    proxy.heal()
    steps: list[int] = []
    uplink.push(lambda sent, _: steps.append(sent))
    assert steps == [2, 6, 8]  # of ten; two of the first four had arrived all the same


step = st.tuples(st.integers(0, 5), st.sampled_from(FAULTS), st.booleans(), st.booleans())


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(step, min_size=2, max_size=6))
def test_no_sequence_of_faults_and_restarts_loses_or_doubles_an_event(
    live: LiveOffice, new_gate: Callable[..., GateBox], steps: list[tuple[int, Fault, bool, bool]]
) -> None:
    gate = new_gate(f"门{len(live.office.gates.list(EVERYTHING))}")
    with FaultyProxy(live.port) as proxy:
        for count, fault, restarts, heals in steps:
            gate.record(count)
            proxy.fault = fault
            with contextlib.suppress(SyncError):
                gate.uplink(proxy.url, IMPATIENT).push()
            assert acknowledged_no_more_than_held(live, gate)
            if restarts:
                gate.close()
                gate.open()
            if heals:
                proxy.heal()
                gate.uplink(proxy.url, PATIENT).push()
                assert gate.waiting == 0
        proxy.heal()
        gate.uplink(proxy.url, PATIENT).push()
    assert live.visits(gate) == sorted(gate.visits)
    assert gate.waiting == 0
    assert live.through(gate) == gate.journal.head().seq
