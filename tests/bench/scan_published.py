"""The ladder beside each single reader over folders of labelled pictures, in one run."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from kiosk.devices import picture
from tests.bench.figures import median, percentile
from tests.bench.scan_readers import ZXING, Texts, all_readers


@dataclass(slots=True)
class Tally:
    """What one reader made of all pictures: read of those with a code, wrong texts, processor's ms with and without."""

    read: int = 0
    wrong: list[str] = field(default_factory=list)
    with_code_ms: list[float] = field(default_factory=list)
    without_ms: list[float] = field(default_factory=list)


def labelled(folder: Path) -> dict[Path, set[str]]:
    """Every picture that a labels.json in or below the folder names, with its texts."""
    return {
        labels.parent / name: {text.replace("\r\n", "\n") for text in texts}
        for labels in sorted(folder.rglob("labels.json"))
        for name, texts in json.loads(labels.read_text(encoding="utf-8")).items()
    }


def compare(folder: Path) -> tuple[int, dict[str, Tally]]:
    """How many pictures hold a code, and each reader's tally; the readers take turns at every picture, and the
    better of two runs counts: the one before has filled the caches with its own."""
    tallies = {name: Tally() for name in all_readers()}
    pictures = labelled(folder)
    for file, texts in pictures.items():
        pixels = picture.load(file)
        for name, read in all_readers().items():
            found, ms = min((_timed(read, pixels) for _ in range(2)), key=lambda run: run[1])
            tally = tallies[name]
            tally.read += bool(found & texts)
            tally.wrong += [f"{file.name}: {text!r}" for text in sorted(found - texts)]
            (tally.with_code_ms if texts else tally.without_ms).append(ms)
    return sum(bool(texts) for texts in pictures.values()), tallies


def _timed(read: Texts, pixels: picture.Pixels) -> tuple[set[str], float]:
    start = time.thread_time()
    found = read(pixels)
    return found, 1000 * (time.thread_time() - start)


def table(folder: Path) -> Iterator[str]:
    """The comparison as lines of Markdown, and the wrong texts below it."""
    count, tallies = compare(folder)
    plain = tallies[ZXING]
    yield f"| reader | of {count} read | wrong | ms with a code: median / p95 | to zxing-cpp | ms without one |"
    yield "|---|---:|---:|---:|---:|---:|"
    for name, tally in tallies.items():
        ratio = median(tally.with_code_ms) / median(plain.with_code_ms) if count else 0
        yield (
            f"| {name} | {tally.read} ({tally.read / max(count, 1):.1%}) | {len(tally.wrong)} | "
            f"{_ms(tally.with_code_ms)} | {ratio:.2f} | {_ms(tally.without_ms)} |"
        )
    yield ""
    yield from (f"wrong: {name}: {text}" for name, tally in tallies.items() for text in tally.wrong)


def _ms(times: list[float]) -> str:
    return f"{median(times):.2f} / {percentile(times, 0.95):.1f}" if times else "–"
