"""Cards that come in several symbols (`shc:/2/3/…`), collected in any order. Pure: the time is passed in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from kiosk.model import Part

MAX_PARTS = 12
MAX_PART_CHARS = 8 * 1024
WITHIN = timedelta(seconds=60)  # between one part and the next
_PART = re.compile(r"(shc:/)([1-9][0-9]?)/([1-9][0-9]?)/(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Collected:
    """Which parts are there of how many; `text` is the whole card once all are."""

    have: frozenset[int]
    total: int
    text: str | None = None


def part_of(text: str) -> Part | None:
    """Which part of a card `text` is; None when it is none, or of a card longer than any is allowed to be."""
    return found[0] if (found := _split(text)) else None


class Collector:
    """The parts of one card. One of another card (of another length, or with another content at a known number)
    begins anew with that card; a repeat changes nothing."""

    def __init__(self, within: timedelta = WITHIN) -> None:
        self._within = within
        self._contents: dict[int, str] = {}
        self._prefix, self._total = "", 0
        self._latest: datetime | None = None

    def add(self, text: str, at: datetime) -> Collected:
        """Take one part. Raises ValueError for a text that is no part of a card."""
        found = _split(text)
        if found is None:
            raise ValueError("no part of a card")
        part, prefix, content = found
        if self.expired(at) or self._total != part.total or self._contents.get(part.number, content) != content:
            self._contents = {}
        self._prefix, self._total, self._latest = prefix, part.total, at
        self._contents[part.number] = content
        return self._collected()

    def expired(self, at: datetime) -> bool:
        """Whether the next part took too long: what was collected counts no more."""
        return self._latest is not None and at - self._latest > self._within

    def _collected(self) -> Collected:
        whole = len(self._contents) == self._total
        text = self._prefix + "".join(self._contents[number] for number in sorted(self._contents)) if whole else None
        return Collected(frozenset(self._contents), self._total, text)


def _split(text: str) -> tuple[Part, str, str] | None:
    if len(text) > MAX_PART_CHARS or not (found := _PART.fullmatch(text)):
        return None
    prefix, number, total, content = found.groups()
    part = Part(int(number), int(total))
    return (part, prefix, content) if part.number <= part.total <= MAX_PARTS else None
