"""Opens pictures as a gate does, but dies of one that is called crash.png, as a broken library would."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from kiosk.devices.opener import serve
from kiosk.devices.picture import Pixels, load


def _open(path: Path) -> Pixels:
    if path.name == "crash.png":
        os.kill(os.getpid(), signal.SIGSEGV)
    return load(path)


serve(_open)
