"""A SQLite file read page by page, without SQLite: for one that SQLite refuses.

Only what lies in leaf pages of tables is read (https://www.sqlite.org/fileformat2.html, 1.6 and 2.1), with the newest
committed pages of the write-ahead log (4.1) laid over the file. What is damaged is passed over: whoever asks must be
able to tell by the content whether a row is whole.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

PAGE_BYTES = 4096  # where the header does not say otherwise
HEADER_BYTES = 100
LARGEST_BYTES = 1024 * 1024  # of one row; the journal takes no event of more than a quarter of that

_MAGIC = b"SQLite format 3\0"
_LEAF = 0x0D
_WAL_HEADER, _FRAME_HEADER = 32, 24
_WAL_MAGIC = (0x377F0682, 0x377F0683)
_WHOLE_NUMBERS = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}  # serial type → bytes

Values = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """One row: its rowid and columns. `place` finds it again (`Pages.cell`)."""

    rowid: int
    values: Values
    place: int


class Pages:
    """The pages of one file, as far as they are there."""

    def __init__(self, path: Path) -> None:
        self._file: BinaryIO = path.open("rb")
        wal = path.with_name(f"{path.name}-wal")
        self._wal: BinaryIO | None = wal.open("rb") if wal.exists() else None
        self.size = self._page_bytes()
        self._newer = self._logged()
        self._count = max([path.stat().st_size // self.size, *self._newer])
        self._last: tuple[int, bytes] = (0, b"")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._file.close()
        if self._wal:
            self._wal.close()

    def cells(self, columns: frozenset[int]) -> Iterator[Cell]:
        """Every row that has one of these numbers of columns, page by page."""
        for number in range(1, self._count + 1):
            page = self._page(number)
            for index in range(_cells(page, HEADER_BYTES if number == 1 else 0)):
                cell = self._cell(page, number, index)
                if cell and len(cell.values) in columns:
                    yield cell

    def cell(self, place: int) -> Cell | None:
        """The row at a place that `cells` told."""
        number, index = place >> 16, place & 0xFFFF
        return self._cell(self._page(number), number, index)

    def _cell(self, page: bytes, number: int, index: int) -> Cell | None:
        try:
            rowid, at, size = _located(page, HEADER_BYTES if number == 1 else 0, index)
            return Cell(rowid, _record(self._payload(page, at, size)), number << 16 | index)
        except (IndexError, ValueError, struct.error):
            return None

    def _payload(self, page: bytes, at: int, size: int) -> bytes:
        """The row's bytes: those in the page, and the rest from its overflow pages. Raises ValueError."""
        if not 0 < size <= LARGEST_BYTES:
            raise ValueError("no row")
        usable = self.size
        if size <= usable - 35:
            return page[at : at + size]
        least = (usable - 12) * 32 // 255 - 23
        local = least + (size - least) % (usable - 4)
        local = local if local <= usable - 35 else least
        parts, missing = [page[at : at + local]], size - local
        following = int.from_bytes(page[at + local : at + local + 4], "big")
        while missing > 0:
            if not 1 < following <= self._count:
                raise ValueError("the rest of the row is missing")
            more = self._page(following)
            following = int.from_bytes(more[:4], "big")
            parts.append(more[4 : 4 + min(missing, usable - 4)])
            missing -= usable - 4
        return b"".join(parts)

    def _page(self, number: int) -> bytes:
        if self._last[0] == number:
            return self._last[1]
        file, at = self._file, (number - 1) * self.size
        if self._wal and number in self._newer:
            file, at = self._wal, self._newer[number]
        file.seek(at)
        page = file.read(self.size)
        if len(page) == self.size and page[HEADER_BYTES if number == 1 else 0] == _LEAF:
            self._last = number, page
        return page

    def _page_bytes(self) -> int:
        header = self._file.read(HEADER_BYTES)
        if header[:16] == _MAGIC:
            said = int.from_bytes(header[16:18], "big")
            size = 65_536 if said == 1 else said
            if 512 <= size <= 65_536 and not size & (size - 1):
                return size
        return PAGE_BYTES

    def _logged(self) -> dict[int, int]:
        """Where the log holds the newest committed state of a page: page number → place in the log."""
        if self._wal is None:
            return {}
        header = self._wal.read(_WAL_HEADER)
        if len(header) < _WAL_HEADER:
            return {}
        magic, _, size, _, *salts = struct.unpack(">6I", header[:24])
        if magic not in _WAL_MAGIC or size != self.size:
            return {}
        newest: dict[int, int] = {}
        pending: dict[int, int] = {}
        at = _WAL_HEADER
        while len(frame := self._read_log(at, _FRAME_HEADER)) == _FRAME_HEADER:
            number, commits, *frame_salts = struct.unpack(">4I", frame[:16])
            if frame_salts != salts:  # left over from before the log was begun anew
                break
            pending[number] = at + _FRAME_HEADER
            at += _FRAME_HEADER + size
            if commits:
                newest |= pending
                pending = {}
        return newest

    def _read_log(self, at: int, size: int) -> bytes:
        assert self._wal is not None
        self._wal.seek(at)
        return self._wal.read(size)


def shred(path: Path, doomed: Callable[[Values], bool]) -> int:
    """Overwrite the last column of every doomed row, in the file and all of its log, with random bytes; how many.

    Rows are whole within their page here: small ones.
    """
    done = 0
    for file in (path, path.with_name(f"{path.name}-wal")):
        if file.exists():
            with Pages(path) as known, file.open("r+b") as open_file:
                first, step = (
                    (0, known.size) if file == path else (_WAL_HEADER + _FRAME_HEADER, known.size + _FRAME_HEADER)
                )
                done += _shred(open_file, known.size, range(first, file.stat().st_size, step), doomed)
    return done


def _shred(file: BinaryIO, size: int, places: range, doomed: Callable[[Values], bool]) -> int:
    done = 0
    for place in places:
        file.seek(place)
        page = file.read(size)
        head = HEADER_BYTES if page[:16] == _MAGIC else 0
        for index in range(_cells(page, head)):
            try:
                _, at, length = _located(page, head, index)
                values = _record(page[at : at + length])
            except (IndexError, ValueError, struct.error):
                continue
            if doomed(values) and isinstance(values[-1], bytes):
                file.seek(place + at + length - len(values[-1]))
                file.write(os.urandom(len(values[-1])))
                done += 1
    file.flush()
    os.fsync(file.fileno())
    return done


def _located(page: bytes, head: int, index: int) -> tuple[int, int, int]:
    """Rowid, place and length of a row's payload. Raises IndexError for none."""
    pointer = head + 8 + 2 * index
    at = int.from_bytes(page[pointer : pointer + 2], "big")
    size, at = _varint(page, at)
    rowid, at = _varint(page, at)
    return rowid, at, size


def _cells(page: bytes, head: int) -> int:
    """How many rows a page says it has; none unless it is a leaf of a table. `head` is where its own header begins."""
    if len(page) < head + 8 or page[head] != _LEAF:
        return 0
    return min(int.from_bytes(page[head + 3 : head + 5], "big"), (len(page) - head - 8) // 2)


def _record(payload: bytes) -> Values:
    """Raises ValueError, IndexError or struct.error for what is no record."""
    end, at = _varint(payload, 0)
    kinds = []
    while at < end:
        kind, at = _varint(payload, at)
        kinds.append(kind)
    if at != end:
        raise ValueError("no record")
    values = []
    for kind in kinds:
        value, at = _value(payload, at, kind)
        values.append(value)
    if at != len(payload):
        raise ValueError("no record")
    return tuple(values)


def _value(payload: bytes, at: int, kind: int) -> tuple[Any, int]:
    if kind in _WHOLE_NUMBERS:
        end = at + _WHOLE_NUMBERS[kind]
        return int.from_bytes(payload[at:end], "big", signed=True), end
    if kind in (8, 9):
        return kind - 8, at
    if kind == 0:
        return None, at
    if kind == 7:
        return struct.unpack(">d", payload[at : at + 8])[0], at + 8
    if kind < 12:
        raise ValueError("no such type")
    end = at + (kind - 12) // 2
    part = payload[at:end]
    return (part.decode() if kind % 2 else part), end


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """A number of one to nine bytes, and where it ends."""
    value = 0
    for count in range(8):
        byte = data[at + count]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + count + 1
    return value << 8 | data[at + 8], at + 9
