"""The certificate's schema, by the version that the certificate itself names (ehn-dcc-schema, releases 1.0.0 to 1.3.3).

What the releases changed: part of a birth date is enough since 1.1.0, none at all since 1.3.0; 1.2.0 dropped when a
test's result was made; 1.3.0 made texts of 80 instead of 50 characters and doses beyond nine possible and the testing
centre optional; since 1.3.3 a standardised forename does without a surname. Value sets are a matter of acceptance
rules. As other readers do, a day may be written as its midnight, and null stands for what is not there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from kiosk.codes.dcc.payload import Certificate

Check = Callable[[Any], bool]
Version = tuple[int, int, int]

_VERSION = re.compile(r"([0-9]{1,4})\.([0-9]{1,4})\.([0-9]{1,4})")
_MIDNIGHT = r"(?:T00:00(?::00(?:\.0+)?)?(?:Z|[+-][0-9]{2}:?(?:[0-9]{2})?)?)?"
_DAY = re.compile(rf"([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}){_MIDNIGHT}")
_PART_OF_BIRTH = re.compile(rf"(?:19|20)[0-9]{{2}}(?:-[0-9]{{2}}(?:-[0-9]{{2}}{_MIDNIGHT})?)?")
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}(:?[0-9]{2})?)"
)
_STANDARDISED = re.compile(r"[A-Z<]*")
_COUNTRY = re.compile(r"[A-Z]{1,10}")


@dataclass(frozen=True, slots=True)
class Shape:
    """The members an object may have, each with its check, and those it must have."""

    members: Mapping[str, Check]
    required: frozenset[str]

    def problem(self, value: Any, place: str) -> str | None:
        """What is wrong with `value`; members that the schema does not know are left alone."""
        if not isinstance(value, Mapping):
            return f"{place}: must be an object"
        for name in self.required:
            if value.get(name) is None:
                return f"{place}.{name}: missing"
        for name, check in self.members.items():
            if (member := value.get(name)) is not None and not check(member):
                return f"{place}.{name}: not as the schema wants it"
        return None


@dataclass(frozen=True, slots=True)
class Rules:
    """The schema of one version."""

    birth: Check
    name: Shape
    one_of: frozenset[str]  # of the name's members at least one
    entries: Mapping[str, Shape]


def problem(certificate: Certificate) -> str | None:
    """The first thing in which `certificate` departs from its schema, with its place; None when there is none."""
    payload = certificate.payload
    named = payload.get("ver")
    version = _version(named) if isinstance(named, str) else None
    if version is None or version[0] != 1:
        return "ver: no version of this schema"
    rules = _rules(version)
    name = payload.get("nam")
    if trouble := rules.name.problem(name, "nam"):
        return trouble
    if not any((name or {}).get(member) is not None for member in rules.one_of):
        return f"nam: none of {', '.join(sorted(rules.one_of))}"
    if not rules.birth(payload.get("dob")):
        return "dob: not as the schema wants it"
    return rules.entries[certificate.group].problem(certificate.entry, certificate.group)


def day(text: str) -> str:
    """The day in a date that `problem` let pass, without a midnight behind it."""
    return text[:10]


def birth_date(text: str) -> str:
    """As much of the date of birth as it says: YYYY, YYYY-MM, YYYY-MM-DD or nothing."""
    known = [text[:4], text[5:7], text[8:10]]
    return "-".join(known[: next((at for at, part in enumerate(known) if part in ("", "00")), 3)])


def moment(text: str) -> datetime:
    """The time in UTC. Raises ValueError for what is no time with a zone."""
    if not _MOMENT.fullmatch(text):
        raise ValueError(f"{text[:40]!r} is no time with a zone")
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"{text[:40]!r} lies outside the calendar") from error


@lru_cache(maxsize=64)
def _version(text: str) -> Version | None:
    found = _VERSION.fullmatch(text)
    return (int(found[1]), int(found[2]), int(found[3])) if found else None


@lru_cache(maxsize=64)
def _rules(version: Version) -> Rules:
    longest = _text(80 if version >= (1, 3, 0) else 50)
    standardised = _pattern(_STANDARDISED, longest)
    return Rules(
        birth=_birth(version),
        name=_shape({"fn": longest, "fnt": standardised, "gn": longest, "gnt": standardised}, required=""),
        one_of=frozenset({"fnt", "gnt"} if version >= (1, 3, 3) else {"fnt"}),
        entries=_entries(version, longest),
    )


def _entries(version: Version, longest: Check) -> dict[str, Shape]:
    either = _text(None)
    common: dict[str, Check] = {"tg": either, "co": _country, "is": longest, "ci": longest}
    doses = _whole(None if version >= (1, 3, 0) else 9)
    test = {"tt": either, "nm": longest if version >= (1, 3, 0) else either, "ma": either, "sc": _is_moment}
    test |= {"tr": either, "tc": longest} | ({"dr": _is_moment} if version < (1, 2, 0) else {})
    vaccination = {"vp": either, "mp": either, "ma": either, "dn": doses, "sd": doses, "dt": _is_day}
    recovery: dict[str, Check] = {"fr": _is_day, "df": _is_day, "du": _is_day}
    return {
        "v": _shape(common | vaccination, required="tg co is ci vp mp ma dn sd dt"),
        "t": _shape(common | test, required="tg co is ci tt sc tr" + ("" if version >= (1, 3, 0) else " tc")),
        "r": _shape(common | recovery, required="tg co is ci fr df du"),
    }


def _shape(members: Mapping[str, Check], *, required: str) -> Shape:
    return Shape(members, frozenset(required.split()))


def _text(longest: int | None) -> Check:
    return lambda value: isinstance(value, str) and (longest is None or len(value) <= longest)


def _pattern(pattern: re.Pattern[str], longest: Check) -> Check:
    return lambda value: longest(value) and pattern.fullmatch(value) is not None


def _whole(highest: int | None) -> Check:
    def check(value: Any) -> bool:
        return type(value) is int and value >= 1 and (highest is None or value <= highest)

    return check


def _country(value: Any) -> bool:
    return isinstance(value, str) and _COUNTRY.search(value) is not None


def _birth(version: Version) -> Check:
    if version < (1, 1, 0):
        return lambda value: _is_day(value) and value[:2] in ("19", "20")
    empty = version >= (1, 3, 0)
    return lambda value: isinstance(value, str) and ((empty and not value) or bool(_PART_OF_BIRTH.fullmatch(value)))


def _is_day(value: Any) -> bool:
    found = _DAY.fullmatch(value) if isinstance(value, str) else None
    try:
        return found is not None and bool(date.fromisoformat(found[1]))
    except ValueError:  # the thirtieth of February
        return False


def _is_moment(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(moment(value))
    except ValueError:
        return False
