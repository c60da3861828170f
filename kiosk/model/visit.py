"""Somebody steps up: which way, how, with what reading; and what was decided, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from kiosk.model.code import Colour, Holder


class Verdict(StrEnum):
    """处置, from mildest to most severe."""

    ADMIT = "admit"
    CHECK = "check"
    REFUSE = "refuse"
    ISOLATE = "isolate"

    @property
    def severity(self) -> int:
        return list(Verdict).index(self)


class Direction(StrEnum):
    IN = "in"
    OUT = "out"


class Footing(StrEnum):
    """How fresh the office's bundle was when a decision was taken."""

    FRESH = "fresh"
    STALE = "stale"
    EXPIRED = "expired"
    NONE = "none"


class Method(StrEnum):
    """How a visit began."""

    CAMERA = "camera"
    TABLET = "tablet"
    SCANNER = "scanner"
    HAND = "hand"
    UPLOAD = "upload"  # a photo of a code that the volunteer uploaded


@dataclass(frozen=True, slots=True)
class Reading:
    """测温: one temperature. `site` is the body site, `device` names what took it.

    `grade` is `screening` (a forehead gun, a thermal camera: a high one has to be confirmed) or `clinical`.
    """

    celsius: float
    taken_at: datetime
    device: str
    site: str = "forehead"
    grade: str = "screening"


@dataclass(frozen=True, slots=True)
class Stay:
    """Where somebody says they were, on a local day: `region` is a GB/T 2260 code or the first digits of one."""

    region: str
    day: date


LOWEST_CELSIUS = 30.0


HIGHEST_CELSIUS = 43.0


class ImplausibleReading(ValueError):
    """A temperature no living person has; `zh` and `en` say what to do."""

    def __init__(self, celsius: float) -> None:
        self.zh = f"{celsius:g} ℃ 不在 {LOWEST_CELSIUS:g}–{HIGHEST_CELSIUS:g} ℃ 之间，请重新测量"
        self.en = f"{celsius:g} °C is not between {LOWEST_CELSIUS:g} and {HIGHEST_CELSIUS:g} °C: please measure again"
        super().__init__(f"{self.zh} · {self.en}")


def plausible(celsius: float) -> None:
    """Raises ImplausibleReading for a value below 30 or above 43 °C, or for none at all (NaN)."""
    if not LOWEST_CELSIUS <= celsius <= HIGHEST_CELSIUS:
        raise ImplausibleReading(celsius)


@dataclass(frozen=True, slots=True)
class LaneInfo:
    """One line of people. `kind` is `camera`, `tablet` or `scanner`; `alone`: they check in by themselves, at a screen
    beside no volunteer."""

    name: str
    kind: str
    direction: Direction = Direction.IN
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Presentation:
    """What a person presented: a scanned text, or an identity registered by hand (then `text` is empty).

    `unreadable` says that the volunteer recorded a number as the document shows it, although its check fails; `plate`
    is the vehicle's, with its driver only.
    """

    method: Method
    at: datetime
    text: str = ""
    colour: Colour = Colour.UNSURE
    person: Holder = field(default_factory=Holder)
    demo: bool = False
    colour_confidence: float = 0.0  # as a symbol's
    unreadable: bool = False
    plate: str = ""


@dataclass(frozen=True, slots=True)
class Saying:
    """One sentence in the two languages of every screen."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Because:
    """One reason of a decision: the rule, its verdict, its words, whether it fired or could not be decided."""

    rule: str
    verdict: Verdict
    say: Saying
    source: str = ""  # the notice's row, for example "G2"
    undecided: bool = False
    missing: tuple[str, ...] = ()  # the facts that were not there


@dataclass(frozen=True, slots=True)
class Decision:
    """处置 with every reason, most severe first, and the actions to take (`alert:fever`, `advise:…`)."""

    verdict: Verdict
    reasons: tuple[Because, ...]
    actions: tuple[str, ...]
    policy: str  # id and version, for example "default@1"


Facts = Mapping[str, Any]
