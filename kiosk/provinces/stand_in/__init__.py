"""The test province: a server of ours that answers as a province's would, with every fault one can wish for.

It backs the shipped `test-province`, marks every answer as a demonstration, and is no part of a gate at work.
"""

from kiosk.provinces.stand_in.codes import draw, printed
from kiosk.provinces.stand_in.faults import Fault
from kiosk.provinces.stand_in.people import PEOPLE, Inhabitant
from kiosk.provinces.stand_in.server import SECRET, StandIn

__all__ = ["PEOPLE", "SECRET", "Fault", "Inhabitant", "StandIn", "draw", "printed"]
