"""A gate whose clock jumps delivers everything, once and in order."""

from __future__ import annotations

from datetime import timedelta

from tests.sync.live import GateBox, LiveOffice

JUMPS = (timedelta(), timedelta(hours=-8), timedelta(days=2), timedelta(days=-900), timedelta(seconds=1))


def test_events_of_a_clock_that_jumps_reach_the_office_once_and_in_order(live: LiveOffice, gate: GateBox) -> None:
    up = gate.uplink()
    for jump in JUMPS:
        gate.ahead = jump
        gate.record(3)
        up.push()
        assert gate.waiting == 0
    up.close()
    assert live.visits() == sorted(gate.visits)
    (check,) = live.office.verify()
    assert (check.ok, check.seq) == (True, len(gate.visits) + 1)


def test_the_offset_that_an_event_carries_is_of_the_clock_it_was_recorded_by(live: LiveOffice, gate: GateBox) -> None:
    gate.ahead = timedelta(hours=-8)
    up = gate.uplink()
    up.push()
    (late,) = gate.record()
    up.close()
    assert late.clock.offset_ms is not None
    assert abs(late.clock.offset_ms - 8 * 3_600_000) < 60_000
