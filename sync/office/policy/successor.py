"""The `policy` section of a bundle: the policy in force and, under `next`, the one announced with its time.

`settled` is the housekeeping: a successor whose time has come becomes the policy in force whenever the section is
published again, so that nothing can bring the old one back.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from kiosk.errors import PolicyError
from kiosk.model import from_iso, iso
from kiosk.screening import timetable
from kiosk.screening.timetable import FROM, NEXT
from sync.office.policy import checks


def split(section: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any] | None, datetime | None]:
    """The policy, its successor and the successor's time; the last two None without a (readable) successor."""
    current = {key: value for key, value in section.items() if key != NEXT}
    announced = section.get(NEXT)
    if not isinstance(announced, Mapping):
        return current, None, None
    try:
        at = from_iso(announced.get(FROM))  # type: ignore[arg-type]  # no text is answered with an error
    except (ValueError, TypeError):
        return current, None, None
    return current, {key: value for key, value in announced.items() if key != FROM}, at


def settled(section: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The section as it should be published at `now`: a successor whose time has come has taken over."""
    current, following, at = split(section)
    if following is None or at is None:
        return current
    return following if at <= now else announcing(current, following, at)


def announcing(current: Mapping[str, Any], following: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    """A section that holds `current` until `at` and `following` from then on."""
    return {**current, NEXT: {**following, FROM: iso(at)}}


def check(section: Mapping[str, Any]) -> None:
    """Raises PolicyError unless a gate could read the section and nothing speaks against either policy."""
    read = timetable.read(section)
    wrong = checks.faults(read.current)
    if read.following is not None:
        wrong += [f"{NEXT}.{problem}" for problem in checks.faults(read.following)]
    if wrong:
        raise PolicyError(wrong)
