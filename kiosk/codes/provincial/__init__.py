"""Provincial health codes: one adapter, driven by a file for each province (docs/provinces.md).

What is in the symbol is a token for the issuer's server. Pure: this package says what to ask and what an answer
means; `kiosk.provinces` asks.
"""

from kiosk.codes.provincial.answer import Judged
from kiosk.codes.provincial.document import SHIPPED, from_toml, parse, shipped
from kiosk.codes.provincial.province import Province, Sighted, claimant
from kiosk.codes.provincial.reading import read
from kiosk.codes.provincial.request import Gate, Outgoing, Secret

__all__ = [
    "SHIPPED",
    "Gate",
    "Judged",
    "Outgoing",
    "Province",
    "Secret",
    "Sighted",
    "claimant",
    "from_toml",
    "parse",
    "read",
    "shipped",
]
