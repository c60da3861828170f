"""Files that a command reads whole and writes; what the system says of them becomes one clear message."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sync.office.errors import OfficeError


def load(file: Path, most: int) -> bytes:
    """At most one byte more than `most`. Raises OfficeError."""
    try:
        with file.open("rb") as stream:
            return stream.read(most + 1)
    except OSError as error:
        raise OfficeError(f"{file}: cannot be read: {error.strerror}") from error


def save(out: Path, data: bytes) -> None:
    """Raises OfficeError."""
    try:
        out.write_bytes(data)
    except OSError as error:
        raise OfficeError(f"{out}: cannot be written: {error.strerror}") from error


def names(paths: Sequence[Path]) -> str:
    """What the audit says that an import came from."""
    return ", ".join(path.name for path in paths[:3]) + (", …" if len(paths) > 3 else "")
