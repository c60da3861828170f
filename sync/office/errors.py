"""What the office cannot do, and why it did not take a gate's events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from kiosk.errors import GatehouseError
from kiosk.model import Saying

TokenTrouble = Literal["unknown", "used", "expired"]


class OfficeError(GatehouseError):
    """Something the office cannot do. The message says what, and what to do about it."""


class NotFound(OfficeError):
    """No such row within the caller's branch; one outside it is answered the same way."""


class Refused(OfficeError):
    """A change that the office does not make, such as closing an alert without saying what was done."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one field of what was asked for."""

    field: str
    say: Saying


class Unfit(Refused):
    """Something that cannot be had as it was asked for; `problems` says why."""

    what: ClassVar[str]

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        told = "; ".join(f"{problem.field}: {problem.say.en}" for problem in problems)
        super().__init__(f"{self.what}: {told}")


class EnrolmentError(OfficeError):
    """An enrolment that is not accepted; `reason` is `unknown`, `used` or `expired`, or `key` for a bad public key."""

    def __init__(self, reason: TokenTrouble | Literal["key"], message: str) -> None:
        self.reason = reason
        super().__init__(message)


class OtherKey(OfficeError):
    """A change of key that begins with one that is not in force."""


class UnknownGate(OfficeError):
    """A gate id that is not enrolled here."""


class IntakeError(OfficeError):
    """Events that were not taken (or only up to where they hold)."""


class Gap(IntakeError):
    """Numbers are missing before these events; the office waits for `expected`."""

    def __init__(self, expected: int) -> None:
        self.expected = expected
        super().__init__(f"events are missing: send again from number {expected}")


class Fork(IntakeError):
    """The office holds another event under number `seq` of this journal; the staff were alerted."""

    def __init__(self, seq: int) -> None:
        self.seq = seq
        super().__init__(f"another event is already known under number {seq}: this journal has two writers")


class BrokenChain(IntakeError):
    """Event `seq` does not continue the chain, or its seal or digest does not fit. What came before it was taken."""

    def __init__(self, seq: int, why: str) -> None:
        self.seq = seq
        self.why = why
        super().__init__(f"event {seq}: {why}")
