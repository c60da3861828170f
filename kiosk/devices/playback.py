"""Files as cameras: a film at its own rate, a folder of pictures one after the other."""

from __future__ import annotations

import math
import time
from collections.abc import Generator
from itertools import repeat
from pathlib import Path

import cv2
import structlog

from kiosk.devices.frame import Frame
from kiosk.devices.picture import Pixels, load
from kiosk.errors import DeviceError

log = structlog.get_logger(__name__)

PICTURES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff", ".gif", ".pgm", ".ppm", ".pbm"})
FILMS = frozenset({".mp4", ".avi", ".mkv", ".mov", ".webm", ".m4v", ".mpg", ".mpeg", ".mjpeg", ".y4m"})

HOLD_S = 2.0  # how long a live folder shows each picture
RESUME_S = 1.0
USUAL_FPS = 25.0  # where a film does not say
LEAST_SHARE = 0.98  # of the frames a film's header promises; fewer means it was cut off


class FilmCamera:
    """A video file. Live, it keeps its own pace and leaves out frames that a slow reader was too late for.

    Raises DeviceError for what OpenCV cannot play.
    """

    def __init__(self, path: Path, *, live: bool = True, loop: bool = False) -> None:
        self._path = path
        self._loop = loop
        self._pace = Pace() if live else None
        self._capture = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)
        if not self._capture.isOpened():
            raise DeviceError(f"{path}: not a film that can be played, or cut off; MP4, AVI, MKV or WebM can be")
        self._fps = _sane(self._capture.get(cv2.CAP_PROP_FPS))
        self.frames = max(0, int(self._capture.get(cv2.CAP_PROP_FRAME_COUNT)))  # as its header promises; 0: unknown
        self._index = -1
        self._position_s = -1 / self._fps
        self._begun_at_s = 0.0  # of this round, in running time

    def read(self) -> Frame | None:
        """The next frame that is due; None at the end of a film that does not play again."""
        while self._next():
            at_s = self._begun_at_s + self._position_s
            if self._pace and not self._pace.reach(at_s, late_s=1 / self._fps):
                continue
            taken, image = self._capture.retrieve()
            if taken:
                return Frame(image.astype("uint8", copy=False), self._index, at_s, self._position_s)
        return None

    def broke_off(self) -> bool:
        """Whether, at its end, clearly fewer frames were there than its header promises."""
        return self._index + 1 < LEAST_SHARE * self.frames

    def close(self) -> None:
        self._capture.release()

    def _next(self) -> bool:
        """Move to the next frame, after the last one to the first when the film plays again."""
        if not self._capture.grab():
            if not self._loop or self._index < 0:
                return False
            self._begun_at_s += self._position_s + 1 / self._fps
            self._position_s = -1 / self._fps
            self._capture.set(cv2.CAP_PROP_POS_FRAMES, 0)
            if not self._capture.grab():
                return False
        self._index += 1
        stamp_s = self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
        guess_s = self._position_s + 1 / self._fps
        self._position_s = stamp_s if self._position_s < stamp_s < guess_s + 60 else max(guess_s, 0.0)
        return True


class FolderCamera:
    """The pictures of a folder, sorted by name. Live, each stays in view for two seconds; else each comes once.

    A file that is no picture is logged and left out. Raises DeviceError when the folder holds none at all.
    """

    def __init__(self, folder: Path, *, fps: float, live: bool = True, loop: bool = False) -> None:
        self._files = sorted(path for path in folder.iterdir() if path.suffix.lower() in PICTURES)
        if not self._files:
            raise DeviceError(f"{folder}: no pictures in this folder ({', '.join(sorted(PICTURES))})")
        self._fps = fps
        self._times = max(1, round(HOLD_S * fps)) if live else 1
        self._loop = loop
        self._pace = Pace() if live else None
        self._pictures = self._play()
        self._index = -1

    def read(self) -> Frame | None:
        image = next(self._pictures, None)
        if image is None:
            return None
        self._index += 1
        at_s = self._index / self._fps
        if self._pace:
            self._pace.reach(at_s, late_s=math.inf)
        return Frame(image, self._index, at_s, at_s)

    def close(self) -> None:
        self._pictures.close()

    def _play(self) -> Generator[Pixels, None, None]:
        while True:
            good = 0
            for path in self._files:
                try:
                    image = load(path)
                except DeviceError as error:
                    log.warning("picture left out", file=path.name, why=str(error))
                    continue
                good += 1
                yield from repeat(image, self._times)
            if not (self._loop and good):
                return


class Pace:
    """Keeps what is played in step with the clock; the first moment asked for is now."""

    def __init__(self) -> None:
        self._zero: float | None = None

    def reach(self, at_s: float, *, late_s: float) -> bool:
        """Wait until `at_s` seconds of playing time; False when that lies more than `late_s` seconds back.

        After a second's delay the rest plays later instead: a machine that was asleep has nothing to catch up with.
        """
        now = time.monotonic()
        if self._zero is None or now - self._zero - at_s > RESUME_S:
            self._zero = now - at_s
        ahead_s = self._zero + at_s - now
        if ahead_s > 0:
            time.sleep(ahead_s)  # a film has its own pace
        return ahead_s >= -late_s


def _sane(fps: float) -> float:
    return fps if 0.1 <= fps <= 240 else USUAL_FPS
