"""Which events go up at once: kinds, or single kinds of alerts (`alert:fever`)."""

from __future__ import annotations

from collections.abc import Iterable

from kiosk.model import Event

ALERT = "alert"
DAY_CLOSE = "day.close"
KINDS = (
    "passage",
    ALERT,
    "override",
    "visit.waiting",
    "visit.abandoned",
    "correction",
    "count.set",
    "shift.on",
    "shift.off",
    DAY_CLOSE,
    "journal.begin",
)
ALERTS = (  # of the shipped policy, and of the gate itself; an office's own policy may raise others
    "fever",
    "symptoms",
    "red-code",
    "forged-pass",
    "revoked-pass",
    "observation-left",
    "watch",
    "retro",
    "copied-code",
    "quota",
    "gathering",
    "override",
    "journal-set-aside",
    "disk-low",
)


def checked(name: str) -> str:
    """`name` as it is. Raises ValueError for one that no event would ever have: a slip must not make alerts wait."""
    kind, colon, alert = name.partition(":")
    if kind not in KINDS or (colon and kind != ALERT):
        raise ValueError(f"{name!r} is no kind of event; known: {', '.join(KINDS)}, and alert:… for one kind of alert")
    if colon and alert not in ALERTS:
        known = ", ".join(ALERTS)
        raise ValueError(f'{name!r} is no alert that is known here; known: {known}; "alert" stands for all of them')
    return name


class Urgent:
    """What kiosk.toml calls urgent."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = frozenset(names)

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of event among which urgent ones are."""
        return tuple(sorted({name.partition(":")[0] for name in self._names}))

    def is_urgent(self, event: Event) -> bool:
        return event.kind in self._names or f"{event.kind}:{event.open.get(ALERT)}" in self._names

    def any(self, events: Iterable[Event]) -> bool:
        return any(self.is_urgent(event) for event in events)
