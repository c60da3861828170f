from __future__ import annotations

import numpy as np

from kiosk.devices.patience import AGAIN_AFTER, TRIES_WHILE_STILL, WHILE_MOVING, Allowance, Patience
from kiosk.devices.picture import Pixels, grey
from tests.kiosk.devices.drawing import held_up, scenery

NOTHING, EVERYTHING = Allowance(near_misses=False, whole=False), Allowance(near_misses=True, whole=True)
EMPTY = grey(scenery())


def grain(seed: int) -> Pixels:
    return np.clip(EMPTY + np.random.default_rng(seed).normal(0, 6, EMPTY.shape), 0, 255).astype(np.uint8)


def settled() -> Patience:
    patience = Patience()
    for seed in range(TRIES_WHILE_STILL + 2):
        patience.allowance(grain(seed))
    return patience


def test_a_scene_that_holds_still_gets_every_look_and_then_hardly_any() -> None:
    patience = Patience()
    allowed = [patience.allowance(EMPTY).whole for _ in range(1 + TRIES_WHILE_STILL + 4 * AGAIN_AFTER)]
    assert all(allowed[: 1 + TRIES_WHILE_STILL])
    assert sum(allowed[1 + TRIES_WHILE_STILL :]) == 4


def test_the_grain_of_a_sensor_is_no_movement() -> None:
    assert settled().allowance(grain(99)) == NOTHING


def test_a_code_that_comes_into_view_brings_the_looks_back() -> None:
    patience = settled()
    assert patience.allowance(grey(held_up("GP1:NEW"))) == EVERYTHING
    assert patience.allowance(grey(held_up("GP1:NEW"))) == EVERYTHING


def test_while_something_moves_near_misses_are_looked_at_always_and_the_whole_now_and_then() -> None:
    patience = settled()
    allowed = [patience.allowance(np.roll(EMPTY, 30 * step, axis=1)) for step in range(1, 1 + 4 * WHILE_MOVING)]
    assert all(one.near_misses for one in allowed)
    assert sum(one.whole for one in allowed) == 4


def test_another_size_is_another_scene() -> None:
    patience = settled()
    assert patience.allowance(grey(held_up("GP1:NEW"))[:480, :640]) == EVERYTHING
    assert patience.allowance(np.zeros((1, 1), np.uint8)) == Allowance(near_misses=True, whole=False)
