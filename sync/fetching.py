"""How a gate fetches the sections of a bundle: large ones in pieces, so that a poor line gets there too."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

from sync import protocol
from sync.line import Answer, Line, LineError

CONTENT_RANGE = re.compile(r"bytes (\d{1,12})-\d{1,12}/(\d{1,12})")


class Fetcher:
    """Fetches from one office. Pieces that have come are kept in memory until the section is whole, so that the next
    attempt goes on where this one broke off."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._begun: dict[str, bytearray] = {}

    def fetch(self, name: str, sha256: str) -> bytes:
        """The section. Raises LineError; what came before it broke off is not asked for again."""
        have = self._begun.setdefault(sha256, bytearray())
        while not self._more(name, sha256, have):
            pass
        section = bytes(self._begun.pop(sha256))
        if hashlib.sha256(section).hexdigest() != sha256:
            raise self._rubbish(f"section {name} is not what the manifest says")
        return section

    def keep_only(self, wanted: Iterable[str]) -> None:
        """Forgets what was begun of sections that nobody wants any more."""
        for sha256 in self._begun.keys() - set(wanted):
            del self._begun[sha256]

    def _more(self, name: str, sha256: str, have: bytearray) -> bool:
        """Asks for the next piece; whether the section is whole now. An office may always send all of it."""
        answer = self._line.get(
            protocol.SECTION + sha256,
            limit=protocol.MAX_SECTION_BYTES,
            piece=(len(have), len(have) + protocol.PIECE_BYTES - 1),
        )
        if answer.status != 206:
            have[:] = answer.body
            return True
        size = self._size(answer, len(have))
        if size is None or not answer.body or size > protocol.MAX_SECTION_BYTES:
            del self._begun[sha256]
            raise self._rubbish(f"a piece of section {name} that does not fit")
        have += answer.body
        return len(have) >= size

    def _size(self, answer: Answer, begin: int) -> int | None:
        """How large the section is, by an answer that holds the piece that begins at `begin`."""
        said = CONTENT_RANGE.fullmatch(answer.headers.get("Content-Range", ""))
        return int(said[2]) if said and int(said[1]) == begin else None

    def _rubbish(self, what: str) -> LineError:
        return LineError("rubbish", f"{self._line.office_url}: {what}")
