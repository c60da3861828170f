"""Some points of one errand, in a process of a pool."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

from kiosk import logs
from tests.faults.kills.errand import Errand, killed
from tests.faults.world import world


@dataclass
class Outcome:
    """What came of killing one errand at some points; can be added up."""

    points: int = 0
    lost: int = 0
    duplicated: int = 0
    altered: int = 0
    failures: list[str] = field(default_factory=list)

    def __add__(self, other: Outcome) -> Outcome:
        return Outcome(
            self.points + other.points,
            self.lost + other.lost,
            self.duplicated + other.duplicated,
            self.altered + other.altered,
            self.failures + other.failures,
        )


def length(kind: type[Errand]) -> int:
    """How many steps an errand has that nobody ends."""
    logs.configure(logging.CRITICAL)
    with world() as here:
        steps, finding = killed(here, kind, 0)
    assert steps, f"{kind.__name__} does not come to its end"
    assert finding.ok, finding
    return steps


def part(kind: type[Errand], points: range) -> Outcome:
    logs.configure(logging.CRITICAL)
    total = Outcome()
    with world() as here:
        for at in points:
            total.points += 1
            try:
                _, finding = killed(here, kind, at)
            except Exception as error:  # whatever it is: the other points are looked at all the same
                total.failures.append(f"{kind.__name__} at step {at}: {type(error).__name__}: {error}")
                continue
            total.lost += len(finding.lost)
            total.duplicated += len(finding.duplicated)
            total.altered += len(finding.altered)
            if not finding.ok:
                total.failures.append(f"{kind.__name__} at step {at}: {finding}")
    return total
