"""Picture files opened in a process of their own: one that breaks the picture libraries costs that picture alone.

The process lives on from file to file and is started anew after a crash or a hang. `python -m kiosk.devices.opener`
answers each path on its standard input (ended by a zero byte) with one line of JSON, then the pixels.
"""

from __future__ import annotations

import math
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Self, cast

import msgspec
import numpy as np

from kiosk.devices.picture import Pixels, load
from kiosk.errors import DeviceError

OPEN_S = 20  # for one file, on any machine
MEMORY_BYTES = 4 * 2**30  # of addresses, as for a photo that somebody uploads
BROKEN = "the picture broke its reader, or took it too long; the others are read"
_ROOT = Path(__file__).resolve().parents[2]


class _Opened(msgspec.Struct, frozen=True):
    """The shape of the pixels that follow, or why there are none."""

    shape: tuple[int, ...] = ()
    trouble: str = ""


class Opener:
    """`module` is run to open files; `load` may be called from one thread."""

    def __init__(self, module: str = "kiosk.devices.opener") -> None:
        self._module = module
        self._process = self._start()  # on its way while the caller gets ready

    def load(self, path: Path) -> Pixels:
        """The picture in a file, as `picture.load` gives it. Raises DeviceError, for a file that crashes it too."""
        try:
            opened, data = self._ask(path)
        except (OSError, EOFError, msgspec.DecodeError) as error:
            self._end()
            self._process = self._start()
            raise DeviceError(BROKEN) from error
        if opened.trouble:
            raise DeviceError(opened.trouble)
        return cast(Pixels, np.frombuffer(data, np.uint8).reshape(opened.shape))

    def close(self) -> None:
        self._end()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _ask(self, path: Path) -> tuple[_Opened, bytearray]:
        to, answers = self._process.stdin, self._process.stdout
        assert to is not None
        assert answers is not None
        to.write(os.fsencode(path.absolute()) + b"\0")
        to.flush()
        opened = msgspec.json.decode(answers.readline(), type=_Opened)
        size = 0 if opened.trouble else math.prod(opened.shape)
        data = bytearray(answers.read(size))  # one that can be drawn on
        if len(data) < size:
            raise EOFError
        return opened, data

    def _start(self) -> subprocess.Popen[bytes]:
        path = os.pathsep.join(filter(None, [str(_ROOT), os.environ.get("PYTHONPATH")]))
        return subprocess.Popen(
            [sys.executable, "-P", "-m", self._module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # where the picture libraries write what they like
            env=os.environ | {"PYTHONPATH": path},
        )

    def _end(self) -> None:
        self._process.kill()
        self._process.communicate()


def serve(open_file: Callable[[Path], Pixels] = load) -> None:
    """Answer path after path until there are no more."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    asked = b""
    while more := os.read(sys.stdin.fileno(), 4096):
        *paths, asked = (asked + more).split(b"\0")
        for path in paths:
            signal.alarm(OPEN_S)  # which ends the process, whatever a library is doing
            _answer(Path(os.fsdecode(path)), open_file)
            signal.alarm(0)


def _answer(path: Path, open_file: Callable[[Path], Pixels]) -> None:
    try:
        pixels = np.ascontiguousarray(open_file(path))
        said, data = _Opened(pixels.shape), pixels.tobytes()
    except DeviceError as error:
        said, data = _Opened(trouble=str(error)), b""
    sys.stdout.buffer.write(msgspec.json.encode(said) + b"\n" + data)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    serve()
