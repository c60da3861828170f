"""A lane's eye on drawn frames: what is presented, what belongs to the neighbour, what is asked."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from kiosk.devices.care.controls import Control, Controls
from kiosk.devices.care.eyesight import Eyesight
from kiosk.devices.care.troubles import Trouble
from kiosk.devices.care.watchfulness import Watchfulness
from kiosk.devices.care.zone import WHOLE, Zone
from kiosk.devices.decoder import Ladder, Taken
from kiosk.devices.frame import Frame, Usual
from kiosk.devices.lookout import ALONE_S, ASK_S, Condition, Lookout
from kiosk.devices.picture import Pixels
from kiosk.devices.sightings import Sightings
from kiosk.devices.worker import Answer
from kiosk.model import Symbol
from tests.kiosk.devices.care.test_controls import Driver
from tests.kiosk.devices.drawing import scenery, symbol

LEFT, RIGHT = Zone.of([0, 0, 0.5, 1]), Zone.of([0.5, 0, 0.5, 1])
SIZE = (640, 360)


class Here:
    """The ladder without its process."""

    def __init__(self) -> None:
        self.dropped = 0
        self._ladder = Ladder()

    def attempt(self, image: Pixels) -> Answer:
        return Answer(tuple(self._ladder.read(np.ascontiguousarray(image))), 1.0)

    def decode(self, image: Pixels) -> list[Symbol]:
        return list(self.attempt(image).symbols)

    def close(self) -> None:
        """Nothing is open."""


class Broken(Here):
    def attempt(self, image: Pixels) -> Answer:
        return Answer(trouble="the reader crashed")


def lookout(zone: Zone = WHOLE) -> Lookout:
    return Lookout(Here(), Sightings(1.5), zone=zone, is_health=lambda text: text.startswith("GP1:"))


def frame(at_s: float, **codes: tuple[int, int]) -> Frame:
    """A frame with codes whose middles are where they are told; `GP1_A` stands for GP1:A."""
    image = scenery(4, SIZE)
    for name, (x, y) in codes.items():
        code = symbol(name.replace("_", ":"), module=4)
        half = code.shape[0] // 2
        image[y - half : y - half + code.shape[0], x - half : x - half + code.shape[1]] = code
    return Frame(image, round(at_s * 15), at_s)


def presented(eye: Lookout, *frames: Frame) -> list[str]:
    return [found.text for shown in frames if (found := eye.look(shown))]


def test_a_code_is_presented_once_with_its_place_in_the_whole_picture() -> None:
    eye = lookout(RIGHT)
    [first, *rest] = [eye.look(frame(number / 15, GP1_A=(480, 180))) for number in range(5)]
    assert first is not None
    assert np.mean(first.corners, axis=0) == pytest.approx((480, 180), abs=3)
    assert rest == [None] * 4
    assert eye.tally.figures(0).presented == 1


@pytest.mark.parametrize("x", [80, 240, 300, 340, 400, 560])
def test_the_neighbours_code_is_never_presented(x: int) -> None:
    found = {name: presented(lookout(zone), frame(0, GP1_A=(x, 180))) for name, zone in (("l", LEFT), ("r", RIGHT))}
    assert found == ({"l": ["GP1:A"], "r": []} if x < 320 else {"l": [], "r": ["GP1:A"]})


def test_two_lanes_of_one_picture_each_present_their_own() -> None:
    shown = frame(0, GP1_LEFT=(120, 200), GP1_RIGHT=(500, 160))
    assert presented(lookout(LEFT), shown) == ["GP1:LEFT"]
    assert presented(lookout(RIGHT), shown) == ["GP1:RIGHT"]


def test_two_health_codes_at_once_are_presented_by_nobody_and_the_volunteer_asks() -> None:
    eye = lookout()
    both = {"GP1_A": (180, 180), "GP1_B": (460, 180)}
    assert presented(eye, frame(0, **both), frame(0.1, **both)) == []
    assert eye.condition.several
    one = {"GP1_B": (460, 180)}
    assert presented(eye, frame(0.2, **one), frame(0.3, **both), frame(0.4, **one)) == [], "a look that missed one"
    assert presented(eye, frame(0.3 + ALONE_S, **one)) == ["GP1:B"]
    eye.look(frame(0.4 + ASK_S))
    assert not eye.condition.several
    assert eye.tally.figures(0).ambiguous == 3


def test_the_symbols_of_one_card_in_view_at_once_are_presented_one_after_the_other_and_nobody_is_asked() -> None:
    card = {"shc_1": (120, 180), "shc_2": (320, 180), "shc_3": (520, 180)}
    eye = Lookout(
        Here(),
        Sightings(1.5),
        is_health=lambda text: text[:4] in ("shc:", "GP1:"),
        one_card=lambda texts: all(text.startswith("shc:") for text in texts),
    )
    assert presented(eye, *(frame(number / 15, **card) for number in range(6))) == ["shc:2", "shc:1", "shc:3"]
    assert not eye.condition.several
    assert presented(eye, frame(0.5, **card, GP1_A=(320, 300)), frame(0.6, **card)) == []
    assert eye.condition.several, "somebody else's code beside them"


def test_a_poster_beside_a_health_code_is_left_alone_and_alone_it_is_presented() -> None:
    eye = lookout()
    assert presented(eye, frame(0, POSTER=(320, 180), GP1_A=(120, 180))) == ["GP1:A"]
    assert presented(eye, frame(3, POSTER=(320, 180))) == ["POSTER"]


def test_who_is_in_view_stays_so_while_another_comes_nearer() -> None:
    eye = lookout()
    alone, beside = {"POST_A": (320, 180)}, {"POST_A": (120, 180), "POST_B": (320, 180)}
    times = [number / 4 for number in range(12)]
    assert presented(eye, frame(0, **alone)) == ["POST:A"]
    assert presented(eye, *(frame(0.2 + at_s, **beside) for at_s in times)) == ["POST:B"]
    assert presented(eye, frame(3.2, **alone)) == [], "it was in view all the time"


def test_a_picture_that_was_lost_is_counted_by_its_reason() -> None:
    eye = Lookout(Broken(), Sightings(1.5))
    assert eye.look(frame(0)) is None
    assert eye.tally.figures(0).lost == {"the reader crashed": 1}


class Nearly(Here):
    def attempt(self, image: Pixels) -> Answer:
        return Answer(taken=(Taken("zxing", 1.0, read=0, found=1),))


def test_a_code_that_is_seen_and_not_read_is_counted_and_keeps_the_lane_awake() -> None:
    eye = Lookout(Nearly(), Sightings(1.5))
    for number in range(40):
        eye.look(Frame(scenery(4, SIZE), number, number / 4))
    assert eye.tally.figures(0).near_misses == 40
    assert eye.watch.awake


def test_a_covered_lens_is_part_of_the_condition_until_it_is_free() -> None:
    eye = Lookout(Here(), Sightings(1.5), watch=Watchfulness(), eyes=Eyesight())
    grey_hand = np.full((SIZE[1], SIZE[0], 3), 120, np.uint8)
    for number in range(10):
        noise = np.random.default_rng(number).integers(-2, 3, grey_hand.shape)
        eye.look(Frame((grey_hand + noise).astype(np.uint8), number, number / 2))
    assert eye.condition == Condition(frozenset({Trouble.BLOCKED}))
    for number in range(10, 20):
        eye.look(frame(number / 2))
    assert eye.condition == Condition()


def test_a_code_that_is_blown_out_shortens_the_exposure_and_an_empty_gate_gives_it_back() -> None:
    driver = Driver()
    controls = Controls(driver, Usual(exposure="code", mains_hz=0), lambda hz: True)
    eye, bright = lookout(), frame(0, GP1_A=(320, 180))
    for number in range(4):
        eye.look(Frame(bright.image, number, number / 2), controls)
        controls.apply()
    assert controls.report[0].accepted
    assert controls.exposure_ms < 5
    empty = scenery(4, SIZE)
    for number in range(4, 40):
        eye.look(Frame(empty, number, number / 2), controls)
        controls.apply()
    assert controls.report == (Control("exposure", "auto", True),)


def test_pictures_of_any_size_are_looked_at() -> None:
    eye = lookout(Zone.of([0.2, 0.2, 0.6, 0.6]))
    for number, size in enumerate([(1280, 720), (640, 480), (64, 48), (1, 1), (1920, 1080)]):
        image = cv2.resize(scenery(), size).astype(np.uint8)
        assert eye.look(Frame(image, number, number / 15)) is None
