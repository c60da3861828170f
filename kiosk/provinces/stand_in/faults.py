"""What can be wrong with a province's server."""

from __future__ import annotations

from enum import StrEnum


class Fault(StrEnum):
    NONE = "none"
    REFUSE = "refuse"  # the connection is reset before anything was read
    STALL = "stall"  # no answer ever comes
    RESET = "reset"  # the connection is reset in the middle of the answer
    DRIP = "drip"  # the answer comes a byte at a time, its head first, and never ends
    ERROR = "error"  # HTTP 500
    BUSY = "busy"  # a good answer that says: busy, later
    NOT_JSON = "not-json"  # a page
    WRONG_JSON = "wrong-json"  # JSON of another service
    OTHER = "other"  # a good answer about another code
    EXPIRED = "expired"  # every code is too old
    FORBIDDEN = "forbidden"  # this gate may not ask
    REDIRECT = "redirect"  # elsewhere
    HUGE = "huge"  # an answer without end


SILENT = frozenset({Fault.REFUSE, Fault.STALL, Fault.RESET, Fault.DRIP, Fault.HUGE})  # what happens below HTTP
