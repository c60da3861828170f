"""A photo uploaded by hand, decoded and read in a process that lives for this one photo.

Anybody's file may be meant to crash or to fill the machine: opening it is as dangerous as reading it, so both happen
behind limits of memory and time. `python -m kiosk.devices.photo` reads the file on its standard input.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from kiosk.errors import DeviceError
from kiosk.model import Symbol

WAIT_S = 20.0
PROCESSOR_S = 10
MEMORY_BYTES = 4 * 2**30  # of addresses: OpenCV and its threads reserve more than they use
SMALLEST_SIDE = 500  # pixels: below that a code has no modules left to find
LIMITS_TELL = "the photo took too much time or memory, or broke its reader; take another one, smaller"

_ROOT = Path(__file__).resolve().parents[2]


class Found(msgspec.Struct, frozen=True):
    """What the process says: the symbols, or why the file cannot be read."""

    symbols: tuple[Symbol, ...] = ()
    trouble: str = ""


def read_photo(
    data: bytes,
    module: str = "kiosk.devices.photo",
    *,
    symbologies: Sequence[str] = (),
    wait_s: float = WAIT_S,
) -> tuple[Symbol, ...]:
    """The symbols in a picture file, one for each different text; none is a value too. QR codes unless told otherwise.

    Takes about a second, most of it the start of the process. Raises DeviceError with what to do for a file that is
    no picture, is damaged or too large, and for one that breaks or outlasts the reader.
    """
    fd = os.memfd_create("gatehouse-photo")
    with os.fdopen(fd, "r+b", buffering=0) as file:
        file.write(data)
        file.seek(0)
        try:
            done = subprocess.run(
                [sys.executable, "-P", "-m", module, *symbologies],
                stdin=file,
                capture_output=True,
                timeout=wait_s,
                check=True,
                env=os.environ | {"PYTHONPATH": os.pathsep.join([str(_ROOT), *_python_path()])},
            )
            found = msgspec.json.decode(done.stdout, type=Found)
        except (subprocess.SubprocessError, msgspec.DecodeError) as error:
            raise DeviceError(LIMITS_TELL) from error
    if found.trouble:
        raise DeviceError(found.trouble)
    return found.symbols


def _python_path() -> list[str]:
    return [path for path in (os.environ.get("PYTHONPATH"),) if path]


def _main() -> None:
    """Read standard input under limits and say what was found on standard output."""
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_S, PROCESSOR_S))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        found = Found(_symbols(Path("/dev/stdin"), sys.argv[1:]))
    except DeviceError as error:
        found = Found(trouble=str(error))
    sys.stdout.buffer.write(msgspec.json.encode(found))


def _symbols(path: Path, symbologies: Sequence[str]) -> tuple[Symbol, ...]:
    """Those of the first size at which any is read: a blurred or pixelled code is often sharper when it is smaller."""
    import cv2

    from kiosk.devices.decoder import Ladder
    from kiosk.devices.picture import load

    cv2.setNumThreads(1)
    ladder, pixels = Ladder(*symbologies), load(path)
    while True:
        if symbols := {symbol.text: symbol for symbol in ladder.read(pixels, thorough=True)}:
            return tuple(symbols.values())
        height, width = pixels.shape[:2]
        if min(height, width) < 2 * SMALLEST_SIDE:
            return ()
        pixels = cv2.resize(pixels, (width // 2, height // 2), interpolation=cv2.INTER_AREA)  # type: ignore[assignment]


if __name__ == "__main__":
    _main()
