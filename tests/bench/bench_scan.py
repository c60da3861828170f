"""What reading a 1280×720 frame costs, against one plain zxing-cpp pass over the same frame's grey in the same run."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence

import cv2
import zxingcpp

from kiosk.devices.decoder import Ladder
from kiosk.devices.picture import Pixels, grey
from kiosk.devices.process import Decoder
from tests.bench.figures import Figure, interleaved_s, median, percentile
from tests.kiosk.devices.drawing import GREEN, held_up, scenery

ROUNDS = 300
PASS = "GP1:6BFOXN*TS0BI$ZD4N9:9S6RCVN5+O30K3/XIV0W23NTDEPWK G2EP4J0BGJLFX3R3VHXK.PJ:2DPF6R:5SVBHABVCNN95SWMPHQUHQN%A4"
PLAIN = "one zxing-cpp pass"


def run() -> list[Figure]:
    """The ladder in processor's time, which a busy machine does not change, and what a lane waits for its process."""
    cv2.setNumThreads(1)
    frames = {
        "with a green pass": held_up(PASS, dark=GREEN),
        "without a code": scenery(),
        "without a code, dim": scenery() // 3,
    }
    return [figure for what, frame in frames.items() for figure in (*_ladder(what, frame), *_process(what, frame))]


def _ladder(what: str, frame: Pixels) -> Iterator[Figure]:
    ladder, bright = Ladder(), grey(frame)
    plain, whole = _processor_s([lambda: _plain(bright), lambda: ladder.read(frame)])
    yield Figure(f"frame {what}: {PLAIN}, median", 1000 * median(plain), "ms")
    yield from _against(f"frame {what}: the ladder", whole, plain)


def _process(what: str, frame: Pixels) -> Iterator[Figure]:
    bright = grey(frame)
    with Decoder() as decoder:
        decoder.decode(frame)  # started
        plain, whole = interleaved_s([lambda: _plain(bright), lambda: decoder.decode(frame)], ROUNDS)
    yield from _against(f"frame {what}: there and back through the decode process", whole, plain)


def _against(what: str, times: list[float], plain: list[float]) -> Iterator[Figure]:
    yield Figure(f"{what}, median", 1000 * median(times), "ms", median(times) / median(plain), PLAIN)
    high, limit = percentile(times, 0.95), percentile(plain, 0.95)
    yield Figure(f"{what}, p95", 1000 * high, "ms", high / limit, f"{PLAIN}, p95")


def _processor_s(works: Sequence[Callable[[], object]]) -> list[list[float]]:
    """The processor's seconds of each work's rounds, turn by turn."""
    taken: list[list[float]] = [[] for _ in works]
    for _ in range(ROUNDS):
        for work, times in zip(works, taken, strict=True):
            start = time.thread_time()
            work()
            times.append(time.thread_time() - start)
    return taken


def _plain(bright: Pixels) -> object:
    return zxingcpp.read_barcodes(bright, formats=zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode]))
