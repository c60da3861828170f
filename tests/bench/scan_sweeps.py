"""Drawn sweeps: at each step of each trouble, how many symbols the ladder and each single reader read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from kiosk.devices.picture import Pixels
from tests.bench.scan_drawn import SWEEPS, VERSIONS, Sweep, text_of
from tests.bench.scan_readers import LADDER, ZXING, all_readers

PANEL = (300, 190)
EDGE = (46, 40, 26, 14)  # of a panel: top, bottom, left, right
INK, QUIET, GRID = (40, 40, 40), (150, 150, 150), (225, 225, 225)
LINES = {
    LADDER: ((96, 110, 11), 3),
    ZXING: ((200, 120, 30), 1),
    "zbar": ((40, 150, 230), 1),
    "QRdec": ((180, 60, 160), 1),
}


@dataclass(frozen=True, slots=True)
class Curve:
    """One sweep of one version: reader → share read (0 to 1) at each step; and texts that nobody drew."""

    sweep: Sweep
    version: int
    read: dict[str, list[float]]
    wrong: int

    def below(self) -> list[str]:
        """The steps at which a single reader read more than the ladder."""
        best = {name: shares for name, shares in self.read.items() if "ladder" not in name}
        return [
            f"{self.sweep.name} {step:g} {self.sweep.unit}, version {self.version}: {name} {shares[at]:.0%}, "
            f"ladder {self.read[LADDER][at]:.0%}"
            for at, step in enumerate(self.sweep.steps)
            for name, shares in best.items()
            if shares[at] > self.read[LADDER][at]
        ]


def curves(seeds: int) -> Iterator[Curve]:
    for sweep in SWEEPS:
        for version in VERSIONS:
            yield _curve(sweep, version, seeds)


def _curve(sweep: Sweep, version: int, seeds: int) -> Curve:
    read: dict[str, list[float]] = {name: [] for name in all_readers()}
    wrong = 0
    for step in sweep.steps:
        hits = dict.fromkeys(read, 0)
        for seed in range(100, 100 + seeds):
            frame, text = sweep.draw(version, step, seed), text_of(version, seed)
            for name, reader in all_readers().items():
                found = reader(frame)
                hits[name] += text in found
                wrong += bool(found - {text})
        for name, count in hits.items():
            read[name].append(count / seeds)
    return Curve(sweep, version, read, wrong)


def table(drawn: list[Curve]) -> Iterator[str]:
    """Symbols read over all steps, as Markdown: a line for each sweep, a column for each reader."""
    names = list(all_readers())
    yield f"| trouble | version | {' | '.join(names)} |"
    yield f"|---|---:|{'---:|' * len(names)}"
    for curve in drawn:
        shares = " | ".join(f"{np.mean(curve.read[name]):.0%}" for name in names)
        yield f"| {curve.sweep.name} | {curve.version} | {shares} |"
    yield ""
    yield f"wrong texts: {sum(curve.wrong for curve in drawn)}"
    below = [line for curve in drawn for line in curve.below()]
    yield f"steps at which a single reader read more than the ladder: {len(below)}"
    yield from (f"- {line}" for line in below)


def draw(drawn: list[Curve]) -> Pixels:
    """Small multiples: a panel for each sweep and version, share read upwards, steps to the right."""
    panels = [_panel(curve) for curve in drawn]
    rows = [np.hstack(panels[at : at + 4]) for at in range(0, len(panels), 4)]
    return np.vstack([_legend(rows[0].shape[1]), *rows])


def _panel(curve: Curve) -> Pixels:
    panel = np.full((PANEL[1], PANEL[0], 3), 255, np.uint8)
    top, bottom, left, right = EDGE[0], PANEL[1] - EDGE[1], EDGE[2], PANEL[0] - EDGE[3]
    _write(panel, f"{curve.sweep.name}, version {curve.version}", (left, 22), INK, 0.45)
    for share in (0.0, 0.5, 1.0):
        y = int(bottom - share * (bottom - top))
        cv2.line(panel, (left, y), (right, y), GRID, 1)
    xs = np.linspace(left, right, len(curve.sweep.steps)).astype(int)
    for at in (0, len(xs) // 2, len(xs) - 1):
        _write(panel, f"{curve.sweep.steps[at]:g}", (int(xs[at]) - 8, bottom + 18), QUIET, 0.38)
    _write(panel, curve.sweep.unit.replace("°", "degrees"), (right - 60, bottom + 34), QUIET, 0.38)
    for name, (ink, width) in reversed(LINES.items()):
        points = [(int(x), int(bottom - share * (bottom - top))) for x, share in zip(xs, curve.read[name], strict=True)]
        cv2.polylines(panel, [np.array(points, np.int32)], False, ink, width, cv2.LINE_AA)
    return panel


def _legend(width: int) -> Pixels:
    strip = np.full((44, width, 3), 255, np.uint8)
    for at, (name, (ink, thick)) in enumerate(LINES.items()):
        x = 26 + 260 * at
        cv2.line(strip, (x, 24), (x + 34, 24), ink, thick, cv2.LINE_AA)
        _write(strip, name, (x + 44, 29), INK, 0.48)
    return strip


def _write(picture: Pixels, text: str, at: tuple[int, int], ink: tuple[int, int, int], size: float) -> None:
    cv2.putText(picture, text, at, cv2.FONT_HERSHEY_SIMPLEX, size, ink, 1, cv2.LINE_AA)
