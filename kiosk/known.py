"""What the gate holds about whoever stands there, and about the place. Pure values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from kiosk.lists import Declaration, Gathering, Regions, Resident, WatchEntry


@dataclass(frozen=True, slots=True)
class Household:
    """How often somebody of this household was let out, from the gate's own journal (row G15).

    `last_out_h` is hours since the last time, None when there was none that the gate remembers; `outs_today` counts
    since local midnight. Both leave out an exit of the last half hour by the person who stands there now: they came
    back for something, and it is the same outing.
    """

    last_out_h: float | None = None
    outs_today: int = 0


@dataclass(frozen=True, slots=True)
class Premises:
    """The place behind this gate: how many are inside, how many may be (None for any number), what is on (row G8)."""

    name: str = ""
    inside: int = 0
    limit: int | None = None
    gathering: Gathering | None = None


@dataclass(frozen=True, slots=True)
class Vehicle:
    """车辆 (row G5). `kind` is ordinary, new-energy or temporary; `role` driver or passenger.

    `stay_min` is how long it was inside when it leaves, None when it comes in or was not seen coming in.
    """

    plate: str
    kind: str = "ordinary"
    role: str = "driver"
    purpose: str = ""
    delivery: bool = False
    inside: bool = False
    stay_min: float | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """Everything that was looked up by keyed person tokens.

    `copied` is True when this very code was let through in the same direction a moment ago: two phones, one code.
    `declaration_state` is one of `lists.declarations.STATES`, empty without a declaration. `today` is the local day.
    """

    tokens: tuple[str, ...] = ()
    watch: tuple[WatchEntry, ...] = ()
    copied: bool = False
    resident: Resident | None = None
    declaration: Declaration | None = None
    declaration_state: str = ""
    household: Household | None = None
    household_token: str = ""
    code_token: str = ""  # of this very code; empty where no code of anybody was shown
    premises: Premises = field(default_factory=Premises)
    vehicle: Vehicle | None = None
    regions: Regions = field(default_factory=Regions)
    today: date | None = None
