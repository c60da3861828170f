"""The room on the gate's disk: told early, made by dropping what can be had again, and never taken from the journal."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import structlog

log = structlog.get_logger(__name__)

MB = 2**20
LOG_TAIL_BYTES = 256 * 1024
_HASH = re.compile(r"[0-9a-f]{64}")

Level = Literal["ok", "low", "full"]


@dataclass(frozen=True, slots=True)
class Room:
    """`low`: below `warn_mb`, told and shed; `full`: below `stop_mb`, nothing more is recorded."""

    free_mb: int
    level: Level

    @property
    def zh(self) -> str:
        return "" if self.level == "ok" else f"磁盘空间不足：只剩 {self.free_mb} MB"

    @property
    def en(self) -> str:
        return "" if self.level == "ok" else f"Disk space is low: {self.free_mb} MB left"


class Disk:
    """The disk that `var` lies on."""

    def __init__(self, var: Path, warn_mb: int, stop_mb: int) -> None:
        self._var = var
        self._warn_mb = warn_mb
        self._stop_mb = stop_mb

    def room(self) -> Room:
        """How much there is. Raises OSError."""
        free_mb = shutil.disk_usage(self._var).free // MB
        return Room(free_mb, "full" if free_mb < self._stop_mb else "low" if free_mb < self._warn_mb else "ok")

    def shed(self) -> int:
        """Drop what the gate can do without or have again: half-written and superseded pieces of the hand-down, drafts
        of copies that were broken off, all but the end of the logs. How many bytes; what cannot be dropped stays."""
        freed = sum(map(_dropped, self._spare()))
        freed += sum(map(_shortened, sorted((self._var / "log").glob("*.log"))))
        if freed:
            log.warning("disk", shed_bytes=freed)
        return freed

    def _spare(self) -> list[Path]:
        handdown = self._var / "handdown"
        in_force = _named(handdown / "manifest.json")
        pieces = [path for path in handdown.glob("*") if path.suffix == ".new" or _is_spare(path.name, in_force)]
        return [*pieces, *self._var.glob(".*.part")]


def _is_spare(name: str, in_force: str) -> bool:
    return bool(_HASH.fullmatch(name)) and bool(in_force) and name not in in_force


def _named(manifest: Path) -> str:
    """The manifest's text, which names what is in force; nothing when it cannot be read, and then nothing is spare."""
    try:
        return manifest.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def _dropped(path: Path) -> int:
    try:
        size = path.stat().st_size
        path.unlink()
    except OSError:
        return 0
    return size


def _shortened(path: Path) -> int:
    """Keep the end of a log. Whoever writes it appends, and goes on behind that."""
    try:
        size = path.stat().st_size
        if size <= 2 * LOG_TAIL_BYTES:
            return 0
        with path.open("r+b") as file:
            file.seek(-LOG_TAIL_BYTES, os.SEEK_END)
            tail = file.read()
            file.seek(0)
            file.write(tail[tail.find(b"\n") + 1 :])
            file.truncate()
            return size - file.tell()
    except OSError:
        return 0
