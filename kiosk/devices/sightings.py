"""The same symbol in view is one presentation, not thirty."""

from __future__ import annotations

from collections.abc import Iterable

from kiosk.model import Symbol


class Sightings:
    """Remembers what is in view. A symbol unseen for longer than `gone_s` seconds is new when it returns."""

    def __init__(self, gone_s: float) -> None:
        self._gone_s = gone_s
        self._seen: dict[str, float] = {}
        self._latest = float("-inf")

    def new(self, symbols: Iterable[Symbol], at_s: float) -> list[Symbol]:
        """Those of `symbols`, seen at `at_s` (seconds on any clock), that were not in view before.

        A clock that goes back, like a film that begins again, forgets everything: what follows is new.
        """
        if at_s < self._latest:
            self._seen.clear()
        self._latest = at_s
        self._seen = {text: last for text, last in self._seen.items() if at_s - last <= self._gone_s}
        new = []
        for symbol in symbols:
            if symbol.text not in self._seen:
                new.append(symbol)
            self._seen[symbol.text] = at_s
        return new

    def in_view(self, text: str, at_s: float) -> bool:
        """Whether the symbol with this text is still one of those in view at `at_s`."""
        return 0 <= at_s - self._seen.get(text, float("-inf")) <= self._gone_s
