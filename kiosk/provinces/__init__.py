"""Provincial health codes online: asks the issuers' servers what `kiosk.codes.provincial` says to ask."""

from kiosk.provinces.access import load
from kiosk.provinces.lookup import Lookup

__all__ = ["Lookup", "load"]
