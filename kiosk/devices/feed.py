"""A camera in the background: the newest frame, and whether there is one.

Two threads. The reading one opens the camera and reads; a driver that never returns holds it for ever. So the
watching one never touches the camera: when the newest frame is too old, it leaves the reading thread to its fate and
begins another. A reading thread that was left closes its camera when it comes back, and is heard no more.

A camera that sends the very same picture for too long is closed and opened anew. Until another picture comes there is
none: what stands in a frozen one may have left long ago.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import cv2
import numpy as np
import structlog

from kiosk.devices.camera import open_camera, shown
from kiosk.devices.care.controls import Controls
from kiosk.devices.care.liveness import Liveness
from kiosk.devices.care.zone import WHOLE, Zone
from kiosk.devices.frame import Camera, Frame, Steered, Wishes
from kiosk.devices.picture import Pixels
from kiosk.errors import DeviceError

log = structlog.get_logger(__name__)

State = Literal["ok", "frozen", "stalled", "missing", "ended"]
Source = Callable[[], "int | str | None"]

OPENING_S = 15.0  # a camera may take so long for its first frame before it counts as stalled
SILENT_SHARE = 0.8  # of `stall_s` without a picture, and a stream that gave up was stalled rather than gone
MOST_LEFT = 4  # threads stuck in a driver; with more of them nothing new is begun until one comes back
CLOSING_S = 1.0  # a camera that is asked to stop gets so long to come back with its last frame
JPEG_QUALITY = 80


@dataclass
class _Reading:
    """One reading thread's work: `since` is when it last showed life."""

    since: float
    frames: int = 0
    left: bool = False
    trouble: str = "the camera stopped without a word"
    ended: bool = False
    frozen: bool = False
    silent: bool = False


class CameraFeed:
    """The newest frame of a camera that is reopened whenever it is unplugged, stalls or freezes.

    `source` is asked at each opening, since a USB camera may come back under another number; None: there is none now.
    `changed` is called, from a thread of the feed, after each change of `state`.
    """

    def __init__(
        self,
        source: Source,
        wishes: Wishes,
        *,
        loop: bool = False,
        changed: Callable[[], None] = lambda: None,
        zone: Zone = WHOLE,
        opener: Callable[..., Camera] = open_camera,
    ) -> None:
        self.state: State = "missing"
        self.trouble = ""
        self._source = source
        self._wishes = wishes
        self._loop = loop
        self._changed = changed
        self._zone = zone
        self._opener = opener
        self._steered: Steered | None = None
        self._rest_s = 0.0
        self._fresh = threading.Condition()
        self._frame: Frame | None = None
        self._taken = 0
        self._liveness = Liveness(wishes.frozen_s)
        self._jpeg: tuple[int, int, bytes] | None = None
        self._stopping = threading.Event()
        self._left: list[threading.Thread] = []
        self._watcher = threading.Thread(target=self._watch, name="camera-watch", daemon=True)

    def start(self) -> None:
        self._watcher.start()

    def stop(self) -> None:
        """End both threads; one that is stuck in a driver is left behind, which does not keep the program alive."""
        self._stopping.set()
        with self._fresh:
            self._fresh.notify_all()
        if self._watcher.is_alive():
            self._watcher.join(timeout=5)

    def newest(self) -> Frame | None:
        """The newest frame; None while the camera gives none. `index` counts on over reopenings."""
        with self._fresh:
            return self._frame

    def wait_newer(self, index: int, timeout: float) -> Frame | None:
        """The newest frame as soon as its number is above `index`; None after `timeout` seconds or when stopping."""
        with self._fresh:
            self._fresh.wait_for(lambda: self._stopping.is_set() or self._newer(index), timeout)
            return self._frame if self._newer(index) else None

    def position(self) -> float | None:
        """The place in the film in seconds; None for a real camera or while there is no picture."""
        frame = self.newest()
        return frame.position_s if frame else None

    @property
    def controls(self) -> Controls | None:
        """The open camera's controls; None for a film, a network camera, or while there is none."""
        steered = self._steered
        return steered.controls if steered else None

    @property
    def taken(self) -> int:
        """Pictures so far, over all openings."""
        return self._taken

    def rest(self, seconds: float) -> None:
        """Let a real camera pause so long between two pictures, to spare the processor; 0: as fast as it can."""
        self._rest_s = min(seconds, self._wishes.stall_s / 2)
        if steered := self._steered:
            steered.rest_s = self._rest_s

    def jpeg(self, max_width: int) -> bytes | None:
        """The newest frame as JPEG, at most `max_width` pixels wide, dark outside the zone; None without one."""
        frame = self.newest()
        if frame is None:
            return None
        kept = self._jpeg
        if kept is None or kept[:2] != (frame.index, max_width):
            kept = self._jpeg = (frame.index, max_width, _encode(frame, max_width, self._zone))
        return kept[2]

    def _newer(self, index: int) -> bool:
        return self._frame is not None and self._frame.index > index

    def _watch(self) -> None:
        while not self._stopping.is_set():
            self._left = [thread for thread in self._left if thread.is_alive()]
            if len(self._left) < MOST_LEFT and self._follow():
                return
            self._stopping.wait(self._wishes.reopen_s)

    def _follow(self) -> bool:
        """Stay with one opening of the camera until it fails; True when a film has ended."""
        reading = _Reading(time.monotonic())
        thread = threading.Thread(target=self._read, args=(reading,), name="camera-read", daemon=True)
        thread.start()
        while thread.is_alive() and not self._stopping.is_set() and not self._stalled(reading):
            thread.join(self._wishes.stall_s / 10)
        self._leave(reading, thread)
        return reading.ended or self._stopping.is_set()

    def _leave(self, reading: _Reading, thread: threading.Thread) -> None:
        """Turn away from a reading thread: nothing it brings counts any more."""
        if self._stopping.is_set():
            thread.join(CLOSING_S)
        stuck = thread.is_alive()
        with self._fresh:
            reading.left = True
            self._frame = self._steered = None
            changed = not self._stopping.is_set() and self._set(*self._verdict(reading, stuck=stuck))
        if stuck:
            self._left.append(thread)
        if changed:
            self._changed()

    def _stalled(self, reading: _Reading) -> bool:
        limit_s = self._wishes.stall_s if reading.frames else max(OPENING_S, self._wishes.stall_s)
        return time.monotonic() - reading.since > limit_s

    def _verdict(self, reading: _Reading, *, stuck: bool) -> tuple[State, str]:
        if reading.ended:
            return "ended", ""
        if reading.frozen:
            return self._frozen()
        if stuck or reading.silent:
            return "stalled", f"no picture for {self._wishes.stall_s:g} s"
        return "missing", reading.trouble

    def _read(self, reading: _Reading) -> None:
        """The reading thread: open, read until told to leave, close."""
        camera: Camera | None = None
        try:
            camera = self._open(reading)
            while self._take(camera.read(), reading):
                pass
        except (DeviceError, cv2.error, OSError) as error:
            reading.trouble = str(error)
            silent_s = time.monotonic() - reading.since
            reading.silent = reading.frames > 0 and silent_s >= SILENT_SHARE * self._wishes.stall_s
        finally:
            if camera:
                camera.close()

    def _open(self, reading: _Reading) -> Camera:
        source = self._source()
        if source is None:
            raise DeviceError("no USB camera found: plug one in, or name another source as camera in kiosk.toml")
        camera = self._opener(source, self._wishes, loop=self._loop)
        with self._fresh:
            if not reading.left:
                self._liveness.begin(time.monotonic())
                if isinstance(camera, Steered):
                    self._steered, camera.rest_s = camera, self._rest_s
        log.info("camera", opened=shown(source))
        return camera

    def _take(self, frame: Frame | None, reading: _Reading) -> bool:
        """Keep a frame; False when the reading is over."""
        with self._fresh:
            if reading.left or self._stopping.is_set():
                return False
            if frame is None:
                reading.ended = True
                return False
            reading.since = time.monotonic()
            reading.frames += 1
            live = frame.position_s is None  # what stands still in a film may do so
            reading.frozen = live and not self._liveness.take(frame.image, reading.since)
            changed = self._keep(frame)
        if changed:
            self._changed()
        return not reading.frozen

    def _keep(self, frame: Frame) -> bool:
        """Make a frame the newest one unless it is a frozen one, under the lock; True when the state is another one."""
        if self._liveness.frozen:
            self._frame = None
            return self._set(*self._frozen())
        self._frame = replace(frame, index=self._taken)
        self._taken += 1
        self._fresh.notify_all()
        return self._set("ok")

    def _frozen(self) -> tuple[State, str]:
        return "frozen", f"the very same picture for {self._wishes.frozen_s:g} s and longer"

    def _set(self, state: State, trouble: str = "") -> bool:
        """Take over a state, under the lock; True when it is another one. The caller tells, outside the lock."""
        if (state, trouble) == (self.state, self.trouble):
            return False
        self.state, self.trouble = state, trouble
        log.info("camera", state=state, trouble=trouble)
        return True


def _encode(frame: Frame, max_width: int, zone: Zone) -> bytes:
    height, width = frame.image.shape[:2]
    image = frame.image
    if width > max_width:
        size = (max_width, max(1, round(height * max_width / width)))
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    if zone != WHOLE:
        image = _framed(image, zone)
    _, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    return data.tobytes()


def _framed(image: Pixels, zone: Zone) -> Pixels:
    """The picture with the zone as it is, in a white frame, and everything else darkened."""
    left, top, right, bottom = zone.box(image.shape)
    shown = image // 3
    shown[top:bottom, left:right] = image[top:bottom, left:right]
    cv2.rectangle(shown, (left, top), (right - 1, bottom - 1), (255, 255, 255), max(1, image.shape[1] // 320))
    return shown
