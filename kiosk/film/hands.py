"""Hands that hold a phone or a paper: a forearm from below, fingers around the edges, all slightly out of focus."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from kiosk.film.picture import Picture, Shade, blank, ellipse, lay, polygon, rounded, soften

Box = tuple[int, int, int, int]  # left, top, right, bottom

_SKINS: tuple[Shade, ...] = ((150, 180, 224), (132, 164, 214), (160, 190, 232), (118, 150, 200))
_SLEEVES: tuple[Shade, ...] = ((92, 66, 48), (60, 60, 64), (70, 84, 120), (120, 110, 104), (64, 92, 70))
_SOFT = 2.2


@dataclass(frozen=True, slots=True)
class Hand:
    """The colours of one person's skin and sleeve."""

    skin: Shade
    sleeve: Shade

    @classmethod
    def of(cls, rng: np.random.Generator) -> Self:
        return cls(_SKINS[rng.integers(len(_SKINS))], _SLEEVES[rng.integers(len(_SLEEVES))])

    @property
    def shaded(self) -> Shade:
        blue, green, red = (round(part * 0.8) for part in self.skin)
        return blue, green, red


def behind_phone(picture: Picture, hand: Hand, box: Box) -> None:
    """Forearm and palm, before the phone is laid over them."""
    left, _, right, bottom = box
    _arm(picture, hand, (left + right) // 2 + 60, bottom - 120)
    palm = blank(picture.shape[1], picture.shape[0])
    ellipse(palm, (right - 90, bottom - 220), (190, 260), hand.shaded, turned=-14)
    lay(soften(palm, _SOFT * 2), picture)


def around_phone(picture: Picture, hand: Hand, box: Box) -> None:
    """Four fingers over the one edge, the thumb over the other."""
    left, _, right, bottom = box
    fingers = blank(picture.shape[1], picture.shape[0])
    for number in range(4):
        top = bottom - 440 + number * 92
        _finger(fingers, hand, (left - 34 + number * 3, top), (left + 24 - number * 3, top + 74))
    ellipse(fingers, (right + 34, bottom - 330), (36, 150), hand.shaded, turned=-10)
    ellipse(fingers, (right + 28, bottom - 336), (32, 144), hand.skin, turned=-10)
    ellipse(fingers, (right + 6, bottom - 448), (15, 24), _lighter(hand.skin), turned=-10)
    lay(soften(fingers, _SOFT), picture)


def behind_paper(picture: Picture, hand: Hand, box: Box) -> None:
    """Forearm and the fingers behind the sheet."""
    left, _, right, bottom = box
    middle = (left + right) // 2 + 110
    _arm(picture, hand, middle + 20, bottom + 150)
    palm = blank(picture.shape[1], picture.shape[0])
    ellipse(palm, (middle, bottom + 70), (135, 170), hand.shaded, turned=8)
    lay(soften(palm, _SOFT * 2), picture)


def around_paper(picture: Picture, hand: Hand, box: Box) -> None:
    """The thumb on the sheet's lower edge."""
    left, _, right, bottom = box
    middle = (left + right) // 2 + 60
    thumb = blank(picture.shape[1], picture.shape[0])
    ellipse(thumb, (middle, bottom + 26), (46, 104), hand.shaded, turned=-16)
    ellipse(thumb, (middle - 4, bottom + 22), (41, 99), hand.skin, turned=-16)
    ellipse(thumb, (middle - 26, bottom - 44), (20, 27), _lighter(hand.skin), turned=-16)
    lay(soften(thumb, _SOFT), picture)


def _arm(picture: Picture, hand: Hand, middle: int, top: int) -> None:
    arm = blank(picture.shape[1], picture.shape[0])
    height = picture.shape[0]
    wrist = [(middle - 85, top), (middle + 85, top), (middle + 105, top + 260), (middle - 100, top + 260)]
    polygon(arm, [(float(x), float(y)) for x, y in wrist], hand.shaded)
    sleeve = [(middle - 135, top + 215), (middle + 140, top + 215), (middle + 240, height), (middle - 200, height)]
    polygon(arm, [(float(x), float(y)) for x, y in sleeve], hand.sleeve)
    lay(soften(arm, _SOFT * 2), picture)


def _finger(picture: Picture, hand: Hand, left_top: tuple[int, int], right_bottom: tuple[int, int]) -> None:
    radius = 28
    rounded(picture, left_top, right_bottom, radius, hand.shaded)
    rounded(
        picture, (left_top[0] + 3, left_top[1] + 2), (right_bottom[0] - 3, right_bottom[1] - 10), radius - 4, hand.skin
    )


def _lighter(shade: Shade) -> Shade:
    blue, green, red = (min(255, round(part * 1.12)) for part in shade)
    return blue, green, red
