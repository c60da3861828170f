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
    alive: int = 0  # at so many of them it had come to its end before: no two lives have quite as many steps
    lost: int = 0
    duplicated: int = 0
    altered: int = 0
    failures: list[str] = field(default_factory=list)

    def __add__(self, other: Outcome) -> Outcome:
        return Outcome(
            self.points + other.points,
            self.alive + other.alive,
            self.lost + other.lost,
            self.duplicated + other.duplicated,
            self.altered + other.altered,
            self.failures + other.failures,
        )


def points_of(kind: type[Errand]) -> list[int]:
    """Where to kill an errand, by the steps it has when nobody ends it."""
    logs.configure(logging.CRITICAL)
    with world() as here:
        steps, finding = killed(here, kind, 0)
    assert steps, f"{kind.__name__} does not come to its end"
    assert finding.ok, finding
    return kind.points(steps)


def part(kind: type[Errand], points: list[int]) -> Outcome:
    logs.configure(logging.CRITICAL)
    total = Outcome()
    with world() as here:
        for at in points:
            total.points += 1
            try:
                steps, finding = killed(here, kind, at)
            except Exception as error:  # whatever it is: the other points are looked at all the same
                total.failures.append(f"{kind.__name__} at step {at}: {type(error).__name__}: {error}")
                continue
            total.alive += steps > 0
            total.lost += len(finding.lost)
            total.duplicated += len(finding.duplicated)
            total.altered += len(finding.altered)
            if not finding.ok:
                total.failures.append(f"{kind.__name__} at step {at}: {finding}")
    return total
