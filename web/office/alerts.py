"""预警: what somebody must act on, until when, and what was done."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from sync.office.errors import Refused
from web.office.forms import Done
from web.office.here import office, scope, user

blueprint = Blueprint("alerts", __name__, url_prefix="/alerts")

SHOWN = 200
STATES = {"open": True, "closed": False, "all": None}


@blueprint.get("")
def page() -> str:
    """The open alerts, the most pressing first; `?state=closed` or `all` for the others."""
    state = request.args.get("state", "open")
    state = state if state in STATES else "open"
    rows = office().alerts.list(scope(), is_open=STATES[state], limit=SHOWN)
    return render_template("office/alerts.html", rows=rows, state=state, shown=SHOWN)


@blueprint.get("/<alert_id>")
def show(alert_id: str) -> str:
    return render_template("office/alert.html", alert=office().alerts.get(alert_id, scope()), form=Done(formdata=None))


@blueprint.post("/<alert_id>")
def close(alert_id: str) -> str | Response | tuple[str, int]:
    """Closes it with what was done, which has to be said."""
    alert, form = office().alerts.get(alert_id, scope()), Done()
    if form.validate_on_submit():
        try:
            office().alerts.close(alert_id, user(), form.done.data)
        except Refused:
            form.done.errors = [_("这条预警已被他人关闭")]
            alert = office().alerts.get(alert_id, scope())
        else:
            flash(_("预警已关闭，处理情况已记录"), "good")
            return redirect(url_for(".page"))
    return render_template("office/alert.html", alert=alert, form=form), 422
