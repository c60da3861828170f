"""Readers that behave as badly as native code can, for the decode process: the top left pixel says how."""

from __future__ import annotations

import os
import signal
from typing import Any

import numpy.typing as npt

from kiosk.model import Colour, Symbol

FINE, ABORTS, SEGFAULTS, HANGS, RAISES, SLEEPS = range(6)


class Hostile:
    taken = ()

    def __init__(self) -> None:
        self._read = -4  # the worker warms up with so many pictures

    def read(self, image: npt.NDArray[Any], *, thorough: bool = False) -> list[Symbol]:
        match int(image.flat[0]):
            case 1:
                os.abort()
            case 2:
                os.kill(os.getpid(), signal.SIGSEGV)
            case 3:
                while True:
                    pass
            case 4:
                raise RuntimeError("张三 must not come up in a log")
            case 5:
                signal.pause()
        self._read += 1
        return [Symbol(f"{image.shape} {image.sum()} {thorough} {self._read}", "QRCode", Colour.UNSURE)]
