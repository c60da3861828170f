"""How a lane's reader is doing: how often it looks, how long that takes, what it read and what it lost, and why."""

from __future__ import annotations

import threading
from collections import Counter, deque
from dataclasses import dataclass
from statistics import median

from kiosk.model import Colour, Symbol

WINDOW_S = 10.0
LAST_COLOURS = 50  # codes whose colour the confidence is told of


@dataclass(frozen=True, slots=True)
class Figures:
    """Over the last ten seconds: pictures and looks a second, milliseconds a look (None without one).

    Since the start: codes presented, how many of each colour, looks that found a code and could not read it, codes left
    alone as somebody else's or as one of several, pictures lost by reason. `colour_confidence` is the median of the
    last fifty codes whose colour was told (None without one).
    """

    pictures_a_s: float
    looks_a_s: float
    ms_median: float | None
    ms_most: float | None
    presented: int
    near_misses: int
    outside: int
    ambiguous: int
    lost: dict[str, int]
    colours: dict[str, int]
    colour_confidence: float | None


class Tally:
    """Counts for one lane; written by the lane's thread, read by any. Times are seconds of a monotonic clock."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._looks: deque[tuple[float, int, float]] = deque()
        self._lost: Counter[str] = Counter()
        self._colours: Counter[str] = Counter()
        self._confidences: deque[float] = deque(maxlen=LAST_COLOURS)
        self._presented = self._near_misses = self._outside = self._ambiguous = 0

    def look(self, at_s: float, taken: int, ms: float, trouble: str = "") -> None:
        """One look at a picture, the camera's `taken`th; `trouble` says why it was lost."""
        with self._lock:
            self._looks.append((at_s, taken, ms))
            self._forget(at_s)
            if trouble:
                self._lost[trouble] += 1

    def presented(self, symbol: Symbol) -> None:
        """A code that was presented, and the colour it was seen in."""
        with self._lock:
            self._presented += 1
            self._colours[symbol.colour.value] += 1
            if symbol.colour is not Colour.UNSURE:
                self._confidences.append(symbol.colour_confidence)

    def codes(self, *, near_misses: int = 0, outside: int = 0, ambiguous: int = 0) -> None:
        with self._lock:
            self._near_misses += near_misses
            self._outside += outside
            self._ambiguous += ambiguous

    def figures(self, now_s: float) -> Figures:
        with self._lock:
            self._forget(now_s)
            times = [ms for _, _, ms in self._looks]
            pictures, span_s = self._span()
            return Figures(
                pictures_a_s=round(pictures / span_s, 1),
                looks_a_s=round(max(len(times) - 1, 0) / span_s, 1),
                ms_median=round(median(times), 1) if times else None,
                ms_most=round(max(times), 1) if times else None,
                presented=self._presented,
                near_misses=self._near_misses,
                outside=self._outside,
                ambiguous=self._ambiguous,
                lost=dict(self._lost.most_common()),
                colours={colour.value: self._colours[colour] for colour in Colour if self._colours[colour]},
                colour_confidence=round(median(self._confidences), 2) if self._confidences else None,
            )

    def _span(self) -> tuple[int, float]:
        """Pictures between the first and the last look of the window, and the seconds between them."""
        if len(self._looks) < 2:
            return 0, WINDOW_S
        (first_s, first, _), (last_s, last, _) = self._looks[0], self._looks[-1]
        return max(last - first, 0), max(last_s - first_s, 1e-3)

    def _forget(self, now_s: float) -> None:
        while self._looks and now_s - self._looks[0][0] > WINDOW_S:
            self._looks.popleft()
