"""异常事件: events that were kept but could not be read, journals with two writers, broken chains."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from web.office.filters import page_number
from web.office.here import office, scope

blueprint = Blueprint("trouble", __name__, url_prefix="/trouble")

KINDS = ("fork", "chain", "parked")


@blueprint.get("")
def page() -> str:
    parked = office().entries.parked(scope(), page_number(request.args.get("page")))
    alerts = [alert for alert in office().alerts.list(scope(), is_open=None) if alert.kind in KINDS]
    return render_template("office/trouble.html", parked=parked, alerts=alerts)
