"""What else a visit tells: the risk regions somebody was in, whether a mask is worn."""

from __future__ import annotations

from flask import Response, abort

from kiosk.checkpoint.procedure import MASKS
from web import forms
from web.gate.answering import shown
from web.serving import gate, lane_or_404, today, typed


def stayed(lane: str, visit: str) -> Response:
    """`{stays: [{region, ago}]}`: region codes and days ago; none for nowhere."""
    gate().checkpoint.stayed(lane_or_404(lane).name, visit, forms.stays(typed().get("stays"), today()))
    return shown(lane)


def mask(lane: str, visit: str) -> Response:
    """`{mask: "worn"|"reminded"|"refused"}`."""
    if (said := typed().get("mask")) not in MASKS:
        abort(400)
    gate().checkpoint.mask(lane_or_404(lane).name, visit, said)
    return shown(lane)


ACTIONS = {"/lanes/<lane>/visits/<visit>/stays": stayed, "/lanes/<lane>/visits/<visit>/mask": mask}
