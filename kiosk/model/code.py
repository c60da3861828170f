"""What a scanned symbol says of its holder, whoever issued it, and how far that was verified."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


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
