"""Visits as the checkpoint sees them, for facts.build: some fixed ones, and a strategy for any."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from kiosk.known import Household, Known, Premises, Vehicle
from kiosk.lists import Declaration, Gathering, Region, Regions, Resident, WatchEntry
from kiosk.lists.declarations import KINDS, STATES
from kiosk.model import (
    Colour,
    Direction,
    Footing,
    HealthCode,
    Holder,
    LaneInfo,
    Level,
    Method,
    Reading,
    Reason,
    Recovery,
    Saying,
    Stay,
    Verification,
)
from kiosk.screening import Policy, facts

NOW = datetime(2026, 11, 22, 3, 30, tzinfo=UTC)
ZHANG_SAN = Holder(name="张三", id_last4="1234", household="3-2-501")
PASS = HealthCode(
    scheme="office-pass",
    holder=ZHANG_SAN,
    issuer="新塘街道办事处",
    valid_from=datetime(2026, 11, 15, tzinfo=UTC),
    valid_until=datetime(2026, 11, 29, tzinfo=UTC),
    verification=Verification.VERIFIED,
    serial="00112233445566778899aabbccddeeff",
)
TOKEN = HealthCode(
    scheme="level-token",
    level=Level.GREEN,
    holder=Holder(name="李四"),
    verification=Verification.UNVERIFIED,
    reason=Reason.UNVERIFIABLE,
)
CERTIFICATE = HealthCode(  # what a genuine EU certificate says
    scheme="eu-dcc",
    holder=Holder(name="Erika Mustermann", birth_date="1998-02-26"),
    recoveries=(Recovery("2026-02-20", "2026-04-04", "2026-10-04"),),
    issuer="AT",
    valid_from=datetime(2026, 11, 20, tzinfo=UTC),
    valid_until=datetime(2026, 12, 20, tzinfo=UTC),
    verification=Verification.VERIFIED,
    serial="URN:UVCI:01:AT:1",
    certificate={
        "kind": "recovery",
        "country": "AT",
        "kid": "2Rk3X8HntrI=",
        "payload": {
            "ver": "1.3.0",
            "dob": "1998-02-26",
            "r": [{"tg": "840539006", "co": "AT", "fr": "2026-02-20", "df": "2026-04-04", "du": "2026-10-04"}],
            "v": None,
        },
    },
)
UNKNOWN = HealthCode(scheme="unknown", reason=Reason.UNKNOWN_SCHEME)


def reading(celsius: float, device: str = "serial") -> Reading:
    return Reading(celsius, NOW - timedelta(seconds=2), device)


@dataclass(frozen=True)
class Seen:
    """The arguments of facts.build, a resident's with a valid pass unless changed."""

    code: HealthCode | None = PASS
    colour: Colour = Colour.BLACK
    person: Holder = ZHANG_SAN
    reading: Reading | None = field(default_factory=lambda: reading(36.5))
    answers: dict[str, bool] = field(default_factory=dict)
    watch: tuple[str, ...] = ()
    method: Method = Method.CAMERA
    direction: Direction = Direction.IN
    footing: Footing = Footing.FRESH
    unreadable: bool = False
    known: Known = field(default_factory=lambda: Known(today=NOW.date()))
    stays: tuple[Stay, ...] | None = None
    mask: str = ""
    party: int = 1

    def facts(self, policy: Policy, now: datetime = NOW) -> dict[str, Any]:
        kind = "tablet" if self.method is Method.TABLET else "camera"
        given = {name: value for name, value in self.__dict__.items() if name not in ("watch", "reading", "known")}
        readings = [self.reading] if self.reading else []
        known = replace(self.known, watch=tuple(WatchEntry("t", why) for why in self.watch))
        return facts.build(**given, readings=readings, known=known, lane=LaneInfo("1", kind), policy=policy, now=now)

    def but(self, **changes: Any) -> Seen:
        return replace(self, **changes)


REGIONS = Regions((Region("4201", Saying("武汉", "Wuhan"), "high"), Region("3505", Saying("泉州", "Quanzhou"), "low")))


def _days_ago(days: int) -> date:
    return NOW.date() - timedelta(days=days)


_verdicts_on_codes = st.one_of(
    st.just((Verification.VERIFIED, None)),
    st.just((Verification.UNVERIFIED, Reason.UNVERIFIABLE)),
    st.sampled_from([(Verification.FAILED, reason) for reason in Reason]),
)
_codes = st.builds(
    lambda code, level, verdict: replace(code, level=level, verification=verdict[0], reason=verdict[1]),
    st.sampled_from([PASS, TOKEN, CERTIFICATE]),
    st.sampled_from(Level),
    _verdicts_on_codes,
)
_stays = st.none() | st.lists(
    st.builds(Stay, st.sampled_from(["4201", "3505", "110105"]), st.integers(0, 20).map(_days_ago)), max_size=2
).map(tuple)
_gatherings = st.builds(Gathering, st.just("p"), st.just("会"), st.integers(48, 52), approved=st.booleans())
_vehicles = st.builds(Vehicle, st.just("闽C12345"), purpose=st.sampled_from(["", "送货"]), inside=st.booleans())
_known = st.builds(
    Known,
    resident=st.none() | st.builds(Resident, st.just(("t",)), special=st.sampled_from(["", "pregnant", "care"])),
    declaration=st.none() | st.builds(Declaration, st.just("d"), st.just(("t",)), st.sampled_from(KINDS)),
    declaration_state=st.sampled_from(STATES),
    household=st.none() | st.builds(Household, st.none() | st.floats(0, 100), st.integers(0, 3)),
    premises=st.builds(
        Premises,
        inside=st.integers(0, 3),
        limit=st.none() | st.integers(1, 3),
        gathering=st.none()
        | st.builds(Gathering, st.just("p"), st.just("会"), st.integers(48, 52), approved=st.booleans()),
    ),
    vehicle=st.none()
    | st.builds(Vehicle, st.just("闽C12345"), purpose=st.sampled_from(["", "送货"]), inside=st.booleans()),
    regions=st.sampled_from([Regions(), REGIONS]),
    today=st.just(NOW.date()),
)
visits = st.builds(
    Seen,
    code=st.none() | st.just(UNKNOWN) | _codes,
    colour=st.sampled_from(Colour),
    person=st.sampled_from([Holder(), ZHANG_SAN, Holder(phone="13812348000"), Holder(name="小明", birth_date="2017")]),
    reading=st.none() | st.floats(35.0, 43.0).map(reading),
    answers=st.dictionaries(
        st.sampled_from(["symptoms", "exposure", "abroad", "border", "errand", "paper-itself"]), st.booleans()
    ),
    watch=st.lists(st.sampled_from(["observation", "close-contact", "region", "other"]), max_size=2).map(tuple),
    method=st.sampled_from(Method),
    direction=st.sampled_from(Direction),
    footing=st.sampled_from(Footing),
    known=_known,
    stays=_stays,
    mask=st.sampled_from(["", "worn", "reminded", "refused"]),
    party=st.integers(1, 3),
)
