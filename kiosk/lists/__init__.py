"""The lists an office hands down: people to watch for, who lives here, risk regions, places, declarations. Pure.

Each file reads one section of the bundle and answers lookups. Names in them are masked, people are tokens.
"""

from kiosk.lists.declarations import Declaration, Declarations
from kiosk.lists.places import Clinic, Gathering, Place, Places
from kiosk.lists.regions import Region, Regions
from kiosk.lists.roster import Resident, Roster
from kiosk.lists.watch import WatchEntry, WatchList

__all__ = [
    "Clinic", "Declaration", "Declarations", "Gathering", "Place", "Places", "Region", "Regions", "Resident", "Roster",
    "WatchEntry", "WatchList",
]  # fmt: skip
