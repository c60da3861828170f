"""Cards that come in several symbols (`shc:/2/3/…`), collected in any order. Pure: the time is passed in.

That the parts belong together is certain only once the signature over the whole holds; here it is seen to that what
cannot be one card is not put together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from kiosk.codes.shc import numeric
from kiosk.model import Part, Reason

MAX_PARTS = numeric.MAX_PARTS
WITHIN = timedelta(seconds=60)  # from the first part to the last
_DOTS = 2  # in a whole compact JWS


@dataclass(frozen=True, slots=True)
class Collected:
    """Which parts are there, of how many. `text` is the whole card once all are; `codes.read` takes it.

    `anew` says that the latest part belongs to another card than those before it, which count no more.
    """

    have: frozenset[int]
    total: int
    text: str | None = None
    anew: bool = False


def part_of(text: str) -> Part | None:
    """Which part of a card `text` is; None when it is none, or of a card longer than any is allowed to be."""
    piece = numeric.read(text)
    return None if isinstance(piece, Reason) or piece.whole else piece.part


def one_card(texts: Sequence[str]) -> bool:
    """Whether `texts` may be symbols of one and the same card: different parts of equally many."""
    parts = [part_of(text) for text in texts]
    return None not in parts and len({part.total for part in parts if part}) == 1 and len({*parts}) == len(parts)


class Collector:
    """The parts of one card, first to last within `within`. Holds at most one card: some ten thousand characters.

    A repeat changes nothing. A part that cannot be of the same card (of another number of parts, another content at a
    known number, no JWS together) begins anew with that card, and so does one that comes too late.
    """

    def __init__(self, within: timedelta = WITHIN) -> None:
        self._within = within
        self._pieces: dict[int, str] = {}
        self._total = 0
        self._since: datetime | None = None

    def add(self, text: str, at: datetime) -> Collected:
        """Take one part. Raises ValueError for a text that is no part of a card."""
        piece = numeric.read(text)
        if isinstance(piece, Reason) or piece.whole:
            raise ValueError("no part of a card")
        known = {} if self.expired(at) else self._pieces
        pieces = {**known, piece.part.number: piece.jws}
        same = piece.part.total == self._total and known.items() <= pieces.items() and _possible(pieces, self._total)
        anew = bool(known) and not same
        if not known or anew:
            pieces, self._since = {piece.part.number: piece.jws}, at
        self._pieces, self._total = pieces, piece.part.total
        return Collected(frozenset(pieces), self._total, self._whole(), anew)

    def expired(self, at: datetime) -> bool:
        """Whether the last part took too long: what was collected counts no more."""
        return self._since is not None and at - self._since > self._within

    def _whole(self) -> str | None:
        if len(self._pieces) < self._total:
            return None
        (text,) = numeric.write("".join(self._pieces[number] for number in sorted(self._pieces)))
        return text


def _possible(pieces: dict[int, str], total: int) -> bool:
    """Whether these may be pieces of one JWS: it has two dots."""
    dots = sum(piece.count(".") for piece in pieces.values())
    return dots == _DOTS if len(pieces) == total else dots <= _DOTS
