from __future__ import annotations

import numpy as np

from kiosk.devices.looks import WAYS
from kiosk.devices.patience import (
    AGAIN_AFTER,
    DEAR_MS,
    TRIES_WHILE_STILL,
    WHILE_DIM,
    WHILE_MOVING,
    Allowance,
    Patience,
    Turns,
)
from kiosk.devices.picture import Pixels, grey
from tests.kiosk.devices.drawing import held_up, scenery

NOTHING = Allowance(near_misses=False, whole=False, stretched=False)
EVERYTHING = Allowance(near_misses=True, whole=True, stretched=True)
EMPTY = grey(scenery())


def grain(seed: int) -> Pixels:
    return np.clip(EMPTY + np.random.default_rng(seed).normal(0, 6, EMPTY.shape), 0, 255).astype(np.uint8)


def settled() -> Patience:
    patience = Patience()
    for seed in range(TRIES_WHILE_STILL + 2):
        patience.allowance(grain(seed))
    return patience


def settled_on(scene: Pixels) -> Patience:
    patience = Patience()
    for _ in range(TRIES_WHILE_STILL + 2):
        patience.allowance(scene)
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
    assert patience.allowance(np.zeros((1, 1), np.uint8)) == Allowance(near_misses=True, whole=False, stretched=False)


def test_in_dim_light_less_counts_as_movement_but_not_the_grain() -> None:
    dim = (EMPTY // 4).astype(np.int16)
    grainy = [
        np.clip(dim + np.random.default_rng(seed).normal(0, 4, dim.shape), 0, 255).astype(np.uint8) for seed in range(2)
    ]
    patience = settled_on(grainy[0])
    assert not patience.allowance(grainy[1]).whole
    hand = grainy[1].copy()
    hand[200:400, 500:700] += 9
    assert patience.allowance(hand) == EVERYTHING


def test_a_dim_scene_that_holds_still_is_stretched_now_and_then() -> None:
    patience = settled_on(EMPTY)
    allowed = [patience.allowance(EMPTY).stretched for _ in range(10 * WHILE_DIM)]
    assert sum(allowed) == 10


def test_a_still_scene_in_which_something_was_read_keeps_its_looks() -> None:
    patience = settled_on(EMPTY)
    patience.rewarded()
    assert patience.allowance(EMPTY) == EVERYTHING


def test_the_looks_take_turns_and_one_that_is_dear_here_is_passed_over_for_some_rounds() -> None:
    turns, names = Turns(WAYS[:3]), []
    for _ in range(9):
        names.append(turns.way().name)
        turns.took(3 * DEAR_MS if names[-1] == WAYS[1].name else 1.0)
        turns.next()
    cheap = [WAYS[0].name, WAYS[2].name]
    assert names == [WAYS[0].name, WAYS[1].name, WAYS[2].name, *cheap, *cheap, WAYS[0].name, WAYS[1].name]
