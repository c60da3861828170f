"""Several codes in view: which one is meant.

A lane's camera sees the neighbour's phone, a poster on the wall and the code that is held up. What lies outside the
lane's zone is somebody else's. Inside, the code nearest the middle is meant; two health codes at once are two people,
and which of them stands here only the volunteer can see. Only the symbols of one card belong together: all are meant.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import hypot

from kiosk.model import Symbol

Zone = tuple[float, float, float, float]  # pixels: left, top, right, bottom


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """More than one health code in the zone: ask. `symbols` come nearest the middle first, each text once."""

    symbols: tuple[Symbol, ...]


@dataclass(frozen=True, slots=True)
class Pieces:
    """Several symbols of one card: each is meant. `symbols` come nearest the middle first, each text once."""

    symbols: tuple[Symbol, ...]


def choose(
    symbols: Sequence[Symbol],
    zone: Zone,
    is_health: Callable[[str], bool] = lambda _: False,
    one_card: Callable[[Sequence[str]], bool] = lambda _: False,
) -> Symbol | Pieces | Ambiguous | None:
    """The symbol that is meant, or that it is to be asked for, or None where the zone holds none.

    `is_health` tells a health code from a poster by its text; a health code goes before a poster that is nearer.
    `one_card` tells whether several texts may be the symbols of one card. Both are asked only where there is a choice.
    A symbol without corners counts as in the middle.
    """
    inside = _nearest_first(symbols, zone)
    if len(inside) < 2:
        return next(iter(inside), None)
    health = [symbol for symbol in inside if is_health(symbol.text)]
    if len(health) > 1:
        return (Pieces if one_card([symbol.text for symbol in health]) else Ambiguous)(tuple(health))
    return next(iter(health or inside), None)


def _nearest_first(symbols: Sequence[Symbol], zone: Zone) -> list[Symbol]:
    left, top, right, bottom = zone
    middle = ((left + right) / 2, (top + bottom) / 2)
    places = [(_centre(symbol) or middle, symbol) for symbol in symbols]
    inside = [(at, symbol) for at, symbol in places if left <= at[0] <= right and top <= at[1] <= bottom]
    inside.sort(key=lambda one: hypot(one[0][0] - middle[0], one[0][1] - middle[1]))
    return list({symbol.text: symbol for _, symbol in reversed(inside)}.values())[::-1]


def _centre(symbol: Symbol) -> tuple[float, float] | None:
    if not symbol.corners:
        return None
    count = len(symbol.corners)
    return sum(x for x, _ in symbol.corners) / count, sum(y for _, y in symbol.corners) / count
