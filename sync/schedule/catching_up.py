"""A long backlog on its way to the office: how much of it went, how much waits, and since when nothing had gone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sync.schedule.estimate import Estimate

LONG = 200  # events; fewer are gone before anybody could read a bar


@dataclass(frozen=True, slots=True)
class Picture:
    """`since` is when the office last acknowledged before this; `away` how long it had heard nothing."""

    sent: int
    waiting: int
    per_s: float | None
    left_s: float | None
    since: datetime | None
    away: timedelta | None
    moving: bool


class CatchingUp:
    """Goes on over broken lines until nothing waits; times are of a clock that only moves forward, save `since`."""

    def __init__(self) -> None:
        self._estimate = Estimate()
        self._shown = False
        self._moving = False
        self._sent = self._before = self._waiting = 0
        self._since: datetime | None = None
        self._away: timedelta | None = None

    def begin(self, waiting: int, since: datetime | None, now: datetime, at_s: float) -> None:
        """A push begins. What went out in an earlier one that broke off still counts."""
        if not self._shown:
            self._sent, self._since, self._away = 0, since, None
            self._shown = waiting >= LONG
            if since is not None:
                self._away = max(now - since, timedelta())
        self._before, self._waiting, self._moving = self._sent, waiting, True
        self._estimate = Estimate()
        self._estimate.add(self._sent, waiting, at_s)

    def advance(self, sent: int, waiting: int, at_s: float) -> None:
        """`sent` went out since this push began."""
        self._sent, self._waiting = self._before + sent, waiting
        self._estimate.add(self._sent, waiting, at_s)

    def rest(self) -> None:
        """The push broke off, or stopped for now."""
        self._moving = False
        self._estimate.rest()

    def end(self, waiting: int) -> None:
        """The push came through; what was recorded meanwhile may wait already, and is no backlog."""
        self.rest()
        self._shown = self._shown and waiting >= LONG

    @property
    def shown(self) -> bool:
        return self._shown

    def picture(self, at_s: float) -> Picture | None:
        """None while there is nothing to show."""
        if not self._shown:
            return None
        estimate = self._estimate
        return Picture(
            self._sent, self._waiting, estimate.per_s, estimate.left_s(at_s), self._since, self._away, self._moving
        )
