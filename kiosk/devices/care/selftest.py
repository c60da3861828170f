"""Before the gate opens: does the reader read, and see colours, here and now? Built-in pictures say so."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Protocol

import numpy as np
import segno

from kiosk.devices.picture import Pixels
from kiosk.errors import DeviceError
from kiosk.model import Colour, Symbol

MODULE = 6  # pixels
QUIET = 4  # modules
FRAME = (360, 640)  # height, width
GROUND = 150  # grey around the code


@dataclass(frozen=True, slots=True)
class Probe:
    """One built-in picture: what it is called, its modules' BGR, and the colour it must be seen as."""

    name: str
    bgr: tuple[int, int, int]
    colour: Colour

    @property
    def text(self) -> str:
        return f"GATEHOUSE-SELF-TEST-{self.name.upper()}"


PROBES = (
    Probe("green", (66, 142, 20), Colour.GREEN),
    Probe("yellow", (0, 200, 255), Colour.YELLOW),
    Probe("amber", (0, 165, 245), Colour.YELLOW),
    Probe("red", (38, 28, 205), Colour.RED),
)


class Reads(Protocol):
    """What decodes, like `process.Decoder`."""

    def decode(self, image: Pixels) -> list[Symbol]: ...


@dataclass(frozen=True, slots=True)
class SelfTest:
    """How it went: `faults` says in English what was not read or seen in another colour. `ms` is all pictures'."""

    faults: tuple[str, ...]
    ms: float

    @property
    def ok(self) -> bool:
        return not self.faults


@cache
def picture(probe: Probe) -> Pixels:
    """The probe as a camera frame would show it: a code on grey, 640×360, BGR."""
    code = segno.make(probe.text, error="m", micro=False)
    modules = np.pad(np.array([list(row) for row in code.matrix], np.uint8), QUIET)
    large = np.kron(modules, np.ones((MODULE, MODULE), np.uint8))[..., None]
    drawn = np.where(large == 1, np.array(probe.bgr), np.array((235, 235, 235))).astype(np.uint8)
    frame = np.full((*FRAME, 3), GROUND, np.uint8)
    top, left = ((whole - part) // 2 for whole, part in zip(FRAME, drawn.shape, strict=False))
    frame[top : top + drawn.shape[0], left : left + drawn.shape[1]] = drawn
    return frame


def run(reader: Reads, clock: Callable[[], float] = time.perf_counter) -> SelfTest:
    """Let `reader` read every built-in picture."""
    start = clock()
    faults = tuple(fault for probe in PROBES if (fault := _fault(reader, probe)))
    return SelfTest(faults, 1000 * (clock() - start))


def _fault(reader: Reads, probe: Probe) -> str:
    try:
        symbols = reader.decode(picture(probe))
    except DeviceError as error:
        return f"{probe.name}: {error}"
    if [symbol.text for symbol in symbols] != [probe.text]:
        return f"{probe.name}: not read"
    seen = symbols[0].colour
    return "" if seen is probe.colour else f"{probe.name}: seen as {seen}"
