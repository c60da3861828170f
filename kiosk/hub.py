"""Live updates inside the gate: whoever shows something subscribes, whoever changes something publishes."""

from __future__ import annotations

import queue
import threading
from collections.abc import Mapping
from types import TracebackType
from typing import Any

Update = tuple[str, Mapping[str, Any]]

_BACKLOG = 100  # a screen so far behind is better off with a fresh start


class Subscription:
    """One screen's stream. Leaving the `with` block ends it; `lost` says that updates were dropped."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._updates: queue.Queue[Update] = queue.Queue(_BACKLOG)
        self.lost = False

    def __enter__(self) -> Subscription:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._hub._leave(self)

    def get(self, timeout: float) -> Update | None:
        """The next update, or None after `timeout` seconds without one."""
        try:
            return self._updates.get(timeout=timeout)
        except queue.Empty:
            return None

    def _offer(self, update: Update) -> None:
        try:
            self._updates.put_nowait(update)
        except queue.Full:
            self.lost = True


class Hub:
    """Topics: `lane`, `status`, `recent`, `summons`. Publishing never waits for a slow screen."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._subscriptions: set[Subscription] = set()
        self.closed = False

    def subscribe(self) -> Subscription:
        subscription = Subscription(self)
        with self._lock:
            self._subscriptions.add(subscription)
        return subscription

    def publish(self, topic: str, data: Mapping[str, Any]) -> None:
        with self._lock:
            audience = tuple(self._subscriptions)
        for subscription in audience:
            subscription._offer((topic, data))

    def close(self) -> None:
        """The gate stops: wake every screen's stream, so that it ends; one that went on would hold up the stop."""
        self.closed = True
        self.publish("status", {})

    def __len__(self) -> int:
        """How many screens listen."""
        with self._lock:
            return len(self._subscriptions)

    def _leave(self, subscription: Subscription) -> None:
        with self._lock:
            self._subscriptions.discard(subscription)
