"""Files → issuer keys. One file that is not what it should be refuses them all: nothing is half imported."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from sync.office.errors import Refused
from sync.office.trust import did, jwks, signers
from sync.office.trust.found import (
    DCC,
    MAX_BYTES,
    MAX_FILE_BYTES,
    MAX_FILES,
    NZCP,
    SCHEMES,
    SHC,
    SHOWN_FAULTS,
    File,
    Found,
    Unreadable,
    Wish,
    joined,
)


def read(files: Sequence[File], wish: Wish) -> Found:
    """Every key in `files`. Raises Refused that names what is wrong in which file."""
    if wish.scheme not in SCHEMES:
        raise Refused(f"scheme {wish.scheme!r}: keys are imported for {', '.join(SCHEMES)}")
    if not files:
        raise Refused("no file to import")
    faults, parts = [], []
    for file in files:
        try:
            parts.append(_found(file, wish))
        except Unreadable as error:
            faults.append(f"{file.name}: {error}")
    if faults:
        raise _refused(faults)
    found = joined(parts)
    if not found.keys:
        raise _refused(found.problems or ["no key in these files"])
    return found


def gather(paths: Iterable[Path]) -> list[File]:
    """The files at `paths`, folders with all below them; hidden ones are passed over, links to folders not followed.

    Raises Refused for a path that cannot be read, a file above MAX_FILE_BYTES, more than MAX_FILES or MAX_BYTES.
    """
    files: list[File] = []
    size = 0
    for path in paths:
        for found in _files(path):
            files.append(load(found))
            size += len(files[-1].content)
            if len(files) > MAX_FILES or size > MAX_BYTES:
                raise Refused(f"{path}: more than {MAX_FILES:,} files or {MAX_BYTES // 2**20} MB: the right folder?")
    return files


def load(path: Path) -> File:
    """One file. Raises Refused."""
    if path.exists() and not path.is_file():
        raise Refused(f"{path}: not a file")
    try:
        with path.open("rb") as file:
            content = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise Refused(f"{path}: cannot be read ({error.strerror})") from error
    if len(content) > MAX_FILE_BYTES:
        raise Refused(f"{path}: larger than {MAX_FILE_BYTES // 2**20} MB: no list of issuers is")
    return File(path.name, content)


def _refused(faults: Sequence[str]) -> Refused:
    more = [f"and {len(faults) - SHOWN_FAULTS} more"] if len(faults) > SHOWN_FAULTS else []
    return Refused("\n".join(["nothing was changed:", *faults[:SHOWN_FAULTS], *more]))


def _files(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return
    for folder, below, names in os.walk(path):
        below[:] = sorted(name for name in below if not name.startswith("."))
        yield from (Path(folder, name) for name in sorted(names) if not name.startswith("."))


def _found(file: File, wish: Wish) -> Found:
    if not file.content.strip():
        raise Unreadable("is empty")
    readers = {
        DCC: lambda: signers.read(file, wish.signed_by),
        SHC: lambda: jwks.read(file.content, file.name, wish.issuer),
        NZCP: lambda: did.read(file.content),
    }
    return readers[wish.scheme]()
