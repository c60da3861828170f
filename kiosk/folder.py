"""The folder a gate keeps its databases and keys in."""

from __future__ import annotations

import os
from pathlib import Path

from kiosk.errors import GatehouseError


def prepare(var: Path) -> None:
    """Make the folder, for its own user only. Raises GatehouseError where it cannot be made or written."""
    try:
        var.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise GatehouseError(f"{var}: cannot be made ({error.strerror}); set [gate] var in kiosk.toml") from error
    if not writable(var):
        raise GatehouseError(f"{var}: not writable for this user; change its owner or set [gate] var in kiosk.toml")


def writable(folder: Path) -> bool:
    """Whether files can be made in `folder`."""
    return os.access(folder, os.W_OK | os.X_OK)


def nearest(path: Path) -> Path:
    """`path`, or the nearest folder above it that exists."""
    return next(folder for folder in (path, *path.resolve().parents) if folder.exists())
