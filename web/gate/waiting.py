"""Second readings: what the volunteer does with whoever rests in the waiting area.

Each action names the visit, whatever lane it came by; the answer is the screen of the console's own lane.
"""

from __future__ import annotations

from flask import Response

from kiosk.model import Reading
from web import forms
from web.gate.answering import REASONS, shown
from web.serving import gate, lane_or_404, typed, utc_now

SITES = {"ear": "ear", "armpit": "armpit", "mercury": "armpit"}  # thermometer → where it measures


def second(lane: str, visit: str) -> Response:
    """`{celsius: "36.9", device: "ear"|"armpit"|"mercury", rested: false}`, taken with another thermometer."""
    lane_or_404(lane)
    body = typed()
    if (device := str(body.get("device", ""))) not in SITES:
        raise forms.Refused.because("device", "请选择用的体温计", "Choose the thermometer")
    reading = Reading(forms.celsius(str(body.get("celsius", ""))), utc_now(), device, SITES[device], "clinical")
    gate().checkpoint.confirming.second(visit, reading, rested=body.get("rested") is True)
    return shown(lane)


def unconfirmed(lane: str, visit: str) -> Response:
    """There is no other thermometer."""
    lane_or_404(lane)
    gate().checkpoint.confirming.unconfirmed(visit)
    return shown(lane)


def leave(lane: str, visit: str) -> Response:
    """`{why: "left"|"mistake"|"device"|"other"}`."""
    lane_or_404(lane)
    why = typed().get("why")
    if why not in REASONS:
        raise forms.Refused.because("why", "请选择原因", "Choose a reason")
    gate().checkpoint.confirming.leave(visit, why)
    return shown(lane)


def dismiss(lane: str, visit: str) -> Response:
    """The volunteer has dealt with the second verdict."""
    lane_or_404(lane)
    gate().checkpoint.confirming.dismiss(visit)
    return shown(lane)


ACTIONS = {
    "/lanes/<lane>/waiting/<visit>/reading": second,
    "/lanes/<lane>/waiting/<visit>/unconfirmed": unconfirmed,
    "/lanes/<lane>/waiting/<visit>/cancel": leave,
    "/lanes/<lane>/waiting/<visit>/dismiss": dismiss,
}
