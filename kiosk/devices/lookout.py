"""One lane's eye: a frame goes in, what is newly presented comes out, and the camera is looked after on the way."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np

from kiosk.devices.care.controls import Controls
from kiosk.devices.care.exposure import ExposureCare, brightness, white_of
from kiosk.devices.care.eyesight import Eyesight
from kiosk.devices.care.troubles import Trouble
from kiosk.devices.care.watchfulness import Watchfulness, small
from kiosk.devices.care.zone import MARGIN, WHOLE, Zone
from kiosk.devices.choosing import Ambiguous, Pieces, choose
from kiosk.devices.frame import Frame
from kiosk.devices.picture import Pixels, grey
from kiosk.devices.sightings import Sightings
from kiosk.devices.tally import Tally
from kiosk.devices.worker import Answer
from kiosk.model import Symbol

ASK_S = 1.5  # how long "one code at a time" stays after the last look that found several
ALONE_S = 0.5  # how long a code must then be the only one: of two, a single frame often shows only one


class Decoding(Protocol):
    """What decodes pictures, like `process.Decoder`."""

    dropped: int

    def attempt(self, image: Pixels) -> Answer: ...
    def decode(self, image: Pixels) -> list[Symbol]: ...
    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Condition:
    """What the volunteer should know about a lane's eye. `several`: more than one code is held up."""

    troubles: frozenset[Trouble] = frozenset()
    several: bool = False


class Lookout:
    """Looks at the frames of one lane, within its zone.

    `is_health` tells a health code from a poster by its text, `one_card` whether texts may be symbols of one card.
    """

    def __init__(
        self,
        decoder: Decoding,
        sightings: Sightings,
        *,
        zone: Zone = WHOLE,
        watch: Watchfulness | None = None,
        eyes: Eyesight | None = None,
        is_health: Callable[[str], bool] = lambda _: True,
        one_card: Callable[[Sequence[str]], bool] = lambda _: False,
    ) -> None:
        self.decoder = decoder
        self.zone = zone
        self.watch = watch or Watchfulness()
        self.tally = Tally()
        self.condition = Condition()
        self._sightings = sightings
        self._eyes = eyes or Eyesight()
        self._exposure = ExposureCare()
        self._is_health, self._one_card = is_health, one_card
        self._several_at_s = float("-inf")

    def look(self, frame: Frame, controls: Controls | None = None) -> Symbol | None:
        """The symbol that is newly presented in `frame`, if any. Raises DeviceError when nothing can be decoded."""
        tiny = small(frame.image)
        self.watch.look(self.zone.cut(tiny), frame.at_s)
        answer = self.decoder.attempt(self.zone.cut(frame.image, MARGIN))
        self.tally.look(time.monotonic(), frame.index, answer.ms, answer.trouble)
        own = self.zone.own(answer.symbols, frame.image.shape)
        missed = not answer.symbols and any(look.found for look in answer.taken)
        self.tally.codes(near_misses=missed, outside=len(answer.symbols) - len(own))
        if own or missed:
            self.watch.wake(frame.at_s)
        new = self._chosen(own, frame)
        self._care(frame, tiny, own, controls)
        return new

    def _chosen(self, own: list[Symbol], frame: Frame) -> Symbol | None:
        """The symbol that is meant, if it was not in view before. What is in view already stays so beside others."""
        meant = choose(own, self.zone.box(frame.image.shape), self._is_health, self._one_card)
        if isinstance(meant, Ambiguous):
            self._several_at_s = frame.at_s
            self.tally.codes(ambiguous=1)
        known = [symbol for symbol in own if self._sightings.in_view(symbol.text, frame.at_s)]
        if isinstance(meant, Pieces):  # one a frame: the next frame shows the others
            meant = next((symbol for symbol in meant.symbols if symbol not in known), None)
        alone = not 0 <= frame.at_s - self._several_at_s < ALONE_S
        wanted = [meant] if isinstance(meant, Symbol) and alone else []
        new = self._sightings.new([*wanted, *known], frame.at_s)
        for symbol in new:
            self.tally.presented(symbol)
        return next(iter(new), None)

    def _care(self, frame: Frame, tiny: Pixels, own: list[Symbol], controls: Controls | None) -> None:
        level = grey(frame.image)
        troubles = self._eyes.look(level, tiny, frame.at_s, awake=self.watch.awake, read=bool(own))
        several = 0 <= frame.at_s - self._several_at_s <= ASK_S
        self.condition = Condition(troubles, several)
        if controls:
            white = white_of(_around(own[0], level)) if own and own[0].corners else brightness(self.zone.cut(tiny))
            wish = self._exposure.wish(white, controls.exposure_ms, frame.at_s, awake=self.watch.awake)
            controls.wish_exposure(wish)
            if own or Trouble.BLURRED in troubles:
                controls.wish_focus_kept(bool(own))


def _around(symbol: Symbol, level: Pixels) -> Pixels:
    """The upright box around a symbol, at least one pixel of it."""
    left, top, width, height = cv2.boundingRect(np.array(symbol.corners, np.int32))
    left, top = min(max(left, 0), level.shape[1] - 1), min(max(top, 0), level.shape[0] - 1)
    return level[top : top + max(height, 1), left : left + max(width, 1)]
