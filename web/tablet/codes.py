"""The codes that a tablet's camera has in view: which one is meant, and what colour it is."""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import abort

from kiosk.devices import swatch
from kiosk.devices.colour import Tint
from kiosk.model import Colour
from kiosk.status import SEVERAL
from web import forms
from web.serving import gate

MOST = 8
UNSEEN = Tint(Colour.UNSURE)


@dataclass(frozen=True, slots=True)
class Seen:
    """One code as the page sent it."""

    text: str
    tint: Tint = UNSEEN


def meant(body: Mapping[str, Any]) -> Seen:
    """The code that is meant: of `{codes: [{text, swatch}, …]}`, nearest the middle first, the only health code, or the
    nearest one where none is; one code may stand for itself, `{text, swatch}`.

    Raises Refused for two health codes at once and for a text that is none; anything else that is wrong is a 400.
    """
    codes = body.get("codes", [body])
    if not isinstance(codes, list) or not 1 <= len(codes) <= MOST:
        abort(400)
    seen = [_seen(code) for code in codes]
    health = [code for code in seen if gate().is_health(code.text)] if len(seen) > 1 else []
    if len(health) > 1:
        raise forms.Refused({"several": SEVERAL})
    return (health or seen)[0]


def _seen(code: Any) -> Seen:
    if not isinstance(code, dict):
        abort(400)
    text = forms.scanned(str(code.get("text", "")))
    return Seen(text, _tint(code["swatch"])) if code.get("swatch") else Seen(text)


def _tint(sent: Any) -> Tint:
    try:
        return swatch.measure(b64decode(str(sent), validate=True))
    except (binascii.Error, ValueError):
        abort(400)
