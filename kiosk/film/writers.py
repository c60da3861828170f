"""Where frames go: one writer for each kind of film, all of them whole or not at all.

`.mp4` (MPEG-4 part 2, which every OpenCV can read), `.avi` (Motion JPEG), `.mjpeg` and `.y4m` (the fake camera of
Chromium), or a folder of PNGs.
"""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO, Protocol

import cv2

from kiosk.errors import GatehouseError
from kiosk.film.picture import Picture

_JPEG = [cv2.IMWRITE_JPEG_QUALITY, 88]
_PNG = [cv2.IMWRITE_PNG_COMPRESSION, 1]
_BITS_A_PIXEL = 0.024  # of an .mp4: 70 s of 1280×720 at 15 frames a second stay below 3 MB
_KEY_FRAME_S = 10  # a film is played from its start: few key frames keep it small
_FINEST = {"mbd": "rd", "trellis": "1", "flags": "+mv4+aic"}  # what the encoder can do when it has time


class FrameWriter(Protocol):
    def write(self, frame: Picture) -> None: ...
    def close(self) -> None: ...


@contextmanager
def open_film(path: Path, fps: float, size: tuple[int, int]) -> Iterator[FrameWriter]:
    """A writer for `path` by its suffix. The film stands under its name only once it is whole.

    Raises GatehouseError for a suffix that is no film's, a folder with something in it, a place nothing can be
    written to.
    """
    if path.suffix not in _KINDS:
        known = ", ".join(filter(None, _KINDS))
        raise GatehouseError(f"{path}: unknown kind of film; known: {known}, or a folder without a suffix")
    if path.is_dir() and (path.suffix or any(path.iterdir())):
        raise GatehouseError(f"{path}: this folder is not empty; name another or remove it first")
    partial = path.with_name(f".{path.stem}.partial{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            _remove(partial)  # of one that was killed
            with closing(_KINDS[path.suffix](partial, fps, size)) as writer:
                yield writer
            if path.is_dir():
                path.rmdir()
            partial.replace(path)
        finally:
            _remove(partial)
    except OSError as error:
        raise GatehouseError(f"{path}: cannot be written: {error.strerror or error}") from error


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


class _Video:
    """A container that OpenCV writes. It takes no bit rate: an .mp4 comes to some 17 MB a minute."""

    def __init__(self, path: Path, fps: float, size: tuple[int, int]) -> None:
        code = cv2.VideoWriter.fourcc(*("mp4v" if path.suffix == ".mp4" else "MJPG"))
        self._writer = cv2.VideoWriter(str(path), code, fps, size)
        if not self._writer.isOpened():
            raise GatehouseError(f"{path}: OpenCV cannot write this kind of film here")

    def write(self, frame: Picture) -> None:
        self._writer.write(frame)

    def close(self) -> None:
        self._writer.release()


class _SmallVideo:
    """An .mp4 of a given bit rate, by PyAV where that is installed (requirements-dev.txt)."""

    def __init__(self, path: Path, fps: float, size: tuple[int, int]) -> None:
        import av

        self._container = av.open(str(path), "w")
        self._stream = self._container.add_stream("mpeg4", _rate(fps), options=_FINEST)
        self._stream.width, self._stream.height = size
        self._stream.bit_rate = round(_BITS_A_PIXEL * size[0] * size[1] * fps)
        self._stream.gop_size = round(_KEY_FRAME_S * fps)

    def write(self, frame: Picture) -> None:
        import av

        self._container.mux(self._stream.encode(av.VideoFrame.from_ndarray(frame, "bgr24")))

    def close(self) -> None:
        self._container.mux(self._stream.encode())
        self._container.close()


def _mp4(path: Path, fps: float, size: tuple[int, int]) -> FrameWriter:
    return (_SmallVideo if importlib.util.find_spec("av") else _Video)(path, fps, size)


def _rate(fps: float) -> Fraction:
    return Fraction(fps).limit_denominator(1001)


class _Stream:
    """A file that frames are appended to."""

    def __init__(self, path: Path, header: bytes = b"") -> None:
        self._file: BinaryIO = path.open("wb")
        self._file.write(header)

    def close(self) -> None:
        self._file.close()


class _Mjpeg(_Stream):
    """JPEGs one behind the other; a player decides how fast."""

    def write(self, frame: Picture) -> None:
        self._file.write(cv2.imencode(".jpg", frame, _JPEG)[1].tobytes())


class _Y4m(_Stream):
    """Uncompressed YUV 4:2:0, 1.4 MB a frame of 1280×720; keeps its rate in Chromium."""

    def __init__(self, path: Path, fps: float, size: tuple[int, int]) -> None:
        rate = _rate(fps)
        super().__init__(path, b"YUV4MPEG2 W%d H%d F%d:%d Ip A1:1 C420jpeg\n" % (*size, *rate.as_integer_ratio()))

    def write(self, frame: Picture) -> None:
        self._file.write(b"FRAME\n" + cv2.cvtColor(frame, cv2.COLOR_BGR2YUV_I420).tobytes())


class _Folder:
    """frame-00000.png and so on."""

    def __init__(self, path: Path) -> None:
        path.mkdir()
        self._path, self._next = path, 0

    def write(self, frame: Picture) -> None:
        picture = cv2.imencode(".png", frame, _PNG)[1].tobytes()
        (self._path / f"frame-{self._next:05d}.png").write_bytes(picture)
        self._next += 1

    def close(self) -> None:
        """Nothing is held open."""


_Opener = Callable[[Path, float, tuple[int, int]], FrameWriter]
_KINDS: dict[str, _Opener] = {
    ".mp4": _mp4,
    ".avi": _Video,
    ".mjpeg": lambda path, _fps, _size: _Mjpeg(path),
    ".y4m": _Y4m,
    "": lambda path, _fps, _size: _Folder(path),
}
