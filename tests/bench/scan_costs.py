"""What frames of 1280×720 cost by what is in them, against one zxing-cpp pass over the same frame's grey."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import cv2
import numpy as np

from kiosk.devices.decoder import Ladder
from kiosk.devices.patience import TRIES_WHILE_STILL
from kiosk.devices.picture import Pixels, grey
from kiosk.devices.readers import zxing
from tests.bench.figures import median, percentile
from tests.kiosk.devices.drawing import GREEN, held_up, scenery

FRAMES = 120
PASS = "GP1:6BFOXN*TS0BI$ZD4N9:9S6RCVN5+O30K3/XIV0W23NTDEPWK G2EP4J0BGJLFX3R3VHXK.PJ:2DPF6R:5SVBHABVCNN95SWMPHQUHQN%A4"


def table() -> Iterator[str]:
    """The costs as lines of Markdown; the two take turns."""
    yield "| frame | one zxing-cpp pass, ms | ladder, ms: median / p95 | ratio of medians | with second looks: p95 |"
    yield "|---|---:|---:|---:|---:|"
    for what, frame_at in SCENES.items():
        yield _line(what, frame_at)


def _line(what: str, frame_at: Callable[[int], Pixels]) -> str:
    ladder, plain, whole, second = Ladder(), [], [], []
    for at in range(-TRIES_WHILE_STILL - 2, FRAMES):
        frame = frame_at(at)
        bright = grey(frame)
        one = _ms(lambda bright=bright: zxing(bright))
        all_of_it = _ms(lambda frame=frame: ladder.read(frame))
        if at >= 0:
            plain.append(one)
            whole.append(all_of_it)
            second += [all_of_it] if len(ladder.taken) > 1 else []
    more = f"{percentile(second, 0.95):.1f} ({len(second)} of {FRAMES})" if second else "none"
    return (
        f"| {what} | {median(plain):.2f} | {median(whole):.2f} / {percentile(whole, 0.95):.1f} | "
        f"{median(whole) / median(plain):.2f} | {more} |"
    )


def _ms(work: Callable[[], object]) -> float:
    start = time.thread_time()
    work()
    return 1000 * (time.thread_time() - start)


def _grain(frame: Pixels, at: int, noise: float = 3.0) -> Pixels:
    grain = np.random.default_rng(at + 1000).normal(0, noise, frame.shape)
    return np.clip(frame + grain, 0, 255).astype(np.uint8)


def _passing(frame: Pixels, at: int) -> Pixels:
    return _grain(np.roll(frame, 40 * at, axis=1), at)


_PASS = held_up(PASS, dark=GREEN)
_SOFT = np.asarray(cv2.GaussianBlur(held_up(PASS), (0, 0), 6), np.uint8)
SCENES: dict[str, Callable[[int], Pixels]] = {
    "a green pass": lambda at: _grain(_PASS, at),
    "nobody": lambda at: _grain(scenery(), at),
    "somebody walks by": lambda at: _passing(scenery(), at),
    "nobody, dim": lambda at: _grain(scenery() // 3, at),
    "a code too soft to read, moving": lambda at: _passing(_SOFT, at),
}
