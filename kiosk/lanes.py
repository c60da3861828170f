"""What the lanes present to, and the thermometer of one: it answers the visit that waits for a reading."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

import structlog

from kiosk.checkpoint import Checkpoint
from kiosk.devices.thermometer import Thermometer
from kiosk.errors import DeviceError
from kiosk.model import ImplausibleReading, Presentation, Reading
from kiosk.worker import AtWork

log = structlog.get_logger(__name__)

POLL_S = 0.2  # how often a thermometer is asked
RETRY_S = 2.0  # after a device fault


class Presenting(Protocol):
    """The checkpoint, as far as a lane needs it."""

    def present(self, lane: str, presentation: Presentation) -> object: ...


class ThermometerLane(AtWork):
    """Hands plausible readings of one `grade` to the visit that waits for one. `state`: ok, silent, missing."""

    def __init__(
        self,
        lane: str,
        thermometer: Thermometer,
        checkpoint: Checkpoint,
        changed: Callable[[], None] = lambda: None,
        *,
        grade: str = "screening",
    ) -> None:
        super().__init__(f"thermometer-{lane}")
        self.lane = lane
        self.state = "silent"
        self.last: Reading | None = None
        self._thermometer = thermometer
        self._checkpoint = checkpoint
        self._changed = changed
        self._grade = grade

    def stop(self) -> None:
        super().stop()
        self._thermometer.close()

    def step(self, stopping: threading.Event) -> None:
        """Ask once; a device fault becomes a state on the console, never a stop."""
        try:
            reading = self._thermometer.read()
        except DeviceError as error:
            self._tell("missing", str(error))
            stopping.wait(RETRY_S)
            return
        self._tell("ok")
        self.last = reading or self.last
        visit = self._checkpoint.view(self.lane).visit
        if reading and visit and reading.taken_at >= visit.started_at:
            try:
                self._checkpoint.measure(self.lane, replace(reading, grade=self._grade), visit.id)
            except ImplausibleReading as error:
                log.warning("thermometer", lane=self.lane, refused=error.en)
        stopping.wait(POLL_S)

    def _tell(self, state: str, trouble: str = "") -> None:
        if state != self.state:
            self.state = state
            log.info("thermometer", lane=self.lane, state=state, trouble=trouble)
            self._changed()
