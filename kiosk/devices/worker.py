"""The decode process: `python -m kiosk.devices.worker LINE MEMORY FACTORY ARGUMENT…`, started by
`process.Decoder` only.

LINE is the descriptor of its end of a socket pair, MEMORY that of the shared memory a picture lies in, FACTORY names
what makes the reader, as `module:attribute`, from the arguments. Each order on the line is answered by one answer.

It outlives nobody: waiting, it ends when the line closes; at work, the kernel's own alarm ends it, which needs
neither its parent nor a Python thread that a hanging native reader would not let run.
"""

from __future__ import annotations

import importlib
import mmap
import signal
import sys
import time
from multiprocessing.connection import Connection

import cv2
import msgspec
import numpy as np
import zxingcpp

from kiosk.devices.decoder import Reader, Taken
from kiosk.devices.picture import Pixels
from kiosk.model import Symbol


class Order(msgspec.Struct, frozen=True, array_like=True):
    """Read the picture of this shape at the start of the memory, within `limit_s` or die."""

    shape: tuple[int, ...]
    thorough: bool
    limit_s: float


class Answer(msgspec.Struct, frozen=True, array_like=True):
    """What was read, in how many milliseconds, by which looks; `trouble` when the reader raised an exception."""

    symbols: tuple[Symbol, ...] = ()
    ms: float = 0.0
    trouble: str = ""
    taken: tuple[Taken, ...] = ()


def main(line_fd: int, memory_fd: int, factory: str, *arguments: str) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group: the parent ends this process
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    cv2.setNumThreads(1)
    reader = make_reader(factory, *arguments)
    _warm_up(reader)
    line, memory = Connection(line_fd), _Memory(memory_fd)
    line.send_bytes(b"ready")
    while True:
        try:
            order = msgspec.msgpack.decode(line.recv_bytes(), type=Order)
        except EOFError:
            return
        signal.setitimer(signal.ITIMER_REAL, order.limit_s)
        answer = _read(reader, order, memory)
        signal.setitimer(signal.ITIMER_REAL, 0)
        line.send_bytes(msgspec.msgpack.encode(answer))


def make_reader(factory: str, *arguments: str) -> Reader:
    """The reader that `module:attribute` makes of the arguments."""
    module, _, attribute = factory.partition(":")
    reader: Reader = getattr(importlib.import_module(module), attribute)(*arguments)
    return reader


def _warm_up(reader: Reader) -> None:
    """What loads late (zbar, OpenCV's colour tables) loads now, not in the time of a person's code."""
    code = zxingcpp.create_barcode("GATEHOUSE", zxingcpp.BarcodeFormat.QRCode).to_image(scale=4)
    for grey in (np.zeros((64, 64), np.uint8), np.array(code, np.uint8)):
        reader.read(np.dstack([grey] * 3), thorough=True)
    for _ in range(2):  # frames are laid over one another from the second one on
        reader.read(np.zeros((100, 100, 3), np.uint8))


class _Memory:
    """What pictures lie in, mapped once for all of a size: a new mapping costs a picture a fifth of a millisecond."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._mapped = np.empty(0, np.uint8)

    def picture(self, shape: tuple[int, ...]) -> Pixels:
        """The picture of this shape at its start; the next one overwrites it."""
        size = int(np.prod(shape))
        if self._mapped.size < size:
            self._mapped = np.frombuffer(mmap.mmap(self._fd, size, prot=mmap.PROT_READ), np.uint8)
        return self._mapped[:size].reshape(shape)


def _read(reader: Reader, order: Order, memory: _Memory) -> Answer:
    start = time.perf_counter()
    try:
        symbols = reader.read(memory.picture(order.shape), thorough=order.thorough)
    except Exception as error:  # whatever a reader raises costs its picture, told apart from "nothing there"
        return Answer(trouble=f"the reader failed with {type(error).__name__}")
    return Answer(tuple(symbols), 1000 * (time.perf_counter() - start), taken=reader.taken)


if __name__ == "__main__":
    try:
        main(int(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:])
    except BrokenPipeError:  # the parent went away between an order and its answer
        sys.exit(0)
