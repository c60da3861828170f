"""A camera's own controls: exposure, focus, gain and the mains frequency, set where the driver has them.

OpenCV passes its properties on to Video4Linux; the mains frequency it does not know, so that one goes to the
kernel directly. Every driver leaves some out or takes a value and ignores it: each is read back and reported.
"""

from __future__ import annotations

import fcntl
import os
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import cv2
import structlog

log = structlog.get_logger(__name__)

MANUAL, AUTOMATIC = 1.0, 3.0  # V4L2_EXPOSURE_MANUAL, V4L2_EXPOSURE_APERTURE_PRIORITY
UNITS_A_MS = 10.0  # V4L2_CID_EXPOSURE_ABSOLUTE counts 100 µs
UNKNOWN_MS = 10.0  # where the driver does not say
CLOSE = 0.02  # share by which a value read back may differ

VIDIOC_S_CTRL = 0xC008561C  # videodev2.h: _IOWR('V', 28, struct v4l2_control)
POWER_LINE_FREQUENCY = 0x00980918  # V4L2_CID_POWER_LINE_FREQUENCY
MAINS = {50: 1, 60: 2}

Automatic = str | float  # "auto", "code" or a value


class Knobs(Protocol):
    """What of cv2.VideoCapture is used here."""

    def set(self, prop: int, value: float, /) -> bool: ...
    def get(self, prop: int, /) -> float: ...


class Tuning(Protocol):
    """What is asked of a camera's controls, like kiosk.toml's `[camera]`.

    `exposure` is "auto" (the camera's own), "code" (follows the code's brightness) or milliseconds; `focus` "auto",
    "code" (kept from the first code read) or the driver's number; `gain` "auto" or the driver's number.
    """

    @property
    def exposure(self) -> Automatic: ...
    @property
    def focus(self) -> Automatic: ...
    @property
    def gain(self) -> Automatic: ...
    @property
    def mains_hz(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Control:
    """One control that was set: what was asked, and whether the camera has taken it."""

    name: str
    asked: str
    accepted: bool


class Controls:
    """The controls of one open camera. What is wished from any thread is done by `apply`, in the reading one."""

    def __init__(self, knobs: Knobs, tuning: Tuning, mains: Callable[[int], bool]) -> None:
        self._knobs = knobs
        self._tuning = tuning
        self._mains = mains
        self._lock = threading.Lock()
        self._done: dict[str, Control] = {}
        self._wishes: dict[str, float | None] = {}
        self._asked: dict[str, float | None] = {}
        self.exposure_ms = UNKNOWN_MS  # for how long the camera says that it exposes

    @property
    def report(self) -> tuple[Control, ...]:
        """Everything that was asked so far and what became of it."""
        with self._lock:
            return tuple(self._done.values())

    @property
    def follows_code(self) -> bool:
        """Whether the exposure is to follow the code's brightness, and the camera lets it."""
        with self._lock:
            done = self._done.get("exposure")
        return self._tuning.exposure == "code" and (done is None or done.accepted)

    def settle(self) -> None:
        """Set what kiosk.toml says; to be called once, by the thread that opened the camera."""
        if self._tuning.mains_hz in MAINS:
            self._note("mains", f"{self._tuning.mains_hz} Hz", self._mains(self._tuning.mains_hz))
        if not isinstance(self._tuning.exposure, str):
            self._expose(self._tuning.exposure)
        if not isinstance(self._tuning.focus, str):
            self._focus(self._tuning.focus)
        if not isinstance(self._tuning.gain, str):
            self._note("gain", f"{self._tuning.gain:g}", self._set(cv2.CAP_PROP_GAIN, self._tuning.gain))
        self._look()
        log.info("camera", controls={control.name: control.accepted for control in self.report})

    def wish_exposure(self, milliseconds: float | None) -> None:
        """Expose so long from the next picture on; None: as the camera sees fit."""
        if self.follows_code:
            self._wish("exposure", milliseconds)

    def wish_focus_kept(self, kept: bool) -> None:
        """Keep the focus as it is, or let the camera look for it."""
        if self._tuning.focus == "code":
            self._wish("focus", 1.0 if kept else None)

    def apply(self) -> None:
        """Do what was wished since the last picture."""
        with self._lock:
            wishes, self._wishes = self._wishes, {}
        if "exposure" in wishes:
            self._expose(wishes["exposure"])
        if "focus" in wishes:
            self._keep_focus(wishes["focus"] is not None)
        if wishes:
            self._look()

    def _look(self) -> None:
        self.exposure_ms = max(self._knobs.get(cv2.CAP_PROP_EXPOSURE) / UNITS_A_MS, 0.0) or UNKNOWN_MS

    def _wish(self, name: str, value: float | None) -> None:
        with self._lock:
            if name not in self._asked or self._asked[name] != value:
                self._asked[name] = self._wishes[name] = value

    def _expose(self, milliseconds: float | None) -> None:
        if milliseconds is None:
            self._note("exposure", "auto", self._set(cv2.CAP_PROP_AUTO_EXPOSURE, AUTOMATIC))
            return
        taken = self._set(cv2.CAP_PROP_AUTO_EXPOSURE, MANUAL)
        taken = taken and self._set(cv2.CAP_PROP_EXPOSURE, max(round(milliseconds * UNITS_A_MS), 1))
        if not taken:
            self._set(cv2.CAP_PROP_AUTO_EXPOSURE, AUTOMATIC)
        self._note("exposure", f"{milliseconds:.1f} ms", taken)

    def _focus(self, value: float) -> None:
        self._set(cv2.CAP_PROP_AUTOFOCUS, 0)
        self._note("focus", f"{value:g}", self._set(cv2.CAP_PROP_FOCUS, value))

    def _keep_focus(self, kept: bool) -> None:
        taken = self._set(cv2.CAP_PROP_AUTOFOCUS, 0 if kept else 1)
        self._note("focus", "kept" if kept else "auto", taken)

    def _set(self, prop: int, value: float) -> bool:
        """Whether the camera took the value: said so, and shows it when asked."""
        if not self._knobs.set(prop, value):
            return False
        return abs(self._knobs.get(prop) - value) <= max(CLOSE * abs(value), 1.0 if value > 10 else 0.0)

    def _note(self, name: str, asked: str, accepted: bool) -> None:
        with self._lock:
            self._done[name] = Control(name, asked, accepted)


def set_mains(device: Path, hz: int) -> bool:
    """Tell the camera at `device` (/dev/video0) how often the mains pulse; False where it has no such control."""
    try:
        handle = os.open(device, os.O_RDWR | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        fcntl.ioctl(handle, VIDIOC_S_CTRL, struct.pack("=Ii", POWER_LINE_FREQUENCY, MAINS[hz]))
    except OSError:
        return False
    finally:
        os.close(handle)
    return True
