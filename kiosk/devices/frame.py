"""What every camera gives and is asked for, whatever stands behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from kiosk.devices.care.controls import Automatic, Controls, Tuning
from kiosk.devices.picture import Pixels


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture of a camera: BGR (H, W, 3) or grey (H, W), 8 bits.

    `index` counts from 0. `at_s` never goes back: seconds of the monotonic clock, or of a film's running time.
    `position_s` is the place in the film, which begins anew when it plays again; None for a real camera.
    """

    image: Pixels
    index: int
    at_s: float
    position_s: float | None = None


class Camera(Protocol):
    """A source of frames, used by one thread."""

    def read(self) -> Frame | None:
        """The next frame, waiting for it; None at the end of a film. Raises DeviceError when none comes any more."""

    def close(self) -> None: ...


@runtime_checkable
class Steered(Camera, Protocol):
    """A real camera: it can rest between pictures, and it may have controls.

    `rest_s` is how long to let pictures pass undecoded after each one; any thread may set it.
    """

    rest_s: float
    controls: Controls | None


class Wishes(Tuning, Protocol):
    """What is asked of every camera, like kiosk.toml's `[camera]`."""

    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...
    @property
    def fps(self) -> float: ...
    @property
    def stall_s(self) -> float: ...
    @property
    def reopen_s(self) -> float: ...
    @property
    def frozen_s(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Usual:
    """The wishes of a gate whose kiosk.toml says nothing."""

    width: int = 1280
    height: int = 720
    fps: float = 15
    stall_s: float = 3
    reopen_s: float = 2
    frozen_s: float = 10
    exposure: Automatic = "auto"
    focus: Automatic = "auto"
    gain: Automatic = "auto"
    mains_hz: int = 50


USUAL = Usual()
