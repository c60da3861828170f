"""One visit from presentation to record: the state of each lane, and the one procedure that moves it."""

from kiosk.checkpoint.desk import Recorder, Refusal
from kiosk.checkpoint.lane import LaneTimes
from kiosk.checkpoint.procedure import Checkpoint
from kiosk.checkpoint.rules import Online, Rules

__all__ = ["Checkpoint", "LaneTimes", "Online", "Recorder", "Refusal", "Rules"]
