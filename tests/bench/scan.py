"""make bench-scan: the ladder beside every single reader, what an empty frame costs, how surely colours are told.

python -m tests.bench.scan [FOLDER…] [--sweeps] [--seeds 10]

Each FOLDER holds pictures and a labels.json (file name → list of texts, [] where there is no code), in itself or in
folders below. Without one, $GATEHOUSE_DATA/qr is taken. Give it one core of its own where that can be had:
`taskset -c 1 python -m tests.bench.scan`. Times are the processor's; compare ratios.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import cv2

from tests.bench import scan_colours, scan_costs, scan_published, scan_sequences, scan_sweeps

PICTURE = Path(__file__).parents[2] / "docs" / "img" / "scanner-sweeps.png"


def main() -> None:
    wanted = _arguments()
    cv2.setNumThreads(1)
    for folder in wanted.folders or _published():
        print(f"\n## Published pictures: {folder.name}\n", *scan_published.table(folder), sep="\n", flush=True)
    print("\n## What a 1280×720 frame costs\n", *scan_costs.table(), sep="\n", flush=True)
    _colours()
    if wanted.sweeps:
        _sweeps(wanted.seeds)
        print("\n## Drawn sequences: read, after how many frames (median)\n", flush=True)
        print(*scan_sequences.table(wanted.seeds), sep="\n", flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.scan", description=__doc__.split("\n")[0])
    parser.add_argument("folders", nargs="*", type=Path, help="folders with labels.json; $GATEHOUSE_DATA/qr if none")
    parser.add_argument(
        "--sweeps", action="store_true", help="draw docs/img/scanner-sweeps.png and sequences too (many minutes)"
    )
    parser.add_argument(
        "--seeds", type=int, default=10, help="symbols at each step of a sweep, sequences of each trouble"
    )
    return parser.parse_args()


def _published() -> list[Path]:
    data = os.environ.get("GATEHOUSE_DATA")
    if not data:
        print("GATEHOUSE_DATA is not set and no folder is given: no published pictures are read")
    return [Path(data) / "qr"] if data else []


def _colours() -> None:
    judged = scan_colours.judge_all()
    print("\n## Colours of drawn symbols: what it is (rows), what was told (columns)")
    for light in (scan_colours.PLAIN, scan_colours.REFLECTING):
        false_green, wrong, unsure = scan_colours.shares(judged, light)
        print("", scan_colours.table(judged, light), "", sep="\n")
        print(f"false green {false_green}, otherwise wrong {wrong:.2%}, unsure {unsure:.1%}")


def _sweeps(seeds: int) -> None:
    print("\n## Drawn sweeps: share read over all steps\n")
    drawn = list(scan_sweeps.curves(seeds))
    print(*scan_sweeps.table(drawn), sep="\n")
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(PICTURE), scan_sweeps.draw(drawn), [cv2.IMWRITE_PNG_COMPRESSION, 9])
    print(f"drawn: {PICTURE.relative_to(PICTURE.parents[2])}")


if __name__ == "__main__":
    main()
