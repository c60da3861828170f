"""A camera lane at work: frames become symbols, symbols become presentations, a thermometer answers a waiting visit."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime

import structlog

from kiosk.checkpoint import Checkpoint
from kiosk.devices.feed import CameraFeed
from kiosk.devices.process import Decoder
from kiosk.devices.sightings import Sightings
from kiosk.devices.thermometer import Thermometer
from kiosk.errors import DeviceError
from kiosk.model import ImplausibleReading, Method, Presentation, Symbol

log = structlog.get_logger(__name__)

POLL_S = 0.2  # how often a thermometer is asked
RETRY_S = 2.0  # after a device fault


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


class CameraLane:
    """Watches one camera for codes and presents each sighting once."""

    def __init__(
        self,
        lane: str,
        feed: CameraFeed,
        decoder: Decoder,
        sightings: Sightings,
        checkpoint: Checkpoint,
        now: Callable[[], datetime],
        *,
        demo: bool = False,
    ) -> None:
        self.lane = lane
        self.feed = feed
        self.decoder = decoder
        self._sightings = sightings
        self._checkpoint = checkpoint
        self._now = now
        self._demo = demo
        self._index = -1
        self._worker = Worker(f"camera-{lane}", self.step)

    def start(self) -> None:
        self.feed.start()
        self._worker.start()

    def stop(self) -> None:
        self._worker.stop()
        self.feed.stop()
        self.decoder.close()

    def step(self, stopping: threading.Event) -> None:
        """Decode one newer frame, if there is one within half a second."""
        frame = self.feed.wait_newer(self._index, timeout=0.5)
        if frame is None or stopping.is_set():
            return
        self._index = frame.index
        for symbol in self._sightings.new(self.decoder.decode(frame.image), time.monotonic()):
            self._checkpoint.present(self.lane, self._presentation(symbol))

    def _presentation(self, symbol: Symbol) -> Presentation:
        return Presentation(Method.CAMERA, self._now(), symbol.text, symbol.colour, demo=self._demo)


class ThermometerLane:
    """Hands plausible readings to the visit that waits for one. `state`: ok, silent, missing."""

    def __init__(
        self, lane: str, thermometer: Thermometer, checkpoint: Checkpoint, changed: Callable[[], None] = lambda: None
    ) -> None:
        self.lane = lane
        self.state = "silent"
        self._thermometer = thermometer
        self._checkpoint = checkpoint
        self._changed = changed
        self._worker = Worker(f"thermometer-{lane}", self.step)

    def start(self) -> None:
        self._worker.start()

    def stop(self) -> None:
        self._worker.stop()
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
        visit = self._checkpoint.view(self.lane).visit
        if reading and visit and reading.taken_at >= visit.started_at:
            try:
                self._checkpoint.measure(self.lane, reading, visit.id)
            except ImplausibleReading as error:
                log.warning("thermometer", lane=self.lane, refused=error.en)
        stopping.wait(POLL_S)

    def _tell(self, state: str, trouble: str = "") -> None:
        if state != self.state:
            self.state = state
            log.info("thermometer", lane=self.lane, state=state, trouble=trouble)
            self._changed()
