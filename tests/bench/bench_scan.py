"""What reading a camera's frames costs, against one plain zxing-cpp pass over the same frame's grey in the same run."""

from __future__ import annotations

from collections.abc import Callable, Iterator

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
    """Median and 95th percentile of the ladder in this process, and of a whole round through the decode process."""
    cv2.setNumThreads(1)
    frames = {
        "1280×720 with a green pass": held_up(PASS, dark=GREEN),
        "1280×720 without a code": scenery(),
        "1280×720 without a code, dim": scenery() // 3,
    }
    return [figure for what, frame in frames.items() for figure in _of(what, frame)]


def _of(what: str, frame: Pixels) -> Iterator[Figure]:
    with Decoder() as decoder:
        ladder, bright = Ladder(), grey(frame)
        works: dict[str, Callable[[], object]] = {
            "plain": lambda: _plain(bright),
            "ladder": lambda: ladder.read(frame),
            "decode process": lambda: decoder.decode(frame),
        }
        decoder.decode(frame)  # started
        plain, *others = interleaved_s(list(works.values()), ROUNDS)
    limit = {0.5: median(plain), 0.95: percentile(plain, 0.95)}
    yield Figure(f"{what}: {PLAIN}, median", 1000 * limit[0.5], "ms")
    for name, times in zip(("ladder", "decode process"), others, strict=True):
        yield Figure(f"{what}: {name}, median", 1000 * median(times), "ms", median(times) / limit[0.5], PLAIN)
        high = percentile(times, 0.95)
        yield Figure(f"{what}: {name}, p95", 1000 * high, "ms", high / limit[0.95], f"{PLAIN}, p95")


def _plain(bright: Pixels) -> object:
    return zxingcpp.read_barcodes(bright, formats=zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode]))
