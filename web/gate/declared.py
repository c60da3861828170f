"""提前报告: the short code of what a household announced, looked up while the volunteer types it (row C2)."""

from __future__ import annotations

from datetime import datetime

from flask import Response, jsonify

from kiosk.lists.declarations import Declaration
from kiosk.model import Holder, Method, Presentation, Saying
from web import forms
from web.serving import gate, lane_or_404, typed, utc_now

FIELD = "declaration"
KINDS = {
    "return": Saying("返（来）人员", "a return"),
    "visitor": Saying("访客", "a visitor"),
    "delivery": Saying("送货、上门服务", "a delivery or service"),
}
UNUSABLE = {
    "used": Saying("此报备码已用过，请与住户核实", "This code was used already: please ask the household"),
    "expired": Saying("此报备码已过期，请与住户核实", "This code has expired: please ask the household"),
    "cancelled": Saying("此报备已取消，请与住户核实", "This announcement was withdrawn: please ask the household"),
    "": Saying("没有这个报备码，请核对数字", "No announcement has this code: please compare the digits"),
}


def look_up(lane: str) -> Response:
    """`{declaration: "1234 5678"}` → `{zh, en}`, what was announced. 422 at the field for a code that is of no use."""
    place = lane_or_404(lane)
    say = _words(usable(forms.declared(str(typed().get(FIELD, ""))), place.name))
    return jsonify({"zh": say.zh, "en": say.en})


def usable(code: str, lane: str) -> Declaration:
    """The announcement that this code names, and that may be used now. Raises Refused."""
    now = utc_now()
    shown = Presentation(Method.HAND, now, person=Holder(declaration=code))
    known = gate().inforce(now).known(None, shown, gate().checkpoint.view(lane).direction)
    found, state = known.declaration, known.declaration_state
    if found is not None and state == "valid":
        return found
    raise forms.Refused({FIELD: _early(found) if found and state == "early" else UNUSABLE[state]})


def _early(found: Declaration) -> Saying:
    begins = _local(found.begins)
    return Saying(f"报备从 {begins} 起有效，还没到时间", f"This announcement only begins at {begins}")


def _words(found: Declaration) -> Saying:
    kind, until = KINDS[found.kind], _local(found.ends)
    zh, en = [f"已报备：{kind.zh}", found.name], [f"Announced: {kind.en}", found.name]
    if until:
        zh, en = [*zh, f"有效到 {until}"], [*en, f"until {until}"]
    return Saying(" · ".join(filter(None, zh)), " · ".join(filter(None, en)))


def _local(at: datetime | None) -> str:
    return f"{at.astimezone(gate().settings.zone):%m-%d %H:%M}" if at else ""


ACTIONS = {"/lanes/<lane>/declaration": look_up}
