"""All that is killed."""

from __future__ import annotations

from tests.faults.kills.copies import Backup, Move, Restore
from tests.faults.kills.days import GateDay, Intake
from tests.faults.kills.errand import Errand
from tests.faults.kills.keys import Enrol, EnrolAnew, NewKey, Registry
from tests.faults.kills.leaving import Forget, Wipe
from tests.faults.kills.office import Destroy, Erase, FirstStart
from tests.faults.kills.sticks import CarryIn, CarryOut, Stick

AT_GATE: tuple[type[Errand], ...] = (
    GateDay, Enrol, EnrolAnew, NewKey, Wipe, Forget, CarryOut, CarryIn, Backup, Restore, Move,
)  # fmt: skip
AT_OFFICE: tuple[type[Errand], ...] = (Intake, Registry, Destroy, Erase, Stick, FirstStart)
ERRANDS = AT_GATE + AT_OFFICE
