"""The end of every history: all is mended, the gates push, and the office is compared with what they announced."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from tests.faults.gate_side import GateSide
from tests.faults.truth import Finding, judge
from tests.faults.world import World

ROUNDS = 6
HOUR_AND_MORE = timedelta(hours=2)  # a gate begins a new journal after a fork only once an hour


def heal(world: World, gates: Sequence[GateSide]) -> list[str]:
    """Mend everything and let the gates push; what still hinders them."""
    world.proxy.heal()
    world.office.mend_disk()
    world.office.ahead = timedelta()
    for gate in gates:
        gate.drive.mend()
        gate.ahead = timedelta()
    troubles: list[str] = []
    for turn in range(ROUNDS):
        troubles = [trouble for gate in gates if (trouble := gate.deliver())]
        if turn and not troubles:
            break
        for gate in gates if turn else ():
            gate.ahead += HOUR_AND_MORE
    return troubles


def compare(world: World, gates: Sequence[GateSide]) -> Finding:
    """What is wrong once everything has healed."""
    writers = {f"{gate.identity.gate}/{number}": gate for number, gate in enumerate(gates)}
    branches = {name: gate.announced for name, gate in writers.items()}
    written = {name: gate.written | set(gate.journal.journals()) for name, gate in writers.items()}
    excused = {gate.identity.gate: 0 for gate in gates}
    for gate in gates:  # a clone has the name of the one it was made of
        excused[gate.identity.gate] += len(gate.forgotten)
    finding = judge(world.office.office, branches, written, excused)
    if finding.known_missing and not any(gate.may_lack for gate in gates):
        finding.lost.append(f"{finding.known_missing} that the gate holds and does not send")
    return finding
