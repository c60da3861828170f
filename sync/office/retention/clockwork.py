"""Retention by itself: each process of a serving office asks now and then, and whoever comes first does it."""

from __future__ import annotations

import random
import threading

import structlog
from sqlalchemy.exc import SQLAlchemyError

from kiosk.errors import GatehouseError
from sync.office.retention.store import Retention

log = structlog.get_logger(__name__)

FIRST_S, EVERY_S = 30.0, 900.0


class Clockwork:
    """A thread that ends with its process. What goes wrong is logged and tried again."""

    def __init__(self, retention: Retention, *, first_s: float = FIRST_S, every_s: float = EVERY_S) -> None:
        self._retention = retention
        self._first_s = first_s
        self._every_s = every_s
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._go, name="retention", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(timeout=10)

    def _go(self) -> None:
        wait_s = self._first_s
        while not self._stopping.wait(wait_s * random.uniform(0.5, 1.5)):  # noqa: S311 - jitter
            wait_s = self._every_s
            try:
                self._retention.run_if_due()
            except (GatehouseError, SQLAlchemyError, OSError) as error:
                log.error("retention", trouble=str(error).partition("\n")[0])
