"""Gate, wire and office under any order of faults; then everything heals, and what was announced must be there.

The model is a plain list for each writer of what it announced (gate_side.py, truth.py). A history ends by mending
everything, letting the gates push, and comparing the office's own tables with these lists.
"""

from __future__ import annotations

import random
import sqlite3
import sys
from contextlib import closing, nullcontext, suppress
from datetime import timedelta
from pathlib import Path
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from kiosk.errors import GatehouseError
from sync.office.courier import Courier as OfficeCourier
from sync.office.values import EVERYTHING
from tests.faults.drive import Loss
from tests.faults.gate_side import IMPATIENT, ZONE, GateSide
from tests.faults.healing import compare, heal
from tests.faults.proxy import Fault
from tests.faults.tally import Tally
from tests.faults.vfs import FULL, IOERR_WRITE, READONLY
from tests.faults.world import World

SLOW_FAULTS = (Fault.STALL, Fault.DRIP)
DISKS = {"full": FULL, "read-only": READONLY, "broken": IOERR_WRITE}

which = st.integers(0, 1)
counts = st.integers(1, 4) | st.integers(1, 20)
moments = st.integers(0, 12) | st.integers(0, 40)  # operations of a disk
losses = st.sampled_from(Loss)
disks = st.sampled_from(sorted(DISKS))
line_faults = st.sampled_from([fault for fault in Fault if fault not in (*SLOW_FAULTS, Fault.NONE)])
steps_s = st.sampled_from([-3 * 86_400, -86_400, -7200, -400, -2, 2, 400, 7200, 86_400, 3 * 86_400])


class PromiseBroken(AssertionError):
    """Something announced was lost, doubled or altered."""


class History(RuleBasedStateMachine):
    """One history. `world` is set before the first."""

    world: ClassVar[World]

    @initialize(seed=st.integers(0, 2**32 - 1))
    def begin(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.gates = [self.world.begin()]
        self.parcels: list[Path] = []
        self.answers: list[Path] = []
        self.papers = 0

    def teardown(self) -> None:
        try:
            if hasattr(self, "gates") and sys.exc_info()[0] is None:
                self._judge()
        finally:
            for gate in getattr(self, "gates", []):
                gate.stop()

    # --- what a gate does --------------------------------------------------------------------------------------

    @rule(n=which, count=counts, alert=st.booleans(), direction=st.sampled_from(["in", "out"]))
    def people_pass(self, n: int, count: int, alert: bool, direction: str) -> None:
        assert self._gate(n).record(count, alert=alert, direction=direction)

    @rule(n=which, count=counts)
    def more_people_pass(self, n: int, count: int) -> None:
        assert self._gate(n).record(count)

    @rule(n=which)
    def days_are_closed(self, n: int) -> None:
        self._gate(n).close_days()

    @rule(n=which, ago=st.integers(-1, 4))
    def a_day_is_forgotten(self, n: int, ago: int) -> None:
        gate = self._gate(n)
        gate.forget((gate.now() - timedelta(days=ago)).astimezone(ZONE).date())
        self._note("day forgotten")

    @rule(n=which)
    def push(self, n: int) -> None:
        self._push(self._gate(n))

    @rule(n=which)
    def pull_and_beat(self, n: int) -> None:
        for call in (self._gate(n).uplink.pull, self._gate(n).uplink.beat):
            with suppress(GatehouseError):
                call()

    # --- the wire ----------------------------------------------------------------------------------------------

    @rule(n=which, fault=line_faults, after=st.integers(0, 3))
    def the_line_fails(self, n: int, fault: Fault, after: int) -> None:
        self._under(self._gate(n), fault, after)

    @rule(n=which, fault=line_faults)
    def the_line_fails_at_once(self, n: int, fault: Fault) -> None:
        self._under(self._gate(n), fault, 0)

    @rule(n=which, fault=st.sampled_from(SLOW_FAULTS), after=st.integers(0, 2))
    def the_line_hangs(self, n: int, fault: Fault, after: int) -> None:
        self._under(self._gate(n), fault, after)

    @rule(n=which)
    def a_parcel_is_written(self, n: int) -> None:
        with suppress(GatehouseError):
            self._gate(n).courier().out(self._paper(self.parcels), everything=self.chance.random() < 0.2)
            self._note("parcel by stick")

    @precondition(lambda self: self.parcels)
    @rule(back=st.integers(0, 3))
    def a_parcel_arrives(self, back: int) -> None:
        with suppress(GatehouseError):
            parcel = self.parcels[-1 - back % len(self.parcels)]
            OfficeCourier(self.world.office.office).take(parcel, who="test")

    @rule(n=which)
    def an_answer_is_written(self, n: int) -> None:
        with suppress(GatehouseError):
            courier = OfficeCourier(self.world.office.office)
            courier.answer(self._gate(n).identity.gate, self._paper(self.answers), who="test")

    @precondition(lambda self: self.answers)
    @rule(n=which, back=st.integers(0, 3))
    def an_answer_comes_back(self, n: int, back: int) -> None:
        with suppress(GatehouseError):
            self._gate(n).courier().take(self.answers[-1 - back % len(self.answers)])

    # --- the gate's machine ------------------------------------------------------------------------------------

    @rule(n=which)
    def the_gate_is_restarted(self, n: int) -> None:
        self._gate(n).restart()
        self._note("gate restarted")

    @rule(n=which, count=counts, at=moments, loss=losses)
    def the_gate_goes_down_while_recording(self, n: int, count: int, at: int, loss: Loss) -> None:
        gate = self._gate(n)
        gate.drive.fail(at, IOERR_WRITE, cut=True)
        gate.record(count)
        self._crash(gate, loss)

    @rule(n=which, at=moments, loss=losses)
    def the_gate_goes_down_while_pushing(self, n: int, at: int, loss: Loss) -> None:
        gate = self._gate(n)
        gate.drive.fail(at, IOERR_WRITE, cut=True)
        self._push(gate)
        self._crash(gate, loss)

    @rule(n=which, count=counts, at=moments, disk=disks)
    def the_gates_disk_fails(self, n: int, count: int, at: int, disk: str) -> None:
        gate = self._gate(n)
        gate.drive.fail(at, DISKS[disk])
        gate.record(count)
        self._push(gate)
        if gate.drive.mend():
            self._note(f"gate's disk {disk}")

    @rule(n=which, count=counts)
    def the_gates_file_is_held(self, n: int, count: int) -> None:
        gate = self._gate(n)
        with gate.busy():
            assert not gate.record(count)
        self._note("gate's file busy")

    @rule(n=which, seconds=steps_s)
    def the_gates_clock_is_set(self, n: int, seconds: int) -> None:
        self._gate(n).ahead += timedelta(seconds=seconds)
        self._note("gate's clock stepped")

    @rule(n=which)
    def a_backup_is_taken(self, n: int) -> None:
        self._gate(n).keep()

    @rule(n=which, by_hand=st.booleans())
    def the_backup_is_put_back(self, n: int, by_hand: bool) -> None:
        gate = self._gate(n)
        if gate.copy and not gate.wounded:
            gate.put_back(by_hand=by_hand)
            self._note("journal restored by hand" if by_hand else "journal restored")

    @rule(n=which, page=st.integers(0, 63))
    def a_page_is_lost(self, n: int, page: int) -> None:
        gate = self._gate(n)
        if not gate.wounded:
            gate.damage(page, self.chance)
            self._note("journal page damaged")

    @precondition(lambda self: len(self.gates) == 1)
    @rule()
    def the_gate_is_cloned(self) -> None:
        self.gates.append(self.gates[0].clone(self.world.folder / "clone"))
        self._note("journal cloned")

    # --- the office's machine ----------------------------------------------------------------------------------

    @rule()
    def the_office_is_restarted(self) -> None:
        self.world.office.restart()
        self._note("office restarted")

    @rule(n=which, at=moments, loss=losses)
    def the_office_goes_down_while_taking(self, n: int, at: int, loss: Loss) -> None:
        self.world.office.fail_disk(at, cut=True)
        self._push(self._gate(n))
        self.world.office.crash(loss, self.chance)
        self._note("office killed" if loss is Loss.NOTHING else "office's power cut")

    @rule(n=which, at=moments, disk=disks)
    def the_offices_disk_fails(self, n: int, at: int, disk: str) -> None:
        self.world.office.fail_disk(at, DISKS[disk])
        self._push(self._gate(n))
        if self.world.office.mend_disk():
            self._note(f"office's disk {disk}")

    @rule(n=which)
    def the_offices_file_is_held(self, n: int) -> None:
        path = self.world.office.path
        with closing(sqlite3.connect(path, isolation_level=None)) if path else nullcontext() as other:
            if other:
                other.execute("BEGIN IMMEDIATE")
                self._note("office's file busy")
            self._push(self._gate(n))

    @rule()
    def the_office_is_copied(self) -> None:
        self.world.office.keep()

    @precondition(lambda self: self.world.office.kept)
    @rule()
    def the_copy_of_the_office_is_put_back(self) -> None:
        self.world.office.put_back()
        self._note("office restored")

    @rule(seconds=steps_s)
    def the_offices_clock_is_set(self, seconds: int) -> None:
        self.world.office.ahead += timedelta(seconds=seconds)
        self._note("office's clock stepped")

    @rule(n=which, suspended=st.booleans())
    def the_gate_is_suspended_or_not(self, n: int, suspended: bool) -> None:
        standings, gate = self.world.office.office.standings, self._gate(n).identity.gate
        if suspended:
            standings.suspend(gate, EVERYTHING, "设备送修", who="test")
            self._note("gate suspended")
        else:
            standings.resume(gate, EVERYTHING, who="test")

    # --- the end -----------------------------------------------------------------------------------------------

    def _judge(self) -> None:
        tally = Tally() if self.world.broken else self.world.tally
        troubles = heal(self.world, self.gates)
        finding = compare(self.world, self.gates)
        tally.histories += 1
        tally.passages += len({item.origin for gate in self.gates for item in gate.announced if item.kind == "passage"})
        tally.known_missing += finding.known_missing
        tally.lost += len(finding.lost)
        tally.duplicated += len(finding.duplicated)
        tally.altered += len(finding.altered)
        if not finding.ok:
            self.world.broken = True
            raise PromiseBroken(f"{finding}; {troubles or 'nothing'} hindered the gates")

    # --- helpers -----------------------------------------------------------------------------------------------

    def _gate(self, n: int) -> GateSide:
        """A gate, at which life goes on: people pass, now and then it pushes."""
        gate = self.gates[n % len(self.gates)]
        if more := self.chance.choice((0, 1, 1, 2, 5)):
            gate.record(more)
        if self.chance.random() < 0.3:
            self._push(gate)
        return gate

    def _push(self, gate: GateSide) -> None:
        with suppress(GatehouseError):
            gate.deliver()

    def _under(self, gate: GateSide, fault: Fault, after: int) -> None:
        proxy = self.world.proxy
        proxy.fault, proxy.after, seen = fault, after, proxy.seen
        with suppress(GatehouseError):
            (gate.line(IMPATIENT) if fault in SLOW_FAULTS else gate.uplink).push()
        if proxy.seen - seen > after:
            self._note(f"line: {fault.name.lower().replace('_', ' ')}")
        proxy.heal()
        proxy.after = 0

    def _crash(self, gate: GateSide, loss: Loss) -> None:
        gate.crash(loss, self.chance)
        self._note("gate killed" if loss is Loss.NOTHING else "gate's power cut")

    def _paper(self, among: list[Path]) -> Path:
        self.papers += 1
        among.append(self.world.folder / f"paper-{self.papers}")
        return among[-1]

    def _note(self, fault: str) -> None:
        if not self.world.broken:
            self.world.tally.faults[fault] += 1


def machine(world: World, kind: type[History] = History) -> type[History]:
    """The machine for histories in `world`."""
    return type(kind.__name__, (kind,), {"world": world})
