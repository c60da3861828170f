"""Files that issuers and authorities publish, and the limits that keep a hostile one harmless."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sync.office.errors import Refused

MAX_FILE_BYTES = 16 * 2**20  # the largest list in use, of some 3,000 certificates, has 6 MB
MAX_BYTES = 64 * 2**20  # of all files of one import
MAX_FILES = 10_000
SHOWN_FAULTS = 8


@dataclass(frozen=True, slots=True)
class File:
    """A file as it came, by upload or from a disk; `place` is where it lay below the folder that was named."""

    name: str
    content: bytes
    place: str = ""


class Unreadable(ValueError):
    """A file that is not what it should be; says what is wrong and what to do."""


def gather(paths: Iterable[Path]) -> list[File]:
    """The files at `paths`, folders with all below them; hidden ones are passed over, links to folders not followed.

    Raises Refused for a path that cannot be read, a file above MAX_FILE_BYTES, more than MAX_FILES or MAX_BYTES.
    """
    files: list[File] = []
    size = 0
    for path in paths:
        for found in _files(path):
            files.append(load(found, "" if found == path else found.relative_to(path).as_posix()))
            size += len(files[-1].content)
            if len(files) > MAX_FILES or size > MAX_BYTES:
                raise Refused(f"{path}: more than {MAX_FILES:,} files or {MAX_BYTES // 2**20} MB: the right folder?")
    return files


def load(path: Path, place: str = "") -> File:
    """One file. Raises Refused."""
    if path.exists() and not path.is_file():
        raise Refused(f"{path}: not a file")
    try:
        with path.open("rb") as file:
            content = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise Refused(f"{path}: cannot be read ({error.strerror})") from error
    if len(content) > MAX_FILE_BYTES:
        raise Refused(f"{path}: larger than {MAX_FILE_BYTES // 2**20} MB: no published list is")
    return File(path.name, content, place)


def json_object(content: bytes) -> dict[str, Any]:
    """The JSON object in `content`. Raises Unreadable."""
    document = json_value(content)
    if not isinstance(document, dict):
        raise Unreadable("must be a JSON object")
    return document


def json_value(content: bytes) -> Any:
    """Raises Unreadable for what is no JSON."""
    try:
        return json.loads(content)
    except RecursionError as error:
        raise Unreadable("JSON nested too deeply") from error
    except ValueError as error:
        raise Unreadable(f"not JSON: {error}") from error


def refused(faults: Sequence[str]) -> Refused:
    """The fault to raise for an import of which nothing is taken."""
    more = [f"and {len(faults) - SHOWN_FAULTS} more"] if len(faults) > SHOWN_FAULTS else []
    return Refused("\n".join(["nothing was changed:", *faults[:SHOWN_FAULTS], *more]))


def _files(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return
    for folder, below, names in os.walk(path):
        below[:] = sorted(name for name in below if not name.startswith("."))
        yield from (Path(folder, name) for name in sorted(names) if not name.startswith("."))
