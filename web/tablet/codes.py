"""The codes that a tablet's camera has in view: which one is meant, and what colour it is."""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from flask import abort

from kiosk.model import Colour
from kiosk.status import SEVERAL
from web import forms
from web.serving import gate

if TYPE_CHECKING:
    from kiosk.devices.colour import Tint

MOST = 8


@dataclass(frozen=True, slots=True)
class Seen:
    """One code as the page sent it."""

    text: str
    colour: Colour = Colour.UNSURE
    confidence: float = 0.0


def prepare() -> None:
    """Loads what measures colours: at the start, where there are tablets, and not while the first person waits."""
    import_module("kiosk.devices.swatch")


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
    if not code.get("swatch"):
        return Seen(text)
    tint = _tint(code["swatch"])
    return Seen(text, tint.colour, tint.confidence)


def _tint(sent: Any) -> Tint:
    from kiosk.devices import swatch  # brings OpenCV along, which a gate without tablets and cameras does without

    try:
        return swatch.measure(b64decode(str(sent), validate=True))
    except (binascii.Error, ValueError):
        abort(400)
