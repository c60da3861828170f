"""A checkpoint in a test's hands: a journal in memory, a clock to turn, the default policy unless told otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from kiosk.checkpoint import Checkpoint, LaneTimes, Rules
from kiosk.codes import ReadContext, Revoked, Trust
from kiosk.errors import JournalError
from kiosk.known import Known
from kiosk.model import (
    ZERO_DIGEST,
    Clock,
    Direction,
    Draft,
    Event,
    Footing,
    HealthCode,
    Holder,
    LaneInfo,
    Method,
    Presentation,
    Reading,
)
from kiosk.screening import policy
from kiosk.visit import LaneView

START = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
RED, YELLOW = "GL1:red:张三丰", "GL1:yellow:李四"


class Ledger:
    """A journal in memory, for the one seam of the checkpoint; `broken` makes it refuse like a full disk."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.broken = False

    def append(self, *drafts: Draft) -> tuple[Event, ...]:
        if self.broken:
            raise JournalError("disk full")
        new = [
            Event(
                "j",
                len(self.events) + n,
                f"id-{n}",
                draft.kind,
                draft.at,
                Clock("b", 0),
                draft.open,
                "",
                ZERO_DIGEST,
                "",
                draft.personal,
            )
            for n, draft in enumerate(drafts, 1)
        ]
        self.events += new
        return tuple(new)

    def recent(self, limit: int, kinds: Sequence[str] = ("passage",)) -> list[Event]:
        return [event for event in reversed(self.events) if event.kind in kinds][:limit]

    def kinds(self) -> list[str]:
        return [event.kind for event in self.events]


class Gate:
    """A checkpoint with a camera lane "1" and a tablet lane "t", and a clock to turn."""

    def __init__(self) -> None:
        self.now = START
        self.ledger = Ledger()
        self.announced: list[LaneView] = []
        self.policy = policy.default()
        self.known = Known(("token",))
        self.checkpoint = self.started()

    def started(self) -> Checkpoint:
        """The checkpoint as it is after a start of the gate."""
        lanes = {LaneInfo("1", "camera"): LaneTimes(), LaneInfo("t", "tablet"): LaneTimes()}
        return Checkpoint(
            lanes,
            gate="g-1",
            journal=self.ledger,
            rules=self.rules,
            now=lambda: self.now,
            on_duty=lambda: "v-1",
            announce=lambda view, events: self.announced.append(view),
        )

    def rules(self, now: datetime) -> Rules:
        context = ReadContext(at=now, trust=Trust.of(()), revoked=Revoked.none(), demo=False)
        return Rules(self.policy, Footing.FRESH, context, self.know)

    def know(self, code: HealthCode | None, shown: Presentation, direction: Direction) -> Known:
        return self.known

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self.checkpoint.tick()

    def scan(self, text: str, lane: str = "1") -> LaneView:
        return self.checkpoint.present(lane, Presentation(Method.CAMERA, self.now, text))

    def by_hand(self, name: str = "王五") -> LaneView:
        return self.checkpoint.present(
            "1", Presentation(Method.HAND, self.now, person=Holder(name=name, phone="13812348000"))
        )

    def measure(self, celsius: float, visit: str | None = None, lane: str = "1", grade: str = "screening") -> LaneView:
        return self.checkpoint.measure(lane, Reading(celsius, self.now, "keypad", grade=grade), visit)
