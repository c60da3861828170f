"""Enrolment codes are no health codes: whatever a lane reads is looked at first, and they begin no visit."""

from __future__ import annotations

from typing import Protocol

from kiosk.lanes import Presenting
from kiosk.model import Presentation


class EnrolmentCodes(Protocol):
    """Who takes enrolment codes."""

    def takes(self, text: str) -> bool: ...
    def shown(self, lane: str, text: str) -> object: ...


class SetApart:
    """Presents everything to the checkpoint but enrolment codes."""

    def __init__(self, checkpoint: Presenting, enrolment: EnrolmentCodes) -> None:
        self._checkpoint = checkpoint
        self._enrolment = enrolment

    def present(self, lane: str, presentation: Presentation) -> object:
        if self._enrolment.takes(presentation.text):
            return self._enrolment.shown(lane, presentation.text)
        return self._checkpoint.present(lane, presentation)
