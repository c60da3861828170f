"""Numbers that people type: identity documents, phones, pass numbers, plates. Pure.

    check("id", "11010519491231002x")   # → Typed(kind="resident-id", normalised="11010519491231002X", birth_date=…)
    guess("138 1234 8000")              # → Typed(kind="phone", normalised="13812348000")

A number that does not hold is a value with a `problem` that names the digit; nothing here raises for what was typed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from kiosk.identities import foreigner, numbers, papers, phones, plates, resident
from kiosk.identities.typed import Typed, plain

__all__ = ["KINDS", "Typed", "birth_date", "check", "guess"]

Check = Callable[[str, date | None], Typed]

CHECKS: Mapping[str, Check] = {
    "id": papers.document,  # any identity document, by its form
    "resident-id": resident.check,  # with residence permits of Hong Kong, Macau and Taiwan, and foreigners' since 2023
    "foreigner-id": foreigner.check,  # both forms
    "passport": papers.passport,
    "travel-permit": papers.travel_permit,
    "phone": phones.check,
    "pass": numbers.pass_number,
    "plate": plates.check,
}
KINDS = tuple(CHECKS)


def check(kind: str, text: str, today: date | None = None) -> Typed:
    """`text` as a number of this kind (one of KINDS). With `today` a birth in the future is a problem too.

    Raises ValueError for an unknown kind.
    """
    if kind not in CHECKS:
        raise ValueError(f"unknown kind {kind!r}; one of {', '.join(KINDS)}")
    return CHECKS[kind](plain(text), today)


def guess(text: str, today: date | None = None) -> Typed:
    """`text` as whatever number its form says it is: where somebody has one field for all of them.

    A form that is none of them has a problem and the kind "".
    """
    return numbers.guess(plain(text), today)


def birth_date(id_number: str) -> str:
    """The date of birth that an identity number tells, YYYY-MM-DD; "" where it tells none or does not hold."""
    found = papers.document(plain(id_number), None)
    return "" if found.problem else found.birth_date
