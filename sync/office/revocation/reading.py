"""Lists of revoked hashes: one a line in hex or base64, or the batches that the EU's gateway hands out as JSON.

A hash is the first half of a SHA-256 (16 bytes); a whole one is cut. Blank lines and lines that begin with # are passed
over.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from io import BufferedReader
from pathlib import Path
from typing import Any

from kiosk.codes.revocation import HASH_BYTES
from sync.office.errors import Refused

KINDS = ("SIGNATURE", "UCI", "COUNTRYCODEUCI")
MAX_LINE = 200
MAX_JSON_BYTES = 64 * 2**20  # a million entries; longer lists come by the line
SHOWN = 20  # of the places that hold no hash
STEP = 1 << 16  # entries between two signs of progress

Progress = Callable[[int], None]
"""Called now and then with the bytes read since the last call."""


class Given:
    """The hashes of an import: by their first byte, as they came, duplicates too.

    `malformed` names the first places that hold no hash, `wrong` counts them all.
    """

    def __init__(self) -> None:
        self.chunks = [bytearray() for _ in range(256)]
        self.malformed: list[str] = []
        self.wrong = 0

    def __len__(self) -> int:
        return sum(map(len, self.chunks)) // HASH_BYTES

    def add(self, digest: bytes) -> None:
        self.chunks[digest[0]] += digest

    def miss(self, place: str, why: str) -> None:
        self.wrong += 1
        if len(self.malformed) < SHOWN:
            self.malformed.append(f"{place}: {why}")


def read(paths: Sequence[Path], progress: Progress = lambda _: None) -> Given:
    """Every hash in the files. Raises Refused for a file that cannot be read or is no such list."""
    given = Given()
    for path in paths:
        before = len(given)
        try:
            with path.open("rb") as file:
                take(given, path.name, file, progress)
        except OSError as error:
            raise Refused(f"{path}: cannot be read ({error.strerror})") from error
        if len(given) == before:
            raise Refused("\n".join([f"{path}: no hash in it; nothing was changed", *given.malformed[:3]]))
    return given


def take(given: Given, name: str, file: BufferedReader, progress: Progress = lambda _: None) -> None:
    """Adds the hashes in `file` to `given`. Raises Refused for JSON that is no batch."""
    if file.peek(64).lstrip()[:1] in (b"{", b"["):
        for place, text in _batches(name, file):
            _entry(given, place, text.encode() if isinstance(text, str) else b"")
        return
    since = 0
    for number, line in enumerate(_lines(file), start=1):
        since += len(line)
        if since > STEP:
            progress(since)
            since = 0
        if (text := line.strip()) and not text.startswith(b"#"):
            _entry(given, f"{name} line {number}", text)
    progress(since)


def _lines(file: BufferedReader) -> Iterator[bytes]:
    """The lines of `file`; of an overlong one, only its beginning."""
    while line := file.readline(MAX_LINE):
        rest = line
        while len(rest) == MAX_LINE and not rest.endswith(b"\n"):
            rest = file.readline(MAX_LINE)
        yield line


def _entry(given: Given, place: str, text: bytes) -> None:
    try:
        given.add(digest_of(text))
    except ValueError as error:
        given.miss(place, str(error))


def digest_of(text: bytes) -> bytes:
    """The 16 bytes that `text` spells in hex or base64. Raises ValueError."""
    try:
        if len(text) in (2 * HASH_BYTES, 4 * HASH_BYTES):
            return binascii.unhexlify(text)[:HASH_BYTES]
        bare = text.rstrip(b"=").translate(_URL)
        if len(bare) in (22, 43):
            return base64.b64decode(bare + b"=" * (-len(bare) % 4), validate=True)[:HASH_BYTES]
    except binascii.Error:
        pass
    raise ValueError("not a hash of 16 or 32 bytes in hex or base64")


_URL = bytes.maketrans(b"-_", b"+/")


def _batches(name: str, file: BufferedReader) -> Iterator[tuple[str, Any]]:
    content = file.read(MAX_JSON_BYTES + 1)
    if len(content) > MAX_JSON_BYTES:
        raise Refused(f"{name}: JSON of more than {MAX_JSON_BYTES // 2**20} MB; give long lists one hash a line")
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Refused(f"{name}: not JSON: {error}") from error
    for number, batch in enumerate(document if isinstance(document, list) else [document]):
        if not isinstance(batch, Mapping) or not isinstance(batch.get("entries"), list):
            raise Refused(f"{name}: batch {number} must be an object with a list 'entries'")
        if batch.get("hashType", KINDS[0]) not in KINDS:
            raise Refused(f"{name}: batch {number}: hashType {batch['hashType']!r} is none of {', '.join(KINDS)}")
        for entry, item in enumerate(batch["entries"]):
            yield f"{name} batch {number} entry {entry}", item.get("hash") if isinstance(item, Mapping) else item
