"""A gate's condition: a CertLogic expression that was found good and compiled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from kiosk.model import Facts
from kiosk.screening.logic import Undecided, compile_rule, reads


@dataclass(frozen=True, slots=True)
class Condition:
    """A CertLogic expression, compiled. Calling it answers True, False or Undecided; `reads` are the facts it names."""

    expression: Any
    reads: tuple[str, ...] = field(compare=False, repr=False)
    _test: Callable[[Facts], bool | Undecided] = field(compare=False, repr=False)

    @classmethod
    def of(cls, expression: Any) -> Condition:
        """Raises PolicyError."""
        test = compile_rule(expression, mode="gate")
        return cls(expression, tuple(dict.fromkeys(read.fact for read in reads(expression))), test)

    def __call__(self, facts: Facts) -> bool | Undecided:
        return self._test(facts)
