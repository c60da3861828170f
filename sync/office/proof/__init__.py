"""A gate's day checked again from what is stored, and given out so that anybody can check it."""

from sync.office.proof.check import DayCheck, check
from sync.office.proof.export import export

__all__ = ["DayCheck", "check", "export"]
