"""Where in the picture a lane's people hold up their codes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

from kiosk.model import Symbol

if TYPE_CHECKING:  # settings name zones too, and reading them needs no OpenCV
    from kiosk.devices.picture import Pixels

MARGIN = 0.06  # of the picture, looked at around the zone: a code in it may reach out of it

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Zone:
    """A rectangle in shares of the picture's width and height, from its top left corner: (0, 0, 1, 1) is all of it."""

    x: float = 0.0
    y: float = 0.0
    width: float = 1.0
    height: float = 1.0

    @classmethod
    def of(cls, shares: Sequence[float]) -> Self:
        """The zone that `[x, y, width, height]` describes. Raises ValueError where that is no part of a picture."""
        x, y, width, height = shares
        if min(x, y) < 0 or min(width, height) < 0.05 or max(x + width, y + height) > 1.000001:
            raise ValueError("a zone is [x, y, width, height] in shares of the picture, for example [0.5, 0, 0.5, 1]")
        return cls(x, y, width, height)

    def box(self, shape: Sequence[int], margin: float = 0.0) -> tuple[int, int, int, int]:
        """Left, top, right, bottom in the pixels of a picture of `shape`, `margin` shares wider on each side."""
        height, width = shape[:2]
        left, right = self.x - margin, self.x + self.width + margin
        top, bottom = self.y - margin, self.y + self.height + margin
        return (
            max(round(left * width), 0),
            max(round(top * height), 0),
            min(round(right * width), width),
            min(round(bottom * height), height),
        )

    def cut(self, image: Pixels, margin: float = 0.0) -> Pixels:
        """That part of a picture, as a view."""
        left, top, right, bottom = self.box(image.shape, margin)
        return image[top:bottom, left:right]

    def holds(self, point: Point, shape: Sequence[int]) -> bool:
        """Whether `point` (x, y in pixels of the whole picture) lies inside."""
        left, top, right, bottom = self.box(shape)
        return left <= point[0] < right and top <= point[1] < bottom

    def own(self, symbols: Sequence[Symbol], shape: Sequence[int]) -> list[Symbol]:
        """Of the symbols found in `cut(image, MARGIN)`, those whose middle lies in the zone, their corners in pixels
        of the whole picture of `shape`. A symbol without corners can only be the lane's own where that sees all."""
        left, top, _, _ = self.box(shape, MARGIN)
        moved = [_moved(symbol, left, top) for symbol in symbols]
        return [symbol for symbol in moved if (self == WHOLE or self._has(symbol, shape))]

    def _has(self, symbol: Symbol, shape: Sequence[int]) -> bool:
        return bool(symbol.corners) and self.holds(middle(symbol), shape)


WHOLE = Zone()


def middle(symbol: Symbol) -> Point:
    """The middle of a symbol's corners."""
    xs, ys = zip(*symbol.corners, strict=True)
    return sum(xs) / len(xs), sum(ys) / len(ys)


def _moved(symbol: Symbol, dx: int, dy: int) -> Symbol:
    return replace(symbol, corners=tuple((x + dx, y + dy) for x, y in symbol.corners))
