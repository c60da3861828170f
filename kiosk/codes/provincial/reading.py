"""A scanned text → what a province says of it without being asked."""

from __future__ import annotations

from kiosk.codes.context import ReadContext
from kiosk.codes.provincial.province import claimant
from kiosk.codes.scheme import rejected
from kiosk.model import HealthCode, Reason


def read(text: str, context: ReadContext) -> HealthCode | None:
    """The code `text` is, of whichever of the context's provinces; None when it is none of theirs.

    A text that only begins like a code is malformed (or too large). A demonstration's province counts only where
    demonstrations do.
    """
    begun = (province for province in context.provinces if province.begins(text))
    province = claimant(context.provinces, text) or next(begun, None)
    if province is None:
        return None
    if province.demo and not context.demo:
        return rejected(province.id, Reason.UNKNOWN_ISSUER)
    return province.offline(text, context.at)
