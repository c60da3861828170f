"""What laying frames over one another adds: drawn sequences of a symbol that a hand holds up, frame by frame."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import cv2
import numpy as np

from kiosk.devices.decoder import Ladder
from kiosk.devices.overlay import Overlay
from kiosk.devices.picture import Pixels
from tests.bench.figures import median, percentile
from tests.bench.scan_drawn import SENSOR_NOISE, VERSIONS, Scene, photograph, see, text_of

SIZE = (1280, 720)
FRAMES, FPS = 30, 15  # two seconds
MODULE = {5: 4.0, 15: 3.5}
SWAY, TREMOR = 8.0, 0.7  # pixels: slow and wide, quick and small
TURN, NEARER, LEAN = 1.0, 0.01, 2.0  # degrees; share of the size; degrees


@dataclass(frozen=True, slots=True)
class Trouble:
    """What the camera does to every frame of a sequence: soft focus in pixels, the sensor's noise in levels, light."""

    soft: float = 0.0
    noise: float = SENSOR_NOISE
    light: float = 1.0


@dataclass(slots=True)
class Outcome:
    """Of some sequences: how many frames each took until its symbol was read, how many were never read, texts that
    nobody drew, and the milliseconds of every frame with second looks."""

    frames: list[int] = field(default_factory=list)
    unread: int = 0
    wrong: int = 0
    ms: list[float] = field(default_factory=list)


TROUBLES = {
    "noise 60": Trouble(noise=60),
    "noise 100": Trouble(noise=100),
    "noise 150": Trouble(noise=150),
    "soft focus 1.8 px, noise 20": Trouble(soft=1.8, noise=20),
    "soft focus 1.8 px, noise 30": Trouble(soft=1.8, noise=30),
    "soft focus 2.2 px, noise 8": Trouble(soft=2.2, noise=8),
    "light 10 %, noise 8": Trouble(light=0.1, noise=8),
    "light 10 %, noise 12": Trouble(light=0.1, noise=12),
    "light 3 %": Trouble(light=0.03),
    "light 1.5 %": Trouble(light=0.015),
    "light 1 %": Trouble(light=0.01),
}


class NoOverlay(Overlay):
    """Each frame for itself, as the ladder would be without averages."""

    def add(self, level: Pixels) -> None:
        return None


def held_by_a_hand(version: int, seed: int, trouble: Trouble) -> Iterator[Pixels]:
    """Two seconds of a symbol that sways, trembles and turns before a scene that stands still."""
    chance = np.random.default_rng([seed, 7])
    phases, rates = chance.uniform(0, 2 * np.pi, 5), chance.uniform(0.4, 1.2, 5)
    for at in range(FRAMES):
        x, y, turn, near, lean = np.sin(phases + 2 * np.pi * rates * at / FPS)
        shift = SWAY * np.array([x, y]) + chance.normal(0, TREMOR, 2)
        module = MODULE[version] * (1 + NEARER * near)
        scene = Scene(module, LEAN * lean, turn=TURN * turn, shift=(shift[0], shift[1]), size=SIZE)
        light = see(version, seed, scene) * np.float32(trouble.light)
        if trouble.soft:
            light = np.asarray(cv2.GaussianBlur(light, (0, 0), trouble.soft), np.float32)
        yield photograph(light, 100 * seed + at, trouble.noise)


def outcome(version: int, trouble: Trouble, seeds: int, overlay: type[Overlay]) -> Outcome:
    """What a new ladder makes of each sequence, frame by frame until it reads something."""
    result = Outcome()
    for seed in range(seeds):
        ladder, text, found = Ladder(overlay=overlay()), text_of(version, seed), set[str]()
        for at, frame in enumerate(held_by_a_hand(version, seed, trouble)):
            start = time.thread_time()
            found = {symbol.text for symbol in ladder.read(frame)}
            result.ms += [1000 * (time.thread_time() - start)] if len(ladder.taken) > 1 else []
            if found:
                result.frames.append(at + 1)
                break
        result.unread += not found
        result.wrong += bool(found - {text})
    return result


def table(seeds: int) -> Iterator[str]:
    """With and without averages, as Markdown: sequences read, and the median of the frames that took."""
    yield f"| {seeds} times {FRAMES} frames | version | each frame for itself | laid over one another | p95, ms |"
    yield "|---|---:|---:|---:|---:|"
    wrong, every_ms = 0, []
    for name, trouble in TROUBLES.items():
        for version in VERSIONS:
            alone, laid = (outcome(version, trouble, seeds, overlay) for overlay in (NoOverlay, Overlay))
            yield f"| {name} | {version} | {_said(alone)} | {_said(laid)} | {percentile([*laid.ms, 0.0], 0.95):.0f} |"
            wrong += alone.wrong + laid.wrong
            every_ms += laid.ms
    yield ""
    yield f"wrong texts: {wrong}; frames with second looks: p95 {percentile(every_ms, 0.95):.1f} ms"


def _said(result: Outcome) -> str:
    return f"{len(result.frames)}, after {median(result.frames):.0f}" if result.frames else "0"
