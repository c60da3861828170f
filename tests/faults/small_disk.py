"""A gate and an office whose disk fills up for true; prints what they say (see test_small_disk.py).

python -m tests.faults.small_disk FOLDER tmpfs|limit

`tmpfs` puts both on a disk of a few megabytes and fills it; `limit` has the system refuse to let any file grow, which
needs no privileges.
"""

from __future__ import annotations

import logging
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

from kiosk import logs
from tests.faults.healing import compare, heal
from tests.faults.office_side import sqlite_side
from tests.faults.proxy import FaultyProxy
from tests.faults.vfs import Shim
from tests.faults.world import World

SIZE = "12m"
LEFT_BYTES = 48 * 1024  # room for a word or two, not for what waits
PEOPLE = 60


@contextmanager
def filled(folder: Path) -> Iterator[None]:
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(4096)):
            pass
    os.truncate(ballast, ballast.stat().st_size - LEFT_BYTES)
    yield
    ballast.unlink()


@contextmanager
def limited(_: Path) -> Iterator[None]:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (LEFT_BYTES, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def main(folder: Path, full: Callable[[Path], AbstractContextManager[None]]) -> None:
    logs.configure(logging.CRITICAL)
    with Shim() as shim:
        office = sqlite_side(folder, shim)
        with FaultyProxy(office.port) as proxy:
            here = World(folder / "history", shim, office, proxy)
            gate = here.begin()
            gate.record(PEOPLE)
            with full(folder):
                print("push:", gate.deliver())
                print("recorded:", all(gate.record(20) for _ in range(20)))
                print("writable:", gate.journal.writable())
            print("troubles:", heal(here, [gate]))
            print("finding:", compare(here, [gate]))
            print("known missing:", compare(here, [gate]).known_missing)
            print("announced:", len(gate.announced) >= PEOPLE)
            gate.stop()
        office.close()


def mounted(folder: Path) -> Path:
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "none", str(folder)], check=True)
    return folder


if __name__ == "__main__":
    place = Path(sys.argv[1])
    main(mounted(place) if sys.argv[2] == "tmpfs" else place, filled if sys.argv[2] == "tmpfs" else limited)
