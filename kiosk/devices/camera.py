"""What takes pictures: USB cameras and network streams here, films and folders of pictures in `playback.py`."""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import cv2
import structlog

from kiosk.devices.care.controls import Controls, set_mains
from kiosk.devices.frame import USUAL, Camera, Frame, Wishes
from kiosk.devices.playback import FilmCamera, FolderCamera
from kiosk.errors import DeviceError

__all__ = ["Camera", "Frame", "Wishes", "candidates", "find_usb", "open_camera", "shown"]

log = structlog.get_logger(__name__)

SYS_VIDEO = Path("/sys/class/video4linux")
DEV = Path("/dev")
STREAMS = ("rtsp", "rtsps", "http", "https")
OPEN_TIMEOUT_S = 5.0
SILENT = 0.9  # of `stall_s`: a stream gives up by itself, before the feed turns away and leaves a thread behind


def open_camera(source: int | str, wishes: Wishes = USUAL, *, live: bool = True, loop: bool = False) -> Camera:
    """The camera that `source` names: "auto" (the first USB camera), a USB index, rtsp:// or http:// (MJPEG), a film,
    a folder of pictures. Films and folders play in real time when `live`, else as fast as they are read.

    Raises DeviceError that says what to do when there is no such thing or it does not open.
    """
    if source == "auto":
        if (found := find_usb()) is None:
            raise DeviceError("no USB camera found: plug one in, or name another source as camera in kiosk.toml")
        source = found
    if isinstance(source, int) or source.isdecimal():
        return _usb(int(source), wishes)
    if urlsplit(source).scheme in STREAMS:
        return _stream(source, wishes)
    return _files(Path(source), wishes, live=live, loop=loop)


def find_usb(sys_video: Path = SYS_VIDEO) -> int | None:
    """The lowest index of a USB camera that gives a picture; None when there is none.

    Asks only nodes that the kernel lists as a device's first (index 0): the others carry metadata.
    """
    for index in candidates(sys_video):
        camera = None
        try:
            camera = _usb(index, USUAL)
            camera.read()
        except DeviceError as error:
            log.info("camera", index=index, passed_over=str(error))
            continue
        finally:
            if camera:
                camera.close()
        return index
    return None


def candidates(sys_video: Path) -> list[int]:
    """The numbers of the video devices that the kernel lists, metadata nodes left out."""
    nodes = (node for node in sys_video.glob("video*") if node.name.removeprefix("video").isdecimal())
    return sorted(int(node.name.removeprefix("video")) for node in nodes if _first_node(node))


def shown(source: int | str) -> str:
    """`source` as it may stand in logs and messages: without user name, password and query."""
    return re.sub(r"(?<=://)[^/?]*@|(?<=\?).*", "", str(source))


class Capture(Protocol):
    """What of cv2.VideoCapture a StreamCamera uses."""

    def grab(self) -> bool: ...
    def retrieve(self) -> tuple[bool, Any]: ...
    def release(self) -> None: ...


class StreamCamera:
    """A USB camera or a network stream that OpenCV has opened."""

    def __init__(self, capture: Capture, name: str, controls: Controls | None = None) -> None:
        self.rest_s = 0.0
        self.controls = controls
        self._capture = capture
        self._name = name
        self._index = -1
        self._taken_at_s = float("-inf")

    def read(self) -> Frame | None:
        """The next picture; those that pass while the camera rests are fetched and not unpacked."""
        if self.controls:
            self.controls.apply()
        rested_at_s = self._taken_at_s + self.rest_s
        self._grab()
        while time.monotonic() < rested_at_s:
            self._grab()
        taken, image = self._capture.retrieve()
        if not taken:
            raise self._gone()
        self._index += 1
        self._taken_at_s = time.monotonic()
        return Frame(image.astype("uint8", copy=False), self._index, self._taken_at_s)

    def _grab(self) -> None:
        if not self._capture.grab():
            raise self._gone()

    def _gone(self) -> DeviceError:
        return DeviceError(f"{self._name} gives no more pictures: check its cable, its power and its network")

    def close(self) -> None:
        self._capture.release()


def _usb(index: int, wishes: Wishes) -> StreamCamera:
    backend = cv2.CAP_V4L2 if sys.platform == "linux" else cv2.CAP_ANY
    capture = cv2.VideoCapture(index, backend)
    if not capture.isOpened():
        raise DeviceError(
            f"USB camera {index} does not open: is it plugged in, used by no other program, this user in group video?"
        )
    # MJPEG first: uncompressed 1280×720 does not fit through USB 2 at more than 10 frames a second
    capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
    capture.set(cv2.CAP_PROP_FRAME_WIDTH, wishes.width)
    capture.set(cv2.CAP_PROP_FRAME_HEIGHT, wishes.height)
    capture.set(cv2.CAP_PROP_FPS, wishes.fps)
    capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)  # the newest picture, not the oldest of four
    controls = Controls(capture, wishes, lambda hz: set_mains(DEV / f"video{index}", hz))
    controls.settle()
    return StreamCamera(capture, f"USB camera {index}", controls)


def _stream(address: str, wishes: Wishes) -> StreamCamera:
    limits = [
        cv2.CAP_PROP_OPEN_TIMEOUT_MSEC,
        int(1000 * OPEN_TIMEOUT_S),
        cv2.CAP_PROP_READ_TIMEOUT_MSEC,
        int(1000 * SILENT * wishes.stall_s),
    ]
    capture = cv2.VideoCapture(address, cv2.CAP_FFMPEG, limits)
    if not capture.isOpened():
        raise DeviceError(f"{shown(address)} does not answer: check address, password, and that the camera is on")
    return StreamCamera(capture, shown(address))


def _files(path: Path, wishes: Wishes, *, live: bool, loop: bool) -> Camera:
    if path.is_dir():
        return FolderCamera(path, fps=wishes.fps, live=live, loop=loop)
    if path.is_file():
        return FilmCamera(path, live=live, loop=loop)
    raise DeviceError(f"{path}: no such film or folder; a camera is auto, a USB index, rtsp://…, a film or a folder")


def _first_node(node: Path) -> bool:
    try:
        return (node / "index").read_text().strip() == "0"
    except OSError:
        return False
