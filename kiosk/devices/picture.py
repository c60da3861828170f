"""Any picture file or array → the one form every reader takes: 8-bit grey (H, W) or BGR (H, W, 3), contiguous."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from kiosk.devices import picture_size
from kiosk.errors import DeviceError

Pixels = npt.NDArray[np.uint8]

MAX_PIXELS = 100_000_000
MAX_SIDE = 65_535  # what zxing-cpp takes
MAX_FILE_BYTES = 400_000_000
WHITE = 255


def load(path: Path) -> Pixels:
    """The picture in `path`: PNG, JPEG, WebP, BMP, TIFF, GIF (its first picture) or PNM.

    The size its header claims is checked before anything is decoded. Raises DeviceError for a file that cannot be
    read, is no such picture, is damaged or cut off, or claims more than 100 megapixels.
    """
    data = _bytes_of(path)
    size = picture_size.claimed(data)
    if size is None:
        raise DeviceError("not a picture of a kind Gatehouse reads (PNG, JPEG, WebP, BMP, TIFF, GIF, PNM)")
    check_size(*size)
    try:
        image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error as error:
        raise DeviceError(f"the picture cannot be decoded: {error.err or error}") from error
    if image is None:
        raise DeviceError("the picture is damaged or cut off; copy it again from where it came from")
    return prepare(image)


def check_size(width: int, height: int) -> None:
    """Raises DeviceError for a picture with no pixels, too many of them or a side beyond 65,535."""
    if width <= 0 or height <= 0:
        raise DeviceError(f"a picture of {width}×{height} pixels shows nothing")
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
        raise DeviceError(
            f"{width}×{height} pixels are too many (100 megapixels, {MAX_SIDE} a side): make the picture smaller"
        )


def prepare(image: npt.NDArray[Any]) -> Pixels:
    """`image` as 8-bit grey or BGR. Takes grey, grey + alpha, BGR and BGRA of 8 or 16 bits, booleans and floats.

    Transparent parts become white, as on a white page; 16-bit and float pictures are scaled to their own brightest
    value, since cameras of 10 or 12 bits leave the upper ones empty. Raises DeviceError for everything else.
    """
    if image.ndim not in (2, 3):
        raise DeviceError(f"a picture has two or three dimensions, not {image.ndim}")
    check_size(image.shape[1], image.shape[0])
    pixels = _eight_bits(image)
    if pixels.ndim == 3:
        pixels = _grey_or_bgr(pixels)
    return np.ascontiguousarray(pixels)


def grey(pixels: Pixels) -> Pixels:
    """The brightness of a prepared picture."""
    return pixels if pixels.ndim == 2 else _as_pixels(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY))


def darkest(pixels: Pixels) -> Pixels:
    """The darkest channel of each pixel: yellow modules are black in it, since they lack blue."""
    if pixels.ndim == 2:
        return pixels
    blue, green, red = cv2.split(pixels)
    return _as_pixels(cv2.min(cv2.min(blue, green), red))


def _bytes_of(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise DeviceError(f"a picture of more than {MAX_FILE_BYTES // 1_000_000} MB is not read")
        return path.read_bytes()
    except OSError as error:
        raise DeviceError(f"cannot be read: {error.strerror or error}") from error


def _eight_bits(image: npt.NDArray[Any]) -> Pixels:
    match image.dtype.kind, image.dtype.itemsize:
        case "u", 1:
            return _as_pixels(image)
        case "b", _:
            return _as_pixels(np.where(image, WHITE, 0))
        case ("u", 2) | ("f", _):
            finite = np.nan_to_num(image.astype(np.float32), nan=0.0, posinf=0.0, neginf=0.0)
            scaled = finite * (WHITE / max(float(finite.max()), 1e-6))
            return _as_pixels(np.clip(scaled, 0, WHITE).astype(np.uint8))
        case _:
            raise DeviceError(f"a picture of {image.dtype} numbers is not read; 8 or 16 bits or floats are")


def _grey_or_bgr(pixels: Pixels) -> Pixels:
    match pixels.shape[2]:
        case 1:
            return pixels[:, :, 0]
        case 3:
            return pixels
        case 2 | 4:
            return _on_white(pixels)
        case channels:
            raise DeviceError(f"a picture of {channels} channels is not read; grey, BGR and both with alpha are")


def _on_white(pixels: Pixels) -> Pixels:
    alpha = pixels[:, :, -1:].astype(np.uint16)
    blended = (pixels[:, :, :-1] * alpha + WHITE * (WHITE - alpha)) // WHITE
    return _grey_or_bgr(blended.astype(np.uint8))


def _as_pixels(image: Any) -> Pixels:
    """OpenCV's stubs promise any numbers; from 8-bit pictures it answers 8-bit ones."""
    return np.asarray(image, np.uint8)
