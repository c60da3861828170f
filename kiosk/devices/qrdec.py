"""The third reader: QRdec of package deqr, which is zbar's own QR reader by itself, at a third of zbar's price.

The package's other reader, quirc, was left out: it cuts a text short at the first segment it does not know.
"""

from __future__ import annotations

from functools import cache

import deqr

from kiosk.devices.picture import Pixels
from kiosk.devices.readers import Look, utf8
from kiosk.model import Colour, Symbol

SMALLEST = 21  # pixels a side: one for each module of the smallest symbol


def qrdec(grey: Pixels) -> Look:
    """QRdec on an 8-bit grey picture: 6–10 ms for 1280×720 without a code. Bytes that are no UTF-8 are left out."""
    if min(grey.shape) < SMALLEST:
        return Look(())
    symbols = []
    own = grey.copy()  # deqr works in the very memory it is given
    for code in _decoder().decode(own, convert_data=False):
        if text := utf8(b"".join(part.data for part in code.data_entries)):
            corners = tuple((int(x), int(y)) for x, y in code.corners)
            symbols.append(Symbol(text, "QRCode", Colour.UNSURE, corners, "qrdec"))
    return Look(tuple(symbols))


@cache
def _decoder() -> deqr.QRdecDecoder:
    return deqr.QRdecDecoder()
