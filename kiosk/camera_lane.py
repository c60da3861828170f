"""A camera lane at work: frames become symbols, symbols become presentations."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime

import structlog

from kiosk.devices.care import selftest
from kiosk.devices.care.selftest import Reads, SelfTest
from kiosk.devices.feed import CameraFeed
from kiosk.devices.lookout import Lookout
from kiosk.lanes import Presenting
from kiosk.model import Method, Presentation, Symbol
from kiosk.worker import AtWork

log = structlog.get_logger(__name__)

PROVE_AGAIN_S = 30.0  # after a self-test that failed


class CameraLane(AtWork):
    """Watches one camera for codes and presents each sighting once.

    Before the first person the reader has to pass its self-test (`prove`); until it does, nothing is presented and the
    lane works by hand. `changed` is called after each change of what the volunteer should know of it.
    """

    def __init__(
        self,
        lane: str,
        feed: CameraFeed,
        lookout: Lookout,
        checkpoint: Presenting,
        now: Callable[[], datetime],
        *,
        demo: bool = False,
        changed: Callable[[], None] = lambda: None,
        prove: Callable[[Reads], SelfTest] = selftest.run,
    ) -> None:
        super().__init__(f"camera-{lane}")
        self.lane = lane
        self.feed = feed
        self.lookout = lookout
        self.selftest: SelfTest | None = None
        self.asked = 0  # how often several codes at once were held up
        self._checkpoint = checkpoint
        self._now = now
        self._demo = demo
        self._changed = changed
        self._prove = prove
        self._index = -1

    def stop(self) -> None:
        super().stop()
        self.feed.stop()
        self.lookout.decoder.close()

    def step(self, stopping: threading.Event) -> None:
        """Look at one newer frame, if there is one within half a second; then rest as long as nobody is there."""
        if not self._proven(stopping):
            return
        frame = self.feed.wait_newer(self._index, timeout=0.5)
        if frame is None or stopping.is_set():
            return
        begun_s, before = time.monotonic(), self.lookout.condition
        self._index = frame.index
        if symbol := self.lookout.look(frame, self.feed.controls):
            self._checkpoint.present(self.lane, self._presentation(symbol))
        if self.lookout.condition != before:
            self.asked += self.lookout.condition.several and not before.several
            self._tell()
        self._rest(stopping, begun_s)

    def _rest(self, stopping: threading.Event, begun_s: float) -> None:
        pause_s = self.lookout.watch.pause_s
        self.feed.rest(0.0 if self.lookout.watch.awake else pause_s)
        stopping.wait(max(pause_s - (time.monotonic() - begun_s), 0.0))

    def _proven(self, stopping: threading.Event) -> bool:
        """Whether the reader has passed its self-test; it is tried again now and then. Its first end opens the camera,
        so that a film does not play unseen; after that the picture is there for aiming, whatever came out."""
        if self.selftest is None or not self.selftest.ok:
            first = self.selftest is None
            self.selftest = self._prove(self.lookout.decoder)
            if first:
                self.feed.start()
            log.info("self-test", lane=self.lane, ok=self.selftest.ok, ms=round(self.selftest.ms))
            self._changed()
            if not self.selftest.ok:
                log.error("self-test", lane=self.lane, faults=self.selftest.faults)
                stopping.wait(PROVE_AGAIN_S)
        return self.selftest.ok

    def _tell(self) -> None:
        condition = self.lookout.condition
        log.info("camera", lane=self.lane, troubles=sorted(condition.troubles), several=condition.several)
        self._changed()

    def _presentation(self, symbol: Symbol) -> Presentation:
        return Presentation(
            Method.CAMERA,
            self._now(),
            symbol.text,
            symbol.colour,
            demo=self._demo,
            colour_confidence=symbol.colour_confidence,
        )
