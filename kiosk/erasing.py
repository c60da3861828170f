"""Who the office says is to be forgotten: done by the gate on its own, each request once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime

import structlog

from kiosk.errors import JournalError
from kiosk.handdown import HandDown
from kiosk.journal import Journal
from kiosk.model import from_iso
from kiosk.worker import NowAndThen

log = structlog.get_logger(__name__)

SECTION = "erasures"
LOOK_S = 10.0


class Erasing(NowAndThen):
    """A thread of its own: opening a month of events takes seconds. `changed()` says that there is more to send."""

    def __init__(self, journal: Journal, handdown: HandDown, changed: Callable[[], None]) -> None:
        super().__init__("erasing", LOOK_S)
        self._journal = journal
        self._handdown = handdown
        self._changed = changed
        self._done: set[str] = set()

    def look(self) -> None:
        """Does what the bundle in force asks for. What cannot be done now is tried again at the next look."""
        for request, tokens, until in wanted(self._handdown.bundle.sections.get(SECTION)):
            if request in self._done:
                continue
            try:
                parts = self._journal.erase(request, tokens, until)
            except JournalError as error:
                log.error("erasing", request=request, trouble=str(error))
                return
            self._done.add(request)
            log.info("erasing", request=request, parts=parts)
            self._changed()


def wanted(section: bytes | None) -> Iterator[tuple[str, tuple[str, ...], datetime]]:
    """The requests of a section, each with its tokens and the moment up to which it reaches; what cannot be read is
    logged."""
    try:
        entries = json.loads(section)["erasures"] if section else ()
        for entry in entries:
            yield str(entry["id"]), tuple(str(token) for token in entry["tokens"]), from_iso(entry["until"])
    except (ValueError, KeyError, TypeError) as error:
        log.error("erasing", trouble=f"section {SECTION} cannot be read: {error}")
