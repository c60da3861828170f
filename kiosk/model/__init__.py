"""The nouns of a gate, as frozen values. Pure: no clock, no files, no sockets.

Times are timezone-aware UTC datetimes; `iso()` is the one spelling of a time in journals and messages
(RFC 3339, milliseconds, `Z`).
"""

from kiosk.model.code import (
    Colour,
    HealthCode,
    Holder,
    LabTest,
    Level,
    Part,
    Reason,
    Recovery,
    Symbol,
    Vaccination,
    Verification,
)
from kiosk.model.record import ZERO_DIGEST, Clock, Draft, Event
from kiosk.model.spelling import from_iso, iso, mask_name, mask_number
from kiosk.model.visit import (
    HIGHEST_CELSIUS,
    LOWEST_CELSIUS,
    Because,
    Decision,
    Direction,
    Facts,
    Footing,
    ImplausibleReading,
    LaneInfo,
    Method,
    Presentation,
    Reading,
    Saying,
    Stay,
    Verdict,
    plausible,
)

__all__ = [
    "Because",
    "Clock",
    "Colour",
    "Decision",
    "Direction",
    "Draft",
    "Event",
    "Facts",
    "Footing",
    "HIGHEST_CELSIUS",
    "HealthCode",
    "Holder",
    "ImplausibleReading",
    "LOWEST_CELSIUS",
    "LabTest",
    "LaneInfo",
    "Level",
    "Method",
    "Part",
    "Presentation",
    "Reading",
    "Reason",
    "Recovery",
    "Saying",
    "Stay",
    "Symbol",
    "Vaccination",
    "Verdict",
    "Verification",
    "ZERO_DIGEST",
    "from_iso",
    "iso",
    "mask_name",
    "mask_number",
    "plausible",
]
