"""Families and vehicles on the console: open a party, take somebody out of it, finish it.

Its members come by the same ways as everybody: camera, scanner, photo, by hand.
"""

from __future__ import annotations

from flask import Response

from kiosk import identities
from kiosk.identities import plates
from kiosk.known import Vehicle
from web import forms
from web.gate.answering import shown
from web.serving import gate, lane_or_404, typed

PURPOSES = {
    "home": "回家",
    "visit": "探访",
    "delivery": "配送",
    "work": "上班、施工",
    "service": "维修、家政",
    "medical": "就医、急救",
}
LONGEST_PURPOSE = 60


def family(lane: str) -> Response:
    """From now on everybody on this lane comes together."""
    gate().checkpoint.gathering.open(lane_or_404(lane).name)
    return shown(lane)


def vehicle(lane: str) -> Response:
    """`{plate, purpose: one of PURPOSES or "other", purpose_text, delivery}`."""
    body = typed()
    plate = identities.check("plate", str(body.get("plate", "")))
    if plate.problem is not None:
        raise forms.Refused({"plate": plate.problem})
    purpose, delivery = _purpose(body), body.get("delivery") is True
    arriving = Vehicle(plate.normalised, plates.kind(plate.normalised), "driver", purpose, delivery)
    gate().checkpoint.gathering.open(lane_or_404(lane).name, arriving)
    return shown(lane)


def finish(lane: str) -> Response:
    gate().checkpoint.gathering.finish(lane_or_404(lane).name)
    return shown(lane)


def remove(lane: str, visit: str) -> Response:
    """Somebody who does not belong to the party and has no outcome yet."""
    gate().checkpoint.gathering.remove(lane_or_404(lane).name, visit)
    return shown(lane, "lane", "recent")


def _purpose(body: dict[str, object]) -> str:
    """The purpose in Chinese, as the record keeps it. Raises Refused."""
    chosen = str(body.get("purpose", ""))
    words = PURPOSES.get(chosen) or forms.note(str(body.get("purpose_text", "")), LONGEST_PURPOSE, "purpose_text")
    if chosen == "other" and not words:
        raise forms.Refused.because("purpose_text", "请写明事由", "Please say what for")
    return words


ACTIONS = {
    "/lanes/<lane>/party": family,
    "/lanes/<lane>/vehicle": vehicle,
    "/lanes/<lane>/party/finish": finish,
    "/lanes/<lane>/party/<visit>/remove": remove,
}
