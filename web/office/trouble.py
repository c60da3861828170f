"""异常事件: events that were kept but could not be read, journals with two writers, broken chains."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from web.office.filters import page_number
from web.office.forms import Plain
from web.office.here import office, scope, user
from web.office.sessions import whole_office_only

blueprint = Blueprint("trouble", __name__, url_prefix="/trouble")

KINDS = ("fork", "chain", "parked")


@blueprint.get("")
def page() -> str:
    parked = office().entries.parked(scope(), page_number(request.args.get("page")))
    alerts = [alert for alert in office().alerts.list(scope(), is_open=None) if alert.kind in KINDS]
    forks = office().forks.list(scope())
    return render_template("office/trouble.html", parked=parked, alerts=alerts, forks=forks, plain=Plain())


@blueprint.get("/forks/<journal>")
def fork(journal: str) -> str:
    """Both branches of a journal that two machines continued."""
    return render_template("office/fork.html", found=office().forks.of(journal, scope()))


@blueprint.post("/parked")
@whole_office_only
def retry() -> Response:
    """Reads the parked events again."""
    done = office().parking.retry(who=user().login)
    flash(_("读出 %(read)s 条，仍有 %(still)s 条无法读取", read=done.read, still=done.still), "good")
    return redirect(url_for(".page"))
