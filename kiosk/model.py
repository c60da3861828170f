"""The nouns of a gate, as frozen values. Pure: no clock, no files, no sockets.

Times are timezone-aware UTC datetimes; `iso()` is the one spelling of a time in journals and messages
(RFC 3339, milliseconds, `Z`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any


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


class Level(StrEnum):
    """What a health code says of its holder. A pass says nothing of health: NONE."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"
    NONE = "none"


class Verification(StrEnum):
    VERIFIED = "verified"
    UNVERIFIED = "unverified"
    FAILED = "failed"


class Colour(StrEnum):
    """The colour of a symbol's dark modules as a camera saw it: evidence, not proof."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"
    BLACK = "black"
    UNSURE = "unsure"


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


class Reason(StrEnum):
    """Why a code was not accepted, or not entirely. The documented list; every scheme uses only these."""

    UNKNOWN_SCHEME = "unknown-scheme"
    MALFORMED = "malformed"
    SCHEMA = "schema"
    UNKNOWN_ISSUER = "unknown-issuer"
    BAD_SIGNATURE = "bad-signature"
    WRONG_USAGE = "wrong-usage"
    NOT_YET_VALID = "not-yet-valid"
    EXPIRED = "expired"
    REVOKED = "revoked"
    POSSIBLY_REVOKED = "possibly-revoked"
    UNVERIFIABLE = "unverifiable"
    UNREACHABLE = "unreachable"
    NOT_PERMITTED = "not-permitted"
    REPLAYED = "replayed"
    INCOMPLETE = "incomplete"
    TOO_LARGE = "too-large"


@dataclass(frozen=True, slots=True)
class Holder:
    """Who a code speaks of, as far as it says."""

    name: str = ""
    birth_date: str = ""  # YYYY, YYYY-MM or YYYY-MM-DD
    id_last4: str = ""
    id_number: str = ""
    phone: str = ""
    household: str = ""
    pass_number: str = ""  # typed; of a scanned pass it follows from the serial (`office_pass.number_of`)
    declaration: str = ""  # the short code of a declaration, typed


@dataclass(frozen=True, slots=True)
class LabTest:
    """A test for the virus: kind (`pcr`, `antigen`…), sampling time, result (`negative`, `positive`, `unknown`)."""

    kind: str
    taken_at: datetime
    result: str


@dataclass(frozen=True, slots=True)
class Vaccination:
    """Dose n of m."""

    product: str
    dose: int
    doses: int
    date: str


@dataclass(frozen=True, slots=True)
class Recovery:
    """A recovery from the disease: the first positive test and the days between which the statement holds."""

    first_positive: str
    valid_from: str
    valid_until: str


@dataclass(frozen=True, slots=True)
class Part:
    """One symbol of a card that comes in several: `number` counts from 1 to `total`."""

    number: int
    total: int


@dataclass(frozen=True, slots=True)
class HealthCode:
    """What a scanned symbol says about its holder, and how far that was verified.

    Unknown text is a value too: scheme "unknown", verification FAILED, reason UNKNOWN_SCHEME.
    `serial` identifies this very code for revocation and copies (a pass's cti in hex); `demo` is True when the
    key that vouches for it is marked as a demonstration key. `made_at` is when a dynamic code was drawn, `life_s` how
    long such a code is good; `certificate` is what published acceptance rules read: kind, country, kid, and the signed
    payload as JSON; `online` says that only the issuer's server can verify it. `kid`, in hex, names the key that an
    unknown issuer's code asks for.
    """

    scheme: str
    level: Level = Level.NONE
    holder: Holder = Holder()
    tests: tuple[LabTest, ...] = ()
    vaccinations: tuple[Vaccination, ...] = ()
    issuer: str = ""
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    verification: Verification = Verification.FAILED
    reason: Reason | None = None
    serial: str = ""
    demo: bool = False
    kind: str = ""  # of a pass: resident, visitor, worker, returnee
    medium: str = ""  # of a pass: phone or paper, "" for one that does not say
    recoveries: tuple[Recovery, ...] = ()
    part: Part | None = None
    made_at: datetime | None = None
    life_s: float | None = None
    certificate: Mapping[str, Any] | None = None
    online: bool = False
    kid: str = ""


@dataclass(frozen=True, slots=True)
class Symbol:
    """One decoded symbol in one picture. `corners` are four (x, y) pixel pairs, clockwise from top left."""

    text: str
    symbology: str
    colour: Colour
    corners: tuple[tuple[int, int], ...] = ()
    reader: str = ""
    colour_confidence: float = 0.0  # 0 where the colour is unsure, else from 0.5 to 1


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
    person: Holder = Holder()
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


@dataclass(frozen=True, slots=True)
class Clock:
    """What the gate's clocks said at an event. `offset_ms` is office minus gate, None before the first contact."""

    boot: str
    monotonic_ms: int
    offset_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One row of the journal as it travels: the open part, and the personal part with its salt while both live.

    `seal` = SHA-256(salt ‖ JCS(personal)); `digest` = SHA-256(JCS({journal, seq, id, kind, at, clock, open, seal,
    prev})), both lower-case hex; `prev` is the digest before it, 64 zeros at seq 1.
    """

    journal: str
    seq: int
    id: str
    kind: str
    at: datetime
    clock: Clock
    open: Mapping[str, Any]
    seal: str
    prev: str
    digest: str
    personal: Mapping[str, Any] | None = None
    salt: str | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A fact on its way into the journal."""

    kind: str
    at: datetime
    open: Mapping[str, Any]
    personal: Mapping[str, Any] = field(default_factory=dict)


ZERO_DIGEST = "0" * 64


def iso(at: datetime) -> str:
    """`at` as RFC 3339 UTC with milliseconds: 2026-11-22T03:30:00.123Z. Raises ValueError for a naive time."""
    if at.tzinfo is None:
        raise ValueError("a time without a zone")
    return at.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def from_iso(text: str) -> datetime:
    """The time `iso` wrote (any RFC 3339 offset is taken). Raises ValueError."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"{text!r} has no zone")
    try:
        return at.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"{text!r} is before or after any time in UTC") from error


def mask_name(name: str) -> str:
    """张三丰 → 张*丰, 张三 → 张*, as screens show a name."""
    if len(name) <= 1:
        return name and "*"
    if len(name) == 2:
        return name[0] + "*"
    return name[0] + "*" * (len(name) - 2) + name[-1]


def mask_number(number: str) -> str:
    """13812348000 → 138****8000: the first three and the last four stay, short numbers keep only their end."""
    if len(number) < 8:
        return "*" * max(len(number) - 2, 0) + number[-2:]
    return number[:3] + "*" * (len(number) - 7) + number[-4:]
