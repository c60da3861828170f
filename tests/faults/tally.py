"""What the histories amount to: faults by kind, passages, and the three figures that must be zero."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Tally:
    """Can be added up over processes."""

    histories: int = 0
    passages: int = 0
    known_missing: int = 0  # lost by design, and the office says so
    lost: int = 0
    duplicated: int = 0
    altered: int = 0
    faults: Counter[str] = field(default_factory=Counter)

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.histories + other.histories,
            self.passages + other.passages,
            self.known_missing + other.known_missing,
            self.lost + other.lost,
            self.duplicated + other.duplicated,
            self.altered + other.altered,
            self.faults + other.faults,
        )

    @property
    def bad(self) -> int:
        return self.lost + self.duplicated + self.altered
