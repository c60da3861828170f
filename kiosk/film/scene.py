"""The view of a gate's camera: the street in front of a residential community, and the people who come up to it."""

from __future__ import annotations

import cv2
import numpy as np

from kiosk.film.picture import Picture, Shade, blank, ellipse, lay, polygon, rounded, soften

_WIDTH, _HEIGHT = 1280, 720  # the scene is drawn at this size and scaled
_HORIZON = 400
_JACKETS: tuple[Shade, ...] = (
    (110, 76, 52),
    (70, 70, 74),
    (84, 96, 140),
    (130, 124, 120),
    (80, 112, 84),
    (60, 70, 120),
)
_HAIR: tuple[Shade, ...] = ((30, 28, 28), (38, 36, 40), (96, 96, 100))
_FACE: Shade = (158, 186, 226)
_MASK: Shade = (226, 208, 186)


def street(size: tuple[int, int], rng: np.random.Generator) -> Picture:
    """The empty gate, out of focus as behind a phone held up close; `size` is (width, height)."""
    picture = np.zeros((_HEIGHT, _WIDTH, 3), np.uint8)
    _sky(picture)
    for left, width, top in ((-40, 260, 60), (250, 190, 150), (470, 150, 200), (860, 220, 110), (1100, 240, 30)):
        _tower(picture, left, width, top, rng)
    for _ in range(26):
        _tree(picture, rng)
    _ground(picture)
    _gateway(picture)
    picture = soften(picture, 3.2)
    return cv2.resize(_vignette(picture), size, interpolation=cv2.INTER_AREA)


def passer_by(rng: np.random.Generator) -> Picture:
    """Head and shoulders of somebody wearing a mask, with alpha, as large as the scene and in its middle."""
    picture = blank(_WIDTH, _HEIGHT)
    jacket, hair = _JACKETS[rng.integers(len(_JACKETS))], _HAIR[rng.integers(len(_HAIR))]
    middle, build = _WIDTH // 2, rng.uniform(0.92, 1.06)
    _body(picture, middle, jacket, build)
    _head(picture, middle, hair)
    return soften(picture, 4.5)


def _sky(picture: Picture) -> None:
    share = np.linspace(0, 1, _HORIZON)[:, None, None]
    picture[:_HORIZON] = ((1 - share) * (232, 204, 176) + share * (240, 234, 228)).astype(np.uint8)


def _tower(picture: Picture, left: int, width: int, top: int, rng: np.random.Generator) -> None:
    """A residential tower with rows of windows."""
    tone = int(rng.integers(150, 186))
    cv2.rectangle(picture, (left, top), (left + width, _HORIZON), (tone + 12, tone + 6, tone + 8), -1)
    cv2.rectangle(
        picture, (left + width * 3 // 4, top), (left + width, _HORIZON), (tone - 14, tone - 16, tone - 12), -1
    )
    for y in range(top + 16, _HORIZON - 10, 24):
        for x in range(left + 12, left + width - 12, 26):
            glass = int(rng.integers(84, 132))
            cv2.rectangle(picture, (x, y), (x + 14, y + 13), (glass + 18, glass + 6, glass - 6), -1)


def _tree(picture: Picture, rng: np.random.Generator) -> None:
    x, y = int(rng.integers(0, _WIDTH)), int(rng.integers(_HORIZON - 60, _HORIZON + 6))
    green = int(rng.integers(84, 126))
    ellipse(picture, (x, y), (int(rng.integers(30, 70)), int(rng.integers(26, 48))), (green - 40, green, green - 26))


def _ground(picture: Picture) -> None:
    """Paving towards the horizon."""
    share = np.linspace(0, 1, _HEIGHT - _HORIZON)[:, None, None]
    picture[_HORIZON:] = ((1 - share) * (164, 170, 172) + share * (122, 128, 132)).astype(np.uint8)
    for x in range(-2000, 3300, 160):
        cv2.line(
            picture, (_WIDTH // 2 + (x - _WIDTH // 2) // 8, _HORIZON), (x, _HEIGHT), (112, 116, 120), 2, cv2.LINE_AA
        )
    for step in range(1, 10):
        y = _HORIZON + (_HEIGHT - _HORIZON) * step * step // 81
        cv2.line(picture, (0, y), (_WIDTH, y), (112, 116, 120), 2, cv2.LINE_AA)


def _gateway(picture: Picture) -> None:
    """Two pillars, a wall, the striped bar and the volunteers' tent."""
    for left, right in ((0, 210), (1070, _WIDTH)):
        cv2.rectangle(picture, (left, 300), (right, 470), (96, 110, 140), -1)
        cv2.rectangle(picture, (left, 292), (right, 306), (150, 160, 170), -1)
    for left in (196, 1030):
        cv2.rectangle(picture, (left, 210), (left + 56, 520), (104, 118, 150), -1)
        cv2.rectangle(picture, (left - 6, 200), (left + 62, 218), (160, 168, 176), -1)
    for number, x in enumerate(range(252, 1030, 52)):
        shade: Shade = (52, 48, 204) if number % 2 else (240, 240, 240)
        polygon(picture, [(x, 430), (x + 52, 428), (x + 52, 444), (x, 446)], shade)
    polygon(picture, [(1010, 250), (1280, 250), (1330, 330), (960, 330)], (168, 96, 40))
    rounded(picture, (1050, 400), (1280, 480), 8, (206, 210, 214))


def _vignette(picture: Picture) -> Picture:
    """A lens gives less light towards its corners."""
    x, y = np.meshgrid(np.linspace(-1, 1, _WIDTH), np.linspace(-1, 1, _HEIGHT))
    light = 1 - 0.16 * (x**2 + y**2)
    return (picture * light[..., None]).astype(np.uint8)


def _body(picture: Picture, middle: int, jacket: Shade, build: float) -> None:
    half = 250 * build
    shoulders = [(-half, 720.0), (-half + 20, 520.0), (-half + 90, 450.0), (-70.0, 410.0), (70.0, 410.0)]
    outline = [*shoulders, (half - 90, 450.0), (half - 20, 520.0), (half, 720.0)]
    polygon(picture, [(middle + x, y) for x, y in outline], jacket)
    darker: Shade = (jacket[0] * 3 // 4, jacket[1] * 3 // 4, jacket[2] * 3 // 4)
    polygon(picture, [(middle - 6, 430), (middle + 6, 430), (middle + 8, 720), (middle - 8, 720)], darker)
    polygon(picture, [(middle - 76, 408), (middle + 76, 408), (middle + 20, 462), (middle - 20, 462)], darker)


def _head(picture: Picture, middle: int, hair: Shade) -> None:
    """A face with a surgical mask: nobody in particular."""
    shade = blank(picture.shape[1], picture.shape[0])
    cv2.rectangle(shade, (middle - 44, 350), (middle + 44, 428), (138, 164, 204, 255), -1)
    ellipse(shade, (middle, 236), (112, 138), hair)
    ellipse(shade, (middle, 268), (92, 124), _FACE)
    ellipse(shade, (middle, 168), (96, 54), hair)
    for side in (-1, 1):
        ellipse(shade, (middle + side * 38, 250), (13, 7), (50, 46, 48))
        polygon(shade, [(middle + side * x, y) for x, y in ((18, 230), (40, 225), (62, 230), (40, 232))], hair)
    polygon(
        shade,
        [(middle - 80, 288), (middle, 274), (middle + 80, 288), (middle + 70, 350), (middle, 388), (middle - 70, 350)],
        _MASK,
    )
    lay(shade, picture)
