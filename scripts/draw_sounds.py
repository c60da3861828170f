"""Draws the gate's sounds: python scripts/draw_sounds.py [FOLDER], default web/static/sound.

Short clips, 16 kHz mono, 8 bits a sample: each verdict by rhythm as well as by pitch, so that it is known without
a look at the screen. The same script always draws the same bytes.
"""

from __future__ import annotations

import math
import sys
import wave
from pathlib import Path

RATE = 16_000
REST = 0.0

# (frequency in Hz, seconds): rising for admit, level for check, falling for refuse, alternating for isolate and alarm
CLIPS: dict[str, list[tuple[float, float]]] = {
    "admit": [(880.0, 0.09), (1318.5, 0.22)],
    "check": [(659.3, 0.14), (REST, 0.07), (659.3, 0.14)],
    "refuse": [(440.0, 0.2), (329.6, 0.2), (246.9, 0.34)],
    "isolate": [(784.0, 0.18), (523.3, 0.18)] * 3,
    "alarm": [(987.8, 0.12), (REST, 0.05)] * 5,
    "summons": [(1046.5, 0.16), (784.0, 0.3), (REST, 0.12), (1046.5, 0.16), (784.0, 0.3)],
}


def tone(frequency: float, seconds: float) -> bytes:
    """A tone with a soft start and a fading end, with one overtone so that small speakers carry it."""
    samples = bytearray()
    length = int(RATE * seconds)
    for index in range(length):
        angle = 2 * math.pi * frequency * index / RATE
        swell = min(1.0, index / (RATE * 0.008), (length - index) / (RATE * 0.05))
        level = (math.sin(angle) + 0.35 * math.sin(2 * angle)) / 1.35 * swell * 0.85 if frequency else 0.0
        samples.append(128 + round(127 * level))
    return bytes(samples)


def draw(name: str) -> bytes:
    return b"".join(tone(frequency, seconds) for frequency, seconds in CLIPS[name])


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in CLIPS:
        with wave.open(str(folder / f"{name}.wav"), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(1)
            file.setframerate(RATE)
            file.writeframes(draw(name))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent.parent / "web" / "static" / "sound")
