"""改判: the volunteer decides otherwise than the policy, and says why; some of it needs a supervisor's PIN."""

from __future__ import annotations

from dataclasses import replace

from flask import Response

from kiosk.checkpoint.overriding import SUPERVISED, Override
from kiosk.model import Verdict
from kiosk.staff import SignOnError, Volunteer
from web import forms
from web.gate import duty
from web.gate.answering import shown
from web.serving import gate, lane_or_404, typed, utc_now

LONGEST_NOTE = 200


def override(lane: str, visit: str) -> Response:
    """`{to: verdict, why: one of WHYS, note, pin}`; the PIN is a supervisor's, for what was refused or isolated."""
    lane_or_404(lane)
    body = typed()
    if (to := body.get("to")) not in tuple(Verdict):
        raise forms.Refused.because("to", "请选择改判为什么", "Choose the new verdict")
    volunteer, note = duty.on_duty(), forms.note(str(body.get("note", "")), LONGEST_NOTE)
    wish = Override(Verdict(to), str(body.get("why", "")), note, staff_name=volunteer.name if volunteer else "")
    overriding = gate().checkpoint.overriding
    _, stands = overriding.standing(visit)
    if stands in SUPERVISED and (supervisor := _supervisor(str(body.get("pin", "")))):
        wish = replace(wish, supervisor=supervisor.id, supervisor_name=supervisor.name)
    overriding.override(visit, wish)
    return shown(lane, "lane", "recent")


def _supervisor(pin: str) -> Volunteer | None:
    """The supervisor whose PIN it is, None for none typed. Raises Refused."""
    if not pin:
        return None
    try:
        return gate().staff.approve(forms.digits(pin), utc_now())
    except SignOnError as error:
        raise forms.Refused.because("pin", error.zh, error.en) from error


ACTIONS = {"/lanes/<lane>/visits/<visit>/override": override}
