"""The picture path: a file is opened, made one form and read by the ladder. Symbols or a reason, whatever the bytes."""

from __future__ import annotations

import os
from pathlib import Path

import cv2

from kiosk.devices import picture
from kiosk.devices.decoder import Ladder
from kiosk.devices.picture_size import claimed
from kiosk.errors import DeviceError
from kiosk.model import Symbol

MOST_PIXELS = 400_000  # beyond that only the size is judged: decoding empty acres finds nothing new

cv2.setNumThreads(1)


def check(data: bytes) -> tuple[Symbol, ...]:
    """The symbols in the picture `data`, none for what is no picture. Raises AssertionError for a wrong answer."""
    size = claimed(data)
    try:
        if size is not None and size[0] * size[1] > MOST_PIXELS:
            picture.check_size(*size)
            return ()
        symbols = tuple(Ladder().read(_opened(data), thorough=True))
    except DeviceError:
        return ()
    assert all(isinstance(symbol.text, str) for symbol in symbols)
    return symbols


def _opened(data: bytes) -> picture.Pixels:
    fd = os.memfd_create("fuzz")
    with os.fdopen(fd, "wb") as file:
        file.write(data)
        file.flush()
        pixels = picture.load(Path(f"/proc/self/fd/{fd}"))
    assert pixels.dtype == "uint8", pixels.dtype
    assert pixels.ndim == 2 or pixels.shape[2] == 3, pixels.shape
    return pixels
