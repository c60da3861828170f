from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import cv2
import numpy as np
import pytest

from kiosk.devices.care.eyesight import BLURRED_S, Eyesight, is_blocked, is_dark, sharpness
from kiosk.devices.care.troubles import WORDS, Trouble
from kiosk.devices.care.watchfulness import small
from kiosk.devices.picture import Pixels, grey
from tests.kiosk.devices.drawing import held_up, scenery

Scene = Callable[[int], Pixels]
FPS = 10
SIZE = (640, 360)
LIGHT = scenery(2, SIZE)
CODE = cv2.resize(held_up("GP1:EYE"), SIZE, interpolation=cv2.INTER_AREA).astype(np.uint8)


def sensed(picture: Pixels, number: int, sigma: float = 2.0) -> Pixels:
    """What a sensor makes of it: noise that never repeats."""
    noise = np.empty(picture.shape, np.int16)
    cv2.setRNGSeed(number + 1)
    cv2.randn(noise, (0,) * 3, (sigma,) * 3)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def day(number: int) -> Pixels:
    return sensed(CODE, number)


def night(number: int) -> Pixels:
    """A dark courtyard with a lamp, and a phone held up."""
    frame = (CODE * 0.05).astype(np.uint8)
    cv2.circle(frame, (560, 60), 26, (190, 230, 255), -1)
    frame[120:280, 260:420] = CODE[100:260, 240:400]
    return sensed(frame, number, 6)


def empty_night(number: int) -> Pixels:
    frame = (LIGHT * 0.1).astype(np.uint8)
    cv2.circle(frame, (560, 60), 26, (190, 230, 255), -1)
    return sensed(cv2.GaussianBlur(frame, (0, 0), 1), number, 6)


def queue(number: int) -> Pixels:
    """People walking through, close to the camera, at the pace of people."""
    frame = CODE.copy()
    for start, shade in ((0, 40), (320, 170)):
        x = (start + 13 * number) % 900 - 130
        cv2.rectangle(frame, (x, 40), (x + 130, 360), (shade, shade, shade), -1)
    return sensed(frame, number)


def sunrise(number: int) -> Pixels:
    """An automatic exposure that follows a cloud."""
    return sensed((CODE * (0.7 + 0.3 * np.sin(number / 25))).astype(np.uint8), number)


def lights_out(number: int) -> Pixels:
    return sensed((CODE * 0.04).astype(np.uint8), number)


def hand_over_the_lens(number: int) -> Pixels:
    ramp = np.linspace(90, 130, SIZE[0], dtype=np.float32)[None, :, None] * np.ones((SIZE[1], 1, 3), np.float32)
    return sensed((ramp * (0.5, 0.6, 1.0)).astype(np.uint8), number)


def smeared_lens(number: int) -> Pixels:
    return sensed(cv2.GaussianBlur(CODE, (0, 0), 7), number)


def lamp_bands(number: int) -> Pixels:
    """A rolling shutter under a lamp: bands of 15 % that wander through the picture."""
    rows = 1 + 0.15 * np.sin(np.arange(SIZE[1]) / 30 + 2.1 * number)
    return sensed(np.clip(CODE * rows[:, None, None], 0, 255).astype(np.uint8), number)


def pulsing_screen(number: int) -> Pixels:
    return sensed((CODE * (0.8 if number % 2 else 1.0)).astype(np.uint8), number)


@lru_cache(maxsize=400)
def seen(scene: Scene, number: int) -> tuple[Pixels, Pixels]:
    picture = grey(scene(number))
    return picture, small(picture)


def watched(scene: Scene, seconds: float, *, awake: bool = True, read: bool = False) -> frozenset[Trouble]:
    eyes = Eyesight()
    for number in range(int(seconds * FPS)):
        eyes.look(*seen(scene, number % 50), number / FPS, awake=awake, read=read)
    return eyes.troubles


@pytest.mark.parametrize("scene", [day, night, empty_night, queue, sunrise])
def test_an_ordinary_picture_by_day_and_by_night_is_no_trouble(scene: Scene) -> None:
    assert watched(scene, 24) == frozenset()


@pytest.mark.parametrize(
    ("scene", "trouble", "seconds"),
    [
        (lights_out, Trouble.DARK, 7),
        (hand_over_the_lens, Trouble.BLOCKED, 5),
        (smeared_lens, Trouble.BLURRED, BLURRED_S + 2),
        (lamp_bands, Trouble.FLICKER, 4),
        (pulsing_screen, Trouble.FLICKER, 4),
    ],
)
def test_each_trouble_is_named_and_nothing_else(scene: Scene, trouble: Trouble, seconds: float) -> None:
    assert watched(scene, seconds) == {trouble}


def test_a_passing_hand_or_a_moment_of_darkness_is_no_trouble() -> None:
    for scene in (lights_out, hand_over_the_lens):
        eyes = Eyesight()
        for number in range(50):
            eyes.look(*seen(scene if number < 20 else day, number), number / FPS, awake=True, read=False)
            assert eyes.troubles == frozenset()


def test_a_trouble_is_over_when_the_picture_is_good_again() -> None:
    eyes = Eyesight()
    for number in range(160):
        scene = hand_over_the_lens if number < 80 else day
        troubles = eyes.look(*seen(scene, number % 50), number / FPS, awake=True, read=False)
        if number == 79:
            assert troubles == {Trouble.BLOCKED}
    assert eyes.troubles == frozenset()


def test_an_empty_soft_background_is_not_out_of_focus_and_neither_is_what_is_read() -> None:
    assert watched(smeared_lens, BLURRED_S + 2, awake=False) == frozenset()
    assert watched(smeared_lens, BLURRED_S + 2, read=True) == frozenset()


def test_sharpness_falls_with_the_lens_and_not_with_the_light() -> None:
    sharp, soft = grey(CODE), grey(cv2.GaussianBlur(CODE, (0, 0), 3).astype(np.uint8))
    values = [sharpness(picture) for picture in (sharp, (sharp * 0.4).astype(np.uint8), soft)]
    full, dim, blurred = (value or 0 for value in values)
    assert full == pytest.approx(dim, rel=0.25)
    assert blurred < full / 2
    assert sharpness(np.full((360, 640), 100, np.uint8)) is None


def test_black_is_dark_and_not_blocked() -> None:
    black = small(np.zeros((360, 640), np.uint8))
    assert is_dark(black)
    assert not is_blocked(black)


def test_a_film_that_begins_again_is_judged_anew() -> None:
    eyes = Eyesight()
    for number in range(20):
        eyes.look(*seen(lights_out, number), 100 + number / FPS, awake=False, read=False)
    assert eyes.look(*seen(lights_out, 1), 0.0, awake=False, read=False) == frozenset()


def test_every_trouble_has_words_in_both_languages() -> None:
    assert set(WORDS) == set(Trouble)
    assert all(words.zh and words.en for words in WORDS.values())
