"""The third and fourth readers, both of package deqr: QRdec, zbar's own QR reader on its own, and quirc.

They see what zxing-cpp does not (a side view, torn finder patterns) at a third of zbar's price.
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
    return _look(_qrdec(), grey, inverted=True, reader="qrdec")


def quirc(grey: Pixels) -> Look:
    """quirc on an 8-bit grey picture: 6–9 ms for 1280×720 without a code, likewise."""
    return _look(_quirc(), grey, inverted=False, reader="quirc")


def _look(decoder: deqr.QRdecDecoder | deqr.QuircDecoder, grey: Pixels, *, inverted: bool, reader: str) -> Look:
    if min(grey.shape) < SMALLEST:
        return Look(())
    own = grey.copy()  # deqr works in the very memory it is given
    symbols = []
    for code in decoder.decode(own, binarize_invert=inverted, convert_data=False):
        if text := utf8(b"".join(part.data for part in code.data_entries)):
            corners = tuple((int(x), int(y)) for x, y in code.corners)
            symbols.append(Symbol(text, "QRCode", Colour.UNSURE, corners, reader))
    return Look(tuple(symbols))


@cache
def _qrdec() -> deqr.QRdecDecoder:
    return deqr.QRdecDecoder()


@cache
def _quirc() -> deqr.QuircDecoder:
    return deqr.QuircDecoder()
