"""Who may use the console: the volunteer who signed on here and is still on duty."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from flask import redirect, request, session, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from kiosk.errors import GatehouseError, JournalError
from web import live
from web.gate import photos
from web.serving import gate, serving, utc_now
from web.setup import fault, wants_json

if TYPE_CHECKING:
    from kiosk.staff import Volunteer

log = structlog.get_logger(__name__)

OPEN = {"gate.sign_on", "gate.health", "gate.authority", "static"}


def on_duty() -> Volunteer | None:
    """The volunteer of this session, as long as nobody else took over the shift.

    A console that is open stays open while the volunteers' file cannot be read (a full disk): it has to say so.
    """
    here = serving()
    try:
        here.last_on_duty = gate().staff.on_duty()
    except GatehouseError as error:
        log.error("staff", trouble=str(error))
    volunteer = here.last_on_duty
    return volunteer if volunteer is not None and volunteer.id == session.get("staff") else None


def welcome_photos(endpoint: str | None, _values: object) -> None:
    """Let somebody on duty send a photo. This comes before the form is looked into; nobody else may send so much."""
    if endpoint == "gate.photo" and on_duty() is not None:
        request.max_content_length = photos.MOST_FORM_BYTES


def require() -> Response | None:
    """Before each request: the sign-on page, or 401 for a script, unless somebody is on duty here."""
    if request.endpoint in OPEN or on_duty() is not None:
        return None
    if request.endpoint == "gate.events":
        return live.ended()  # a console that was open when its shift ended elsewhere, or its gate began anew
    if wants_json():
        return fault(401, gettext("请先登录"))
    return redirect(url_for("gate.sign_on"))


def sign_on(pin: str) -> Volunteer:
    """Begin a shift in this session. Raises SignOnError."""
    volunteer = gate().staff.sign_on(pin, utc_now())
    session.clear()
    session["staff"] = volunteer.id
    _record(volunteer, on=True)
    return volunteer


def sign_off() -> None:
    """End the shift of this session."""
    volunteer = on_duty()
    session.clear()
    if volunteer is not None:
        gate().staff.sign_off(volunteer.id)
        _record(volunteer, on=False)


def _record(volunteer: Volunteer, *, on: bool) -> None:
    """The change of shift goes into the journal; while that cannot be written the console says so, all over."""
    try:
        gate().signed_on(volunteer.id, volunteer.name, on=on)
    except JournalError as error:
        log.error("shift", on=on, trouble=str(error))
