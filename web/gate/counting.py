"""How many are inside: corrected by a volunteer who counted, with the reason (row G8)."""

from __future__ import annotations

import re

from flask import Response

from web import forms
from web.gate.answering import shown
from web.serving import gate, lane_or_404, typed

LONGEST_WHY = 100
MOST = 100_000
WHOLE = re.compile(r"[0-9]{1,6}")


def count(lane: str) -> Response:
    """`{inside: "12", why}`; who is on duty goes along."""
    place, body = lane_or_404(lane), typed()
    inside, why = str(body.get("inside", "")).strip(), str(body.get("why", "")).strip()
    if not WHOLE.fullmatch(inside) or int(inside) > MOST:
        raise forms.Refused.because("inside", "请输入在内人数", "Type how many are inside")
    if not 1 <= len(why) <= LONGEST_WHY:
        raise forms.Refused.because("why", "请写明原因，最多 100 字", "Say why, in at most 100 characters")
    volunteer = gate().staff.on_duty()
    gate().set_inside(int(inside), why, volunteer.id if volunteer else "")
    return shown(place.name, "lane", "status")


ACTIONS = {"/lanes/<lane>/count": count}
