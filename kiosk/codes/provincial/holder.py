"""What an answer says of a person, their tests and vaccinations; each oddity is named, none is passed over."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from typing import Any, Literal

from pydantic import Field

from kiosk.codes.provincial import times
from kiosk.codes.provincial.pointer import Pointer, find, word
from kiosk.codes.provincial.table import Table
from kiosk.model import Holder, LabTest, Vaccination

MAX_ITEMS = 50  # tests or vaccinations of one person
AHEAD = timedelta(minutes=10)  # a test from further in the future is no test

_WHOLE_ID = re.compile(r"[0-9A-Za-z]{5,20}")
_LAST4 = re.compile(r"[0-9]{3}[0-9Xx]")
_PHONE = re.compile(r"\+?[0-9]{5,20}")


@dataclass
class Reading:
    """A document under the reader's eye: what is wrong in it is noted by its place, never by what stands there."""

    document: Any
    zone: tzinfo
    forms: tuple[str, ...]
    at: datetime
    problems: list[str] = field(default_factory=list)

    def note(self, place: str, what: str) -> None:
        self.problems.append(f"{place}: {what}")

    def word(self, pointer: str | None) -> str:
        """The text or number at `pointer`; "" where nothing stands, with a note where it is something else."""
        value = find(self.document, pointer) if pointer else None
        said = word(value)
        if pointer and not said and value not in (None, ""):
            self.note(pointer, "no text or number that can be shown")
        return said

    def time(self, pointer: str | None) -> datetime | None:
        if not pointer or not (said := self.word(pointer)):
            return None
        try:
            return times.read(said, self.forms, self.zone)
        except ValueError as error:
            self.note(pointer, str(error))
            return None

    def items(self, pointer: str) -> Iterable[Reading]:
        """The objects in the list at `pointer`; one object counts as a list of it. Their notes land here."""
        found = find(self.document, pointer)
        listed = found if isinstance(found, list) else [] if found in (None, "", {}) else [found]
        if len(listed) > MAX_ITEMS or not all(isinstance(item, dict) for item in listed):
            self.note(pointer, f"must be at most {MAX_ITEMS} objects")
            return ()
        return (Reading(item, self.zone, self.forms, self.at, self.problems) for item in listed)


class Person(Table):
    """[answer.person]: where the person stands. Numbers may be masked with *: only what is whole is kept."""

    name: Pointer | None = None
    id_number: Pointer | None = None
    phone: Pointer | None = None

    def read(self, reading: Reading) -> Holder:
        name, number, phone = (reading.word(pointer) for pointer in (self.name, self.id_number, self.phone))
        return Holder(
            name=name,
            id_number=number if _WHOLE_ID.fullmatch(number) else "",
            id_last4=number[-4:].upper() if _LAST4.fullmatch(number[-4:]) else "",
            phone=phone if _PHONE.fullmatch(phone) else "",
        )


class Tests(Table):
    """[answer.tests]: `items` is the place of a list or of one test; the other places are within each."""

    items: Pointer
    taken_at: Pointer
    result: Pointer
    kind: Pointer | None = None
    results: dict[str, Literal["negative", "positive", "unknown"]]
    kinds: dict[str, str] = Field(default_factory=dict)
    default_kind: str = "pcr"

    def read(self, reading: Reading) -> tuple[LabTest, ...]:
        found = (self._one(item, reading.at) for item in reading.items(self.items))
        return tuple(test for test in found if test is not None)

    def _one(self, item: Reading, at: datetime) -> LabTest | None:
        """One test; None where there is none, and where it cannot be read, which is noted."""
        said, taken_at = item.word(self.result), item.time(self.taken_at)
        if not said and taken_at is None and not item.word(self.taken_at):
            return None
        if taken_at is None or taken_at > at + AHEAD:
            item.note(self.items + self.taken_at, "a test without a time that can be")
            return None
        kind = self.kinds.get(item.word(self.kind), "unknown") if self.kind else self.default_kind
        return LabTest(kind, taken_at, self.results.get(said, "unknown"))


class Vaccinations(Table):
    """[answer.vaccinations]: as for tests; `doses` is 0 where the vendor does not say how many are needed."""

    items: Pointer
    date: Pointer
    dose: Pointer
    doses: Pointer | None = None
    product: Pointer | None = None
    products: dict[str, str] = Field(default_factory=dict)

    def read(self, reading: Reading) -> tuple[Vaccination, ...]:
        found = (self._one(item) for item in reading.items(self.items))
        return tuple(dose for dose in found if dose is not None)

    def _one(self, item: Reading) -> Vaccination | None:
        dose, doses = item.word(self.dose), item.word(self.doses) or "0"
        day, product = item.time(self.date), item.word(self.product)
        if day is None or not _small(dose) or not _small(doses):
            item.note(self.items, "a vaccination without its day and numbers")
            return None
        local = day.astimezone(item.zone).date().isoformat()
        return Vaccination(self.products.get(product, product), int(dose), int(doses), local)


def _small(number: str) -> bool:
    return number.isascii() and number.isdecimal() and len(number) <= 2
