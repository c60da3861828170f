"""What a power cut must not take back."""

from __future__ import annotations

import os
from pathlib import Path


def settle(place: Path) -> None:
    """What was written to a file, or made, moved or removed within a folder, is on the disk. Raises OSError."""
    handle = os.open(place, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
