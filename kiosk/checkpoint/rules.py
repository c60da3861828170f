"""What a checkpoint asks of the world around it, as values and small Protocols."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from kiosk.codes import ReadContext
from kiosk.known import Known
from kiosk.model import Direction, Footing, HealthCode, Presentation
from kiosk.screening import Policy


@dataclass(frozen=True, slots=True)
class Rules:
    """What is in force at a moment: the policy, how fresh it is, what verifies codes, what is known of a person."""

    policy: Policy
    footing: Footing
    reading: ReadContext
    known: Callable[[HealthCode | None, Presentation, Direction], Known]


class Online(Protocol):
    """Asks the issuer of a code that only its own server can verify."""

    def asks(self, text: str) -> bool:
        """Whether there is a server to ask about `text`."""

    def ask(self, text: str, at: datetime, lane: str, then: Callable[[HealthCode], None]) -> None:
        """Answers at once and calls `then` later from another thread; `lane` says where the code was presented."""
