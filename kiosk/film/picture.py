"""What the film is made of: pictures as arrays, colours, and simple shapes with soft edges."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[Any]  # uint8, height × width (× 3 BGR, or × 4 with alpha)
Shade = tuple[int, int, int]  # blue, green, red, each 0 to 255

WHITE: Shade = (255, 255, 255)
BLACK: Shade = (20, 20, 20)
_FINE = 3  # bits of a pixel's fraction in OpenCV's drawing calls


def blank(width: int, height: int) -> Picture:
    """A transparent picture."""
    return np.zeros((height, width, 4), np.uint8)


def rounded(
    picture: Picture, left_top: tuple[int, int], right_bottom: tuple[int, int], radius: int, colour: Shade
) -> None:
    """A filled rectangle with round corners, opaque."""
    (left, top), (right, bottom) = left_top, right_bottom
    paint = _paint(picture, colour)
    cv2.rectangle(picture, (left + radius, top), (right - radius, bottom), paint, -1)
    cv2.rectangle(picture, (left, top + radius), (right, bottom - radius), paint, -1)
    for x in (left + radius, right - radius):
        for y in (top + radius, bottom - radius):
            cv2.circle(picture, (x, y), radius, paint, -1, cv2.LINE_AA)


def polygon(picture: Picture, points: list[tuple[float, float]], colour: Shade) -> None:
    """A filled polygon, opaque, with smooth edges."""
    corners = (np.array(points) * (1 << _FINE)).round().astype(np.int32)
    cv2.fillPoly(picture, [corners], _paint(picture, colour), cv2.LINE_AA, _FINE)


def ellipse(
    picture: Picture, middle: tuple[int, int], axes: tuple[int, int], colour: Shade, *, turned: float = 0
) -> None:
    """A filled ellipse, opaque; `turned` in degrees clockwise."""
    cv2.ellipse(picture, middle, axes, turned, 0, 360, _paint(picture, colour), -1, cv2.LINE_AA)


def soften(picture: Picture, sigma: float) -> Picture:
    """`picture` out of focus. Transparent pixels lend no colour: alpha is multiplied in before and out after."""
    if picture.shape[2] == 3:
        return cv2.GaussianBlur(picture, (0, 0), sigma).astype(np.uint8)
    softened = np.zeros_like(picture)
    seen = _around(picture, round(4 * sigma))
    share = picture[seen][..., 3:].astype(np.float32) / 255
    colour = cv2.GaussianBlur(picture[seen][..., :3] * share, (0, 0), sigma)
    alpha = cv2.GaussianBlur(share, (0, 0), sigma)[..., None]
    softened[seen] = np.dstack([colour / np.maximum(alpha, 1e-3), alpha * 255]).clip(0, 255)
    return softened


def _around(picture: Picture, margin: int) -> tuple[slice, slice]:
    """The part of a picture with alpha that is not transparent, and `margin` pixels around it."""
    left, top, width, height = cv2.boundingRect(picture[..., 3])
    return (
        slice(max(top - margin, 0), top + height + margin),
        slice(max(left - margin, 0), left + width + margin),
    )


def lay(over: Picture, under: Picture) -> None:
    """Lay `over` (with alpha) upon `under` of the same size, in place."""
    seen = _around(over, 0)
    over, under = over[seen], under[seen]
    share = over[..., 3:].astype(np.float32) / 255
    if under.shape[2] == 3:
        under[:] = (under * (1 - share) + over[..., :3] * share).astype(np.uint8)
        return
    rest = under[..., 3:].astype(np.float32) / 255 * (1 - share)
    whole = share + rest
    colour = (over[..., :3] * share + under[..., :3] * rest) / np.maximum(whole, 1e-3)
    under[:] = np.dstack([colour, whole * 255]).astype(np.uint8)


def _paint(picture: Picture, colour: Shade) -> tuple[int, ...]:
    return (*colour, 255) if picture.shape[2] == 4 else colour
