"""Work that a gate does beside its visits, each kind in a thread of its own."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable

import structlog

log = structlog.get_logger(__name__)

RETRY_S = 2.0  # after a fault


class Worker:
    """A named thread that runs `step` until stopped; a fault that is not a device's is logged and the work goes on."""

    def __init__(self, name: str, step: Callable[[threading.Event], None]) -> None:
        self._step = step
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._step(self._stopping)
            except Exception:
                log.exception("worker", name=self._thread.name)
                self._stopping.wait(RETRY_S)


class AtWork(ABC):
    """Does one `step` after another from `start` to `stop`, in the thread of that name."""

    def __init__(self, name: str) -> None:
        self._worker = Worker(name, self.step)

    def start(self) -> None:
        self._worker.start()

    def stop(self) -> None:
        self._worker.stop()

    @abstractmethod
    def step(self, stopping: threading.Event) -> None:
        """One round, with the pause behind it, which `stopping` ends."""


class NowAndThen(AtWork):
    """Looks whether there is something to do, and pauses."""

    def __init__(self, name: str, every_s: float) -> None:
        super().__init__(name)
        self._every_s = every_s

    def step(self, stopping: threading.Event) -> None:
        self.look()
        stopping.wait(self._every_s)

    @abstractmethod
    def look(self) -> None: ...
