"""A handheld scanner at work: each text it reads is a presentation on its lane."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime

import structlog

from kiosk.devices.handheld import SerialScanner
from kiosk.errors import DeviceError
from kiosk.lanes import RETRY_S, Presenting
from kiosk.model import Method, Presentation
from kiosk.worker import AtWork

log = structlog.get_logger(__name__)

AGAIN_S = 1.5  # a scanner that reads by itself sends a code that stays in view over and over


class ScannerLane(AtWork):
    """Presents what a serial scanner reads. `state`: ok, missing."""

    def __init__(
        self,
        lane: str,
        scanner: SerialScanner,
        checkpoint: Presenting,
        now: Callable[[], datetime],
        changed: Callable[[], None] = lambda: None,
        *,
        demo: bool = False,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(f"scanner-{lane}")
        self.lane = lane
        self.state = "missing"
        self._scanner = scanner
        self._checkpoint = checkpoint
        self._now = now
        self._changed = changed
        self._demo = demo
        self._monotonic = monotonic
        self._last = ("", float("-inf"))

    def stop(self) -> None:
        super().stop()
        self._scanner.close()

    def step(self, stopping: threading.Event) -> None:
        """Listen once; a device fault becomes a state on the console, never a stop."""
        try:
            texts = self._scanner.read()
        except DeviceError as error:
            self._tell("missing", str(error))
            stopping.wait(RETRY_S)
            return
        self._tell("ok")
        for text in texts:
            if self._new(text):
                presentation = Presentation(Method.SCANNER, self._now(), text, demo=self._demo)
                self._checkpoint.present(self.lane, presentation)

    def _new(self, text: str) -> bool:
        last, at_s = self._last
        self._last = (text, self._monotonic())
        return text != last or self._last[1] - at_s > AGAIN_S

    def _tell(self, state: str, trouble: str = "") -> None:
        if state != self.state:
            self.state = state
            log.info("scanner", lane=self.lane, state=state, trouble=trouble)
            self._changed()
