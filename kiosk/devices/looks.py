"""The second looks: which reader sees which improvement of a picture. `decoder.py` says when they are taken.

Their order and their choice were measured; docs/decisions/0002-decoder.md holds the table.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

from kiosk.devices import enhance, picture
from kiosk.devices.picture import Pixels
from kiosk.devices.qrdec import qrdec
from kiosk.devices.readers import Box, Corners, Look, zbar, zxing
from kiosk.model import Symbol

MARGIN = 0.25  # of a near miss's size, around it: readers want the quiet zone
LARGE = 1_500_000  # pixels from which a picture is looked at in a smaller copy: modules of ten pixels tell no more
DIM_BELOW = 128  # 8-bit level
REDUCED = 900_000  # pixels of that copy

Wanted = tuple[str, ...]  # names of symbologies


class View:
    """A prepared picture, or a part of one, and what is derived from it, each at most once."""

    def __init__(self, pixels: Pixels) -> None:
        self.pixels = pixels

    @cached_property
    def grey(self) -> Pixels:
        return picture.grey(self.pixels)

    @cached_property
    def darkest(self) -> Pixels:
        return picture.darkest(self.pixels)

    @cached_property
    def dim(self) -> bool:
        """Whether the brightest hundredth is below half of full scale: zxing-cpp misses yellow modules in its grey,
        and at a quarter any."""
        return enhance.level(self.grey[:: enhance.SAMPLE, :: enhance.SAMPLE], 0.99) < DIM_BELOW

    @property
    def handy(self) -> tuple[View, float]:
        """This view, or a copy of a handy size where it is large, and what the copy's corners are multiplied by."""
        return (self, 1.0) if self._area <= LARGE else (self._reduced, (self._area / REDUCED) ** 0.5)

    @cached_property
    def _reduced(self) -> View:
        """Kept apart from `handy`: a view that kept itself would stay, with all its pictures, until Python looks for
        cycles, some hundred megabytes later."""
        return View(enhance.resized(self.pixels, (REDUCED / self._area) ** 0.5))

    @property
    def _area(self) -> int:
        area: int = self.pixels.shape[0] * self.pixels.shape[1]
        return area


@dataclass(frozen=True, slots=True)
class Way:
    """One look: the darkest channel or grey, larger or smaller, made better, and read. Those that are `dear` for a
    frame of 1280×720 are for still pictures and for the part that a symbol was found in."""

    name: str
    read: Callable[[Pixels, Wanted], Look]
    better: Callable[[Pixels], Pixels] = enhance.as_it_is
    darkest: bool = True
    scale: float = 1.0
    dear: bool = False
    native: bool = False  # at full size however large the picture is

    def take(self, view: View, wanted: Wanted) -> Look:
        """What is seen, in pixels of `view`."""
        handy, by = (view, 1.0) if self.native else view.handy
        level = handy.darkest if self.darkest else handy.grey
        look = self.read(self.better(enhance.resized(level, self.scale)), wanted)
        return _scaled(look, by / self.scale)


def plain(grey: Pixels, wanted: Wanted) -> Look:
    return zxing(grey, wanted)


def quick(grey: Pixels, wanted: Wanted) -> Look:
    return zxing(grey, wanted, everywhere=False)


def histogram(grey: Pixels, wanted: Wanted) -> Look:
    return zxing(grey, wanted, histogram=True)


def _qr_only(read: Callable[[Pixels], Look]) -> Callable[[Pixels, Wanted], Look]:
    return lambda grey, wanted: read(grey) if "qr" in wanted else Look(())


_qrdec, _zbar = _qr_only(qrdec), _qr_only(zbar)

PLAIN = Way("zxing", quick, darkest=False, native=True)
STRETCHED = Way("zxing, stretched", quick, enhance.stretched, native=True)
THOROUGH = Way("zxing, everywhere", plain, darkest=False, native=True)
WAYS = (
    Way("zxing by histogram", histogram),
    Way("zxing by histogram, speckless", histogram, enhance.speckless),
    Way("zxing, inverted", quick, enhance.inverted, darkest=False),
    Way("zxing by histogram, halved", histogram, scale=0.5),
    Way("zxing, stretched", plain, enhance.stretched),
    Way("zxing, finely sharpened", plain, enhance.finely_sharpened),
    Way("zxing, smoothed", plain, enhance.smoothed, darkest=False),
    Way("qrdec, halved", _qrdec, scale=0.5),
    Way("zxing, doubled", plain, scale=2.0),
    Way("qrdec, speckless", _qrdec, enhance.speckless),
    Way("zxing, equalised", plain, enhance.equalised),
    Way("zxing, sharpened", plain, enhance.sharpened, darkest=False),
    Way("qrdec", _qrdec),
    Way("qrdec, sharpened", _qrdec, enhance.sharpened, dear=True),
    Way("zxing, doubled and sharpened", plain, enhance.widely_sharpened, scale=2.0, dear=True),
    Way("zbar", _zbar, dear=True),
    Way("zbar, speckless", _zbar, enhance.speckless, dear=True),
)

AVERAGE = Way("zxing, brought out", quick, enhance.brought_out, darkest=False)  # of frames laid over one another
AVERAGE_WAYS = (
    Way("zxing by histogram, halved", histogram, darkest=False, scale=0.5),
    Way("zxing, enlarged and brought out", quick, enhance.finely_brought_out, darkest=False, scale=1.4),
    Way("zxing, widely brought out", quick, enhance.widely_brought_out, darkest=False),
)


def around(corners: Corners, view: View) -> Box:
    """The part of the picture that a symbol with these corners lies in, with its quiet zone."""
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    margin = 8 + int(MARGIN * max(max(xs) - min(xs), max(ys) - min(ys)))
    height, width = view.pixels.shape[:2]
    return Box(
        max(min(xs) - margin, 0),
        max(min(ys) - margin, 0),
        min(max(xs) + margin, width),
        min(max(ys) + margin, height),
    )


def moved(symbol: Symbol, box: Box) -> Symbol:
    """A symbol read in `box`, with its corners in the whole picture."""
    return replace(symbol, corners=tuple((x + box.left, y + box.top) for x, y in symbol.corners))


def _scaled(look: Look, scale: float) -> Look:
    if scale == 1:
        return look
    symbols = tuple(replace(symbol, corners=_stretch(symbol.corners, scale)) for symbol in look.symbols)
    return Look(symbols, tuple(_stretch(corners, scale) for corners in look.near_misses))


def _stretch(corners: Corners, scale: float) -> Corners:
    return tuple((round(x * scale), round(y * scale)) for x, y in corners)
