"""The gate's own past, as recognition asks for it: read from the journal's projections."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TypeVar

import structlog

from kiosk.errors import GatehouseError
from kiosk.journal import Journal
from kiosk.known import Household
from kiosk.recognition import Seen

log = structlog.get_logger(__name__)

Answer = TypeVar("Answer")


class JournalPast:
    """What cannot be read is not known: a person must not wait for a disk that is failing."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def last_seen(self, token: str, /) -> Seen | None:
        return _or(None, lambda: self._journal.last_seen(token))

    def household(self, _token: str, _tokens: Iterable[str], _now: datetime, /) -> Household:
        return Household()

    def used(self, _declaration: str, /) -> bool:
        return False

    def inside(self) -> int:
        return _or(0, self._journal.inside)


def _or(otherwise: Answer, read: Callable[[], Answer]) -> Answer:
    try:
        return read()
    except GatehouseError as error:
        log.error("journal", trouble=str(error))
        return otherwise
