"""Thermometers: what a lane asks, a serial one (GY-MCU90614, GY-MCU90615) and a scripted one for films.

A thermometer measures whatever is in front of it. Only what a living person can have is a reading; a wall at 22 °C
is nobody, not an error. And only a steady value is one: a forehead that moves into view passes through every
temperature on the way, and the first plausible one of a feverish person is a healthy one.
"""

from __future__ import annotations

import statistics
import struct
import termios
import time
from collections import deque
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

import serial
import structlog

from kiosk.errors import DeviceError
from kiosk.model import ImplausibleReading, Reading, plausible

log = structlog.get_logger(__name__)

__all__ = ["Gy906Frames", "ScriptedThermometer", "SerialThermometer", "Thermometer", "plausible"]

SILENCE_S = 2.0
PAUSE_S = 1.0  # not asked for so long: what waits on the line since then may be of the person before
STEADY_FRAMES = 5  # in a row, half a second of the usual ten a second…
STEADY_CELSIUS = 0.3  # …within this span

_HEADER = b"\x5a\x5a\x45\x04"
_FRAME_BYTES = 9
_AMBIENT_CELSIUS = (-40.0, 125.0)  # where the sensor works (MLX90614 data sheet)
_CONTINUOUS = bytes.fromhex("a545ea")


class Thermometer(Protocol):
    """Something that measures whoever stands in front of it."""

    def read(self) -> Reading | None:
        """The reading of whoever is there now; None for nobody. Raises DeviceError when the device does not work."""

    def close(self) -> None: ...


class Gy906Frames:
    """Cuts a GY-MCU90614/90615 byte stream into temperatures, however it arrives.

    A frame has 9 bytes: 5A 5A 45 04, object and ambient as signed big-endian hundredths of a degree, the sum of the
    eight bytes before modulo 256. That sum is weak: a forehead's frame that is cut off after five bytes forms a whole
    one with the header of the next. So the ambient must be one, too. `bad` counts the frames refused; garbage between
    frames is skipped.
    """

    def __init__(self) -> None:
        self.bad = 0
        self._waiting = b""

    def feed(self, data: bytes) -> list[float]:
        """The object temperatures, in °C, of all frames that `data` completes."""
        self._waiting += data
        celsius = []
        while (frame := self._next()) is not None:
            value, ambient = (hundredths / 100 for hundredths in struct.unpack_from(">hh", frame, 4))
            if sum(frame[:-1]) % 256 == frame[-1] and _AMBIENT_CELSIUS[0] <= ambient <= _AMBIENT_CELSIUS[1]:
                celsius.append(value)
                self._waiting = self._waiting[_FRAME_BYTES:]
            else:
                self.bad += 1
                self._waiting = self._waiting[1:]  # the true frame may begin within this one
        return celsius

    def _next(self) -> bytes | None:
        """Drop what cannot begin a frame; the frame at the front, once it is whole."""
        start = self._waiting.find(_HEADER)
        if start < 0:
            self._waiting = self._waiting[-(len(_HEADER) - 1) :]
            return None
        self._waiting = self._waiting[start:]
        return self._waiting[:_FRAME_BYTES] if len(self._waiting) >= _FRAME_BYTES else None


class Steady:
    """Tells a person who stands still in front of the sensor from one who comes or goes."""

    def __init__(self) -> None:
        self._last: deque[float] = deque(maxlen=STEADY_FRAMES)

    def clear(self) -> None:
        self._last.clear()

    def add(self, celsius: float) -> None:
        """Take one value in. One that no person has means that nobody is there."""
        try:
            plausible(celsius)
        except ImplausibleReading:
            self._last.clear()
        else:
            self._last.append(celsius)

    def celsius(self) -> float | None:
        """The person's temperature; None for nobody, or not yet."""
        if len(self._last) < STEADY_FRAMES or max(self._last) - min(self._last) > STEADY_CELSIUS:
            return None
        return statistics.median(self._last)


class SerialThermometer:
    """A GY-MCU90614 or GY-MCU90615 on a serial port: 8N1, frames without being asked.

    Opens the port when first read, and again after a fault. `now` gives the time of a reading.
    """

    def __init__(
        self,
        port: str,
        baud: int,
        now: Callable[[], datetime],
        *,
        name: str = "GY-MCU9061x",
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.frames = Gy906Frames()
        self._port = port
        self._baud = baud
        self._now = now
        self._name = name
        self._monotonic = monotonic
        self._line: serial.Serial | None = None
        self._steady = Steady()
        self._asked_s = self._heard_s = float("-inf")

    def read(self) -> Reading | None:
        """The reading of whoever is there now, without waiting; None for nobody.

        Raises DeviceError when the port does not open or is gone, and when no frame came for two seconds.
        """
        asked_s, self._asked_s = self._asked_s, self._monotonic()
        values = self.frames.feed(self._waiting_bytes())
        if values:
            self._heard_s = self._asked_s
        elif self._asked_s - self._heard_s > SILENCE_S:
            self._steady.clear()
            raise DeviceError(
                f"thermometer: no frame for {SILENCE_S:g} s; check cable, power and speed ({self._baud} baud)"
            )
        self._take(values, after_pause=self._asked_s - asked_s > PAUSE_S)
        steady = self._steady.celsius()
        return None if steady is None else Reading(round(steady, 2), self._now(), self._name)

    def close(self) -> None:
        if self._line:
            self._line.close()
            self._line = None

    def _take(self, values: list[float], *, after_pause: bool) -> None:
        if after_pause:  # they may be of the person before: a sign of life, no more
            self._steady.clear()
            return
        for celsius in values:
            self._steady.add(celsius)

    def _waiting_bytes(self) -> bytes:
        try:
            line = self._opened()
            return bytes(line.read(line.in_waiting))
        except (OSError, termios.error) as error:  # serial.SerialException is an OSError; a hung-up line may be either
            self.close()
            self._steady.clear()
            raise DeviceError(
                f"thermometer: {self._port} cannot be read ({_why(error)}); plugged in? this user in group dialout?"
            ) from error

    def _opened(self) -> serial.Serial:
        if self._line is None:
            self._line = serial.Serial(self._port, self._baud, timeout=0, write_timeout=1)
            self._line.write(_CONTINUOUS)
            self._heard_s = self._asked_s
            log.info("thermometer", opened=self._port, baud=self._baud)
        return self._line


class ScriptedThermometer:
    """Measures what a film's script says at the film's own `position`; None where it says nobody is there."""

    def __init__(
        self,
        celsius_at: Callable[[float], float | None],
        position: Callable[[], float | None],
        now: Callable[[], datetime],
        *,
        name: str = "film",
    ) -> None:
        self._celsius_at = celsius_at
        self._position = position
        self._now = now
        self._name = name

    def read(self) -> Reading | None:
        position_s = self._position()
        celsius = None if position_s is None else self._celsius_at(position_s)
        return None if celsius is None else Reading(celsius, self._now(), self._name)

    def close(self) -> None:
        """Nothing is open."""


def _why(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
