"""What became of published vectors, as a table: agreed, not applicable, wrong vectors and disagreements one by one."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import pytest


@dataclass
class Report:
    """Every judgement is one of: agreed, refused as published, not applicable, wrong vector, disagreed."""

    title: str
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    listed: list[str] = field(default_factory=list)
    disagreed: list[str] = field(default_factory=list)
    left_out: dict[str, list[str]] = field(default_factory=dict)

    def agreed(self, check: str) -> None:
        self.counts[check, "agreed"] += 1

    def refused(self, check: str, vector: str, why: str) -> None:
        """Published as bad, and found bad."""
        self._list(check, "refused", vector, why)

    def not_applicable(self, check: str, vector: str, why: str) -> None:
        """Told together for each reason: there may be many."""
        self.counts[check, "not applicable"] += 1
        self.left_out.setdefault(f"{check:16} {why}", []).append(vector)

    def wrong(self, check: str, vector: str, why: str) -> None:
        """The vector contradicts its own standard, or itself."""
        self._list(check, "wrong vector", vector, why)

    def disagrees(self, check: str, vector: str, why: str) -> None:
        self._list(check, "DISAGREED", vector, why)
        self.disagreed.append(f"{check} {vector}: {why}")

    def _list(self, check: str, outcome: str, vector: str, why: str) -> None:
        self.counts[check, outcome] += 1
        self.listed.append(f"  {outcome:14} {check:16} {vector}: {why}")

    def share(self) -> float:
        """How many of the applicable judgements are as published; a wrong vector is none of them."""
        good = sum(number for (_, outcome), number in self.counts.items() if outcome in ("agreed", "refused"))
        judged = sum(number for (_, outcome), number in self.counts.items() if outcome != "not applicable")
        return good / judged

    def __str__(self) -> str:
        outcomes = ("agreed", "refused", "not applicable", "wrong vector", "DISAGREED")
        rows = [f"{'':18}" + "".join(f"{outcome:>16}" for outcome in outcomes)]
        for check in dict.fromkeys(check for check, _ in self.counts):
            rows.append(f"{check:18}" + "".join(f"{self.counts[check, outcome] or '':>16}" for outcome in outcomes))
        left_out = [f"  not applicable {why}: {', '.join(vectors)}" for why, vectors in self.left_out.items()]
        return "\n".join(["", f"{self.title}: {self.share():.2%} as published", *rows, *sorted(self.listed), *left_out])

    def show(self, capsys: pytest.CaptureFixture[str]) -> None:
        with capsys.disabled():
            print(self)
