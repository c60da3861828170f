"""The gate's own past, as recognition asks for it: read from the journal's projections."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta, tzinfo
from typing import TypeVar

import structlog

from kiosk.errors import GatehouseError
from kiosk.journal import Journal
from kiosk.journal.days import to_day
from kiosk.journal.values import Left
from kiosk.known import Household
from kiosk.recognition import Seen

log = structlog.get_logger(__name__)

Answer = TypeVar("Answer")

SAME_OUTING = timedelta(minutes=30)
LOOK_BACK = timedelta(days=14)  # longer than any quota counts


class JournalPast:
    """What cannot be read is not known: a person must not wait for a disk that is failing."""

    def __init__(self, journal: Journal, zone: tzinfo) -> None:
        self._journal = journal
        self._zone = zone

    def last_seen(self, token: str, /) -> Seen | None:
        return _or(None, lambda: self._journal.last_seen(token))

    def household(self, token: str, tokens: Iterable[str], now: datetime, /) -> Household:
        """Everybody's exits, one's own too: one outing of a household is one outing, whoever went. Who comes back for a
        forgotten key and leaves again within SAME_OUTING is still on the first."""
        today, own = now.astimezone(self._zone).date(), frozenset(tokens)
        nobody: list[Left] = []
        left = _or(nobody, lambda: self._journal.outs(token, today - LOOK_BACK))
        outings = [one for one in left if one.at <= now and not (one.who in own and now - one.at <= SAME_OUTING)]
        last_out_h = (now - outings[-1].at).total_seconds() / 3600 if outings else None
        return Household(last_out_h, sum(one.day == to_day(today) for one in outings))

    def used(self, declaration: str, /) -> bool:
        return _or(False, lambda: self._journal.used(declaration))

    def inside(self) -> int:
        return _or(0, self._journal.inside)


def _or(otherwise: Answer, read: Callable[[], Answer]) -> Answer:
    try:
        return read()
    except GatehouseError as error:
        log.error("journal", trouble=str(error))
        return otherwise
