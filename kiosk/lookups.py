"""Issuers' servers asked beside the lanes: a lane goes on while its visit waits for an answer."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Protocol

import structlog

from kiosk.model import HealthCode

log = structlog.get_logger(__name__)

AT_ONCE = 8  # more lanes than this at one gate never wait for issuers at the same moment


class Asks(Protocol):
    """Asks the one server that knows a code; answers within its own time box and never raises."""

    def asks(self, text: str) -> bool: ...
    def ask(self, text: str, at: datetime, by: str) -> HealthCode: ...


class Lookups:
    """Hands each question to a thread of its own; a checkpoint's `Online`."""

    def __init__(self, lookup: Asks) -> None:
        self._lookup = lookup
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="lookup")

    def start(self) -> None:
        """Nothing to do: threads begin with the first question."""

    def stop(self) -> None:
        """Waits for nobody: the visits that ask end with the gate."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def asks(self, text: str) -> bool:
        """Whether there is a server to ask about `text`."""
        return self._lookup.asks(text)

    def ask(self, text: str, at: datetime, lane: str, then: Callable[[HealthCode], None]) -> None:
        """Answers at once; `then` gets the answer from another thread. When the gate stops, nothing comes."""
        try:
            self._pool.submit(self._answer, text, at, lane, then)
        except RuntimeError:
            log.warning("lookup", trouble="the gate is stopping")

    def _answer(self, text: str, at: datetime, lane: str, then: Callable[[HealthCode], None]) -> None:
        try:
            then(self._lookup.ask(text, at, lane))
        except Exception:
            log.exception("lookup")
