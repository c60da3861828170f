"""The ladder: which reader looks at what, cheapest first. `docs/decisions/0002-decoder.md` says why in this order.

A camera frame: one zxing-cpp pass over its grey, in dim light now and then over its darkest channel with the contrast
stretched. Where that found a symbol which it could not read, the part is improved and read again. Then at most one
improved look at the whole frame, in turn, and one at the last frames laid over one another; none while nothing moves
and every look has had its chance.

A still picture: the same with every look, until one reads something or the time is up.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from kiosk.devices import colour, enhance, looks
from kiosk.devices.looks import AVERAGE, AVERAGE_WAYS, PLAIN, STRETCHED, THOROUGH, WAYS, View, Way
from kiosk.devices.overlay import Laid, Overlay
from kiosk.devices.patience import Allowance, Patience, Turns
from kiosk.devices.picture import prepare
from kiosk.devices.readers import QR, SELF_CORRECTING, Box, Corners, Look
from kiosk.model import Symbol

MOST_NEAR_MISSES = 3  # looked at once more in one picture
FRAME_S = 0.012  # of the processor's time for the near misses of one frame
STILL_S = 0.15  # of the processor's time for all looks at a still picture of up to STILL_PIXELS
STILL_PIXELS = 1920 * 1080
WITNESS_FRAMES = 60  # a text that needs a second witness waits for it for so long
EXPECTED_FRAMES = 6  # in which an average that read something looks for the one that says the same

FRAME_WAYS = tuple(way for way in WAYS if not way.dear)


@dataclass(frozen=True, slots=True)
class Taken:
    """One look that was taken: its name, its processor's milliseconds, the symbols read and those only found."""

    name: str
    ms: float
    read: int
    found: int


class Reader(Protocol):
    """What a decode process runs: pictures in, symbols out. `thorough` asks for every look, whatever it costs."""

    @property
    def taken(self) -> tuple[Taken, ...]:
        """The looks that the last picture took, in their order."""

    def read(self, image: npt.NDArray[Any], *, thorough: bool = False) -> list[Symbol]: ...


class Ladder:
    """The gate's reader, for symbols of these kinds (`readers.SYMBOLOGIES`; QR codes unless said otherwise).

    It remembers what moves in front of the camera and whose turn it is: one for each camera.
    """

    def __init__(self, *symbologies: str, overlay: Overlay | None = None) -> None:
        self.taken: tuple[Taken, ...] = ()
        self._wanted = symbologies or QR
        self._patience = Patience()
        self._turns = Turns(FRAME_WAYS)
        self._overlay = overlay or Overlay()
        self._expected = 0  # frames that are laid over one another at once, for a second average to agree
        self._frame = 0
        self._witnessed: dict[tuple[str, str], int] = {}  # symbology and text → frame

    def read(self, image: npt.NDArray[Any], *, thorough: bool = False) -> list[Symbol]:
        """The symbols in `image`, each with its corners and its colour. Raises DeviceError for what is no picture."""
        climb = _Climb(View(prepare(image)), self._wanted)
        symbols = _every_look(climb) if thorough else climb.way(PLAIN) or self._second_looks(climb)
        self.taken = tuple(climb.taken)
        self._frame += 1
        return [
            _coloured(symbol, climb.view)
            for symbol in symbols
            if symbol.symbology in SELF_CORRECTING or self._second_witness(symbol, climb, thorough)
        ]

    def _second_looks(self, climb: _Climb) -> tuple[Symbol, ...]:
        allowance = self._patience.allowance(climb.view.grey)
        for symbols in self._allowed_looks(climb, allowance):
            if symbols:
                self._patience.rewarded()
                return symbols
        if allowance.whole:
            self._turns.next()
        return ()

    def _allowed_looks(self, climb: _Climb, allowance: Allowance) -> Iterator[tuple[Symbol, ...]]:
        """What each of the second looks that this frame may have reads, cheapest first; taken only when asked for."""
        if allowance.stretched and climb.view.dim:
            yield climb.way(STRETCHED)
        if allowance.near_misses:
            yield climb.parts(_turned(WAYS, self._turns.number), FRAME_S)
        if allowance.whole:
            yield self._whole(climb)
        if allowance.whole or self._expected:
            yield self._overlaid(climb)

    def _whole(self, climb: _Climb) -> tuple[Symbol, ...]:
        symbols = climb.way(self._turns.way())
        self._turns.took(climb.taken[-1].ms)
        return symbols

    def _overlaid(self, climb: _Climb) -> tuple[Symbol, ...]:
        """What the frames so far show together. Parts of two symbols in turn could make a third text out of an
        average, so another one that shares no frame with it must say the same."""
        self._expected = max(self._expected - 1, 0)
        laid = self._overlay.add(climb.view.darkest)
        if laid is None:
            return ()
        symbols = climb.average(laid, AVERAGE_WAYS[self._turns.number % len(AVERAGE_WAYS)])
        if symbols:
            self._overlay.begin_anew()
            self._expected = EXPECTED_FRAMES
        return tuple(symbol for symbol in symbols if self._second_witness(symbol, climb, thorough=False))

    def _second_witness(self, symbol: Symbol, climb: _Climb, thorough: bool) -> bool:
        """Whether another frame, or for a still picture a look at it doubled, gives the same text."""
        if thorough:
            doubled = looks.plain(enhance.resized(climb.view.grey, 2.0), self._wanted)
            return any((one.symbology, one.text) == (symbol.symbology, symbol.text) for one in doubled.symbols)
        before = self._witnessed.get((symbol.symbology, symbol.text))
        recent = {key: frame for key, frame in self._witnessed.items() if self._frame - frame <= WITNESS_FRAMES}
        self._witnessed = recent | {(symbol.symbology, symbol.text): self._frame}
        return before is not None and self._frame - before <= WITNESS_FRAMES


def read_symbols(image: npt.NDArray[Any]) -> list[Symbol]:
    """The symbols in one picture, with every look taken, in this very process: a reader that crashes takes the
    caller with it, so lanes use `process.Decoder`. Raises DeviceError for what is no picture.
    """
    return Ladder().read(image, thorough=True)


class _Climb:
    """The looks at one picture: what they cost, and where they found what they could not read."""

    def __init__(self, view: View, wanted: tuple[str, ...]) -> None:
        self.view = view
        self.taken: list[Taken] = []
        self._wanted = wanted
        self._start = time.thread_time()
        self._near_misses: list[Corners] = []

    def spent_s(self) -> float:
        return time.thread_time() - self._start

    def way(self, way: Way) -> tuple[Symbol, ...]:
        """What this way reads in the whole picture; where it found more is kept for `parts`."""
        seen = self._timed(way.name, way, self.view)
        self._near_misses += seen.near_misses
        return seen.symbols

    def parts(self, ways: tuple[Way, ...], limit_s: float) -> tuple[Symbol, ...]:
        """What these ways read in the parts where a symbol was found, until `limit_s` more are spent."""
        limit_s += self.spent_s()
        return tuple(symbol for box in self._boxes() for symbol in self._part(box, ways, limit_s))

    def average(self, laid: Laid, way: Way) -> tuple[Symbol, ...]:
        """What is read in frames laid over one another, in the way that is best for them or else in this one."""
        view = View(laid.pixels)
        for one in (AVERAGE, way):
            if symbols := self._timed(f"{one.name}, {laid.frames} frames", one, view).symbols:
                return tuple(laid.moved(symbol) for symbol in symbols)
        return ()

    def _part(self, box: Box, ways: tuple[Way, ...], limit_s: float) -> tuple[Symbol, ...]:
        part = View(np.ascontiguousarray(box.of(self.view.pixels)))
        for way in ways:
            if self.spent_s() > limit_s:
                break
            name = f"{way.name}, at {box.left},{box.top}"
            if symbols := self._timed(name, way, part).symbols:
                return tuple(looks.moved(symbol, box) for symbol in symbols)
        return ()

    def _boxes(self) -> Iterator[Box]:
        """Around the near misses that no look was taken at yet, the largest first, none within another."""
        boxes = sorted((looks.around(corners, self.view) for corners in self._near_misses), key=Box.area, reverse=True)
        self._near_misses = []
        done: list[Box] = []
        for box in boxes:
            if len(done) < MOST_NEAR_MISSES and box.area() and not any(box.middle_in(other) for other in done):
                done.append(box)
                yield box

    def _timed(self, name: str, way: Way, view: View) -> Look:
        start = time.thread_time()
        seen = way.take(view, self._wanted)
        ms = 1000 * (time.thread_time() - start)
        self.taken.append(Taken(name, ms, len(seen.symbols), len(seen.near_misses)))
        return seen


def _coloured(symbol: Symbol, view: View) -> Symbol:
    tint = colour.measure(view.pixels, symbol.corners)
    return replace(symbol, colour=tint.colour, colour_confidence=tint.confidence)


def _turned(ways: tuple[Way, ...], by: int) -> tuple[Way, ...]:
    """All of them, beginning with another one each time: a frame's time may end before they do."""
    first = by % len(ways)
    return ways[first:] + ways[:first]


def _every_look(climb: _Climb) -> tuple[Symbol, ...]:
    """For a still picture: the near misses beside what was read too, since several people may have held theirs up."""
    view = climb.view
    limit_s = STILL_S * max(1.0, view.pixels.shape[0] * view.pixels.shape[1] / STILL_PIXELS)
    symbols = (climb.way(PLAIN) or climb.way(THOROUGH)) + climb.parts(WAYS, limit_s / 3)
    for way in WAYS:
        if symbols or climb.spent_s() > limit_s:
            break
        symbols = climb.way(way)
    return symbols or climb.parts(WAYS, limit_s / 3)
