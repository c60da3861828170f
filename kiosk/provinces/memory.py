"""What was asked lately: answers that may be used again, tokens that must not be sent again, questions under way."""

from __future__ import annotations

import threading
from collections import OrderedDict
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from kiosk.model import HealthCode, Reason, Verification

MAX_TOKENS = 10_000
LOOKED_THROUGH = 50  # of the oldest, each time


@dataclass
class _Known:
    """One token. `by` is who presented it first; until `spent_until` it must not be sent again."""

    by: str
    under_way: Future[HealthCode] | None
    code: HealthCode | None = None
    asked_at: datetime | None = None
    fresh_until: datetime | None = None
    spent_until: datetime | None = None

    def fresh(self, at: datetime) -> HealthCode | None:
        within = self.asked_at is not None and self.fresh_until is not None and self.asked_at <= at < self.fresh_until
        return self.code if within else None

    def spent(self, at: datetime) -> bool:
        return self.spent_until is not None and at <= self.spent_until

    def same(self, by: str) -> bool:
        """Whether this may be the presentation that asked; who does not say which it is counts as the same."""
        return not by or not self.by or by == self.by


class Memory:
    """By token; thread-safe. Nothing of it outlives the process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[str, _Known] = OrderedDict()

    def look(
        self, token: str, at: datetime, by: str, *, single_use: bool
    ) -> HealthCode | Reason | Future[HealthCode] | None:
        """What is known of `token`: an answer, a reason not to ask, or a question under way to wait for.

        None: it is the caller's to ask, who then says with `tell` how it ended.
        """
        with self._lock:
            known = self._known.get(token)
            if known is not None and (said := _said(known, at, by, single_use=single_use)) is not None:
                return said
            self._make_room(at)
            self._known[token] = _Known(by, Future())
            self._known.move_to_end(token)
            return None

    def tell(
        self,
        token: str,
        code: HealthCode,
        *,
        at: datetime,
        fresh_until: datetime | None,
        spent_until: datetime | None,
    ) -> None:
        """How a question begun by `look` ended; whoever waits for it hears of it now."""
        with self._lock:
            known = self._known.get(token)
            if known is None or known.under_way is None:
                return
            future, known.under_way = known.under_way, None
            if fresh_until is None and spent_until is None:
                del self._known[token]
            known.code, known.asked_at = code, at
            known.fresh_until, known.spent_until = fresh_until, spent_until
        future.set_result(code)

    def _make_room(self, at: datetime) -> None:
        """Let go of the oldest that nobody needs any more; when there are too many, of the oldest."""
        for token, known in list(islice(self._known.items(), LOOKED_THROUGH)):
            idle = known.under_way is None
            if idle and (len(self._known) >= MAX_TOKENS or not (known.spent(at) or known.fresh(at))):
                del self._known[token]


def _judged(code: HealthCode) -> bool:
    """Whether the server came to a judgment; otherwise nobody can tell whether the token is used up."""
    return code.verification is not Verification.UNVERIFIED


def _said(known: _Known, at: datetime, by: str, *, single_use: bool) -> HealthCode | Reason | Future[HealthCode] | None:
    theirs = not single_use or known.same(by)
    if known.under_way is not None:
        return known.under_way if theirs else Reason.REPLAYED
    if theirs and (code := known.fresh(at)):
        return code
    if single_use and known.spent(at):
        return known.code if theirs and known.code and not _judged(known.code) else Reason.REPLAYED
    return None
