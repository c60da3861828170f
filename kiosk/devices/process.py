"""Decoding in a process of its own: a picture that crashes or hangs a native reader costs that picture only."""

from __future__ import annotations

import contextlib
import mmap
import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from multiprocessing import Pipe
from pathlib import Path
from typing import Any, NamedTuple, Self

import msgspec
import numpy as np
import numpy.typing as npt
import structlog

from kiosk.devices.picture import Pixels, prepare
from kiosk.devices.readers import zbar_missing
from kiosk.devices.worker import Answer, Order
from kiosk.errors import DeviceError
from kiosk.model import Symbol

log = structlog.get_logger(__name__)

LADDER = "kiosk.devices.decoder:Ladder"
BOX_S = 0.28  # of the processor's time, for a picture of up to BOX_PIXELS; larger ones get proportionally more.
# With what ending the process takes, a picture costs at most 0.3 s
BOX_PIXELS = 1920 * 1080
STARVED = 5.0  # times the box, by the clock: a reader that gets no processor is not hanging, up to here
GLANCE_S = 0.05  # how often a reader at work is looked at: one that sleeps for the box's length hangs
ALARM_AFTER = 10.0  # times the box: the worker ends itself, should nobody be there to end it
START_S = 20.0  # a loaded machine imports OpenCV slowly

TICK_S = 1 / os.sysconf("SC_CLK_TCK")

_ROOT = Path(__file__).resolve().parents[2]


class Decoder:
    """One reader in one process, for one camera; safe to call from several threads, one picture at a time.

    `dropped` counts the pictures that crashed, hung or upset the reader. `reader` names what makes the reader in
    the process, as `module:attribute`; tests name one there that aborts or hangs. `symbologies` are what it is asked
    for (`readers.SYMBOLOGIES`): QR codes unless said otherwise.
    """

    def __init__(self, reader: str = LADDER, *, symbologies: Sequence[str] = (), box_s: float = BOX_S) -> None:
        self.dropped = 0
        self._reader = (reader, *symbologies)
        self._box_s = box_s
        self._lock = threading.Lock()
        self._worker: _Worker | None = None
        self._closed = False
        if missing := zbar_missing():
            log.warning("second reader", missing=missing)

    def decode(self, image: npt.NDArray[Any], *, thorough: bool = False) -> list[Symbol]:
        """The symbols in `image`; none for a picture that had to be dropped.

        Raises DeviceError for an array that is no picture, and when the process cannot be started at all.
        """
        return list(self.attempt(image, thorough=thorough).symbols)

    def attempt(self, image: npt.NDArray[Any], *, thorough: bool = False) -> Answer:
        """The same with its time, and with the reason where the picture was dropped."""
        pixels = prepare(image)
        with self._lock:
            answer = self._ask(pixels, thorough)
            if answer.trouble:
                self.dropped += 1
                log.warning("picture dropped", why=answer.trouble, dropped=self.dropped)
            return answer

    def close(self) -> None:
        """End the process. A closed decoder raises DeviceError."""
        with self._lock:
            self._closed = True
            self._end()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _ask(self, pixels: Pixels, thorough: bool) -> Answer:
        worker = self._ready()
        box_s = self._box_s * max(1.0, pixels.shape[0] * pixels.shape[1] / BOX_PIXELS)
        try:
            return worker.ask(pixels, thorough, box_s)
        except TimeoutError:
            trouble = f"the reader took longer than {box_s:.1f} s"
        except (EOFError, OSError):
            trouble = "the reader crashed"
        self._end()
        with contextlib.suppress(OSError):  # the next picture tries again, and reports what is wrong
            self._worker = _Worker(*self._reader)  # on its way while the camera takes the next picture
        return Answer(trouble=trouble)

    def _ready(self) -> _Worker:
        if self._closed:
            raise DeviceError("the decoder is closed")
        try:
            worker = self._worker = self._worker or _Worker(*self._reader)
            worker.wait_ready()
        except (EOFError, OSError) as error:
            self._end()
            raise DeviceError(
                "the decode process does not start: python -m kiosk doctor says what is missing"
            ) from error
        return worker

    def _end(self) -> None:
        if self._worker:
            self._worker.end()
            self._worker = None


class _Life(NamedTuple):
    asleep: bool
    processor_s: float


class _Worker:
    """The process, its line and the memory a picture is handed over in."""

    def __init__(self, *reader: str) -> None:
        self._memory: mmap.mmap | None = None
        self._waiting = True
        self._line, theirs = Pipe()
        with contextlib.ExitStack() as undo:
            undo.callback(self._line.close)
            self._memory_fd = os.memfd_create("gatehouse-picture")
            undo.callback(os.close, self._memory_fd)
            with contextlib.closing(theirs):
                self._process = _start(reader, theirs.fileno(), self._memory_fd)
            undo.pop_all()

    def wait_ready(self) -> None:
        """Wait for the first sign of life. Raises EOFError or OSError (TimeoutError is one) when none comes."""
        if self._waiting:
            if not self._line.poll(START_S):
                raise TimeoutError
            self._line.recv_bytes()
            self._waiting = False

    def ask(self, pixels: Pixels, thorough: bool, box_s: float) -> Answer:
        """Raises TimeoutError when `box_s` are spent, EOFError or another OSError when the process is gone."""
        self._hand_over(pixels)
        order = Order(pixels.shape, thorough, ALARM_AFTER * box_s)
        self._line.send_bytes(msgspec.msgpack.encode(order))
        return msgspec.msgpack.decode(self._answer(box_s), type=Answer)

    def _answer(self, box_s: float) -> bytes:
        """By three clocks: the processor's, that of its sleep, and the wall's for a machine with too much to do."""
        start_s = last_s = self._life().processor_s
        slept_s, deadline = 0.0, time.monotonic() + STARVED * box_s
        while (left_s := box_s - max(last_s - start_s, slept_s)) > 0 and time.monotonic() < deadline:
            asked = time.monotonic()
            if self._line.poll(min(GLANCE_S, left_s)):
                return self._line.recv_bytes()
            life = self._life()
            if life.asleep and life.processor_s == last_s:
                slept_s += time.monotonic() - asked
            last_s = life.processor_s
        raise TimeoutError

    def _life(self) -> _Life:
        """proc(5): the state, S or T for who waits for something else than the processor, utime and stime."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return _Life(fields[0] in "ST", (int(fields[11]) + int(fields[12])) * TICK_S)

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        self._line.close()
        if self._memory:
            self._memory.close()
        os.close(self._memory_fd)

    def _hand_over(self, pixels: Pixels) -> None:
        if self._memory is None or len(self._memory) < pixels.nbytes:
            os.ftruncate(self._memory_fd, pixels.nbytes)
            self._memory = mmap.mmap(self._memory_fd, pixels.nbytes)
        np.frombuffer(self._memory, np.uint8, count=pixels.nbytes)[:] = pixels.reshape(-1)


def _start(reader: tuple[str, ...], *fds: int) -> subprocess.Popen[bytes]:
    """Start the worker; it finds the checkout whatever the working directory."""
    path = [str(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "kiosk.devices.worker", *map(str, fds), *reader],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        pass_fds=fds,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(path)},
    )
