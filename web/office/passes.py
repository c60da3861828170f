"""出入证: issuing one to be printed at once, the list, revoking."""

from __future__ import annotations

import secrets

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from sync.office.errors import Refused
from web.office import labels
from web.office.filters import page_number
from web.office.forms import NewPass, Plain
from web.office.here import community_choices, office, scope, user

blueprint = Blueprint("passes", __name__, url_prefix="/passes")

REMEMBERED = 20  # tickets of forms that were used up

Page = str | Response | tuple[str, int]


@blueprint.get("")
def page() -> str:
    rows = office().passes.list(scope(), page_number(request.args.get("page")))
    return render_template("office/passes.html", rows=rows)


@blueprint.route("/new", methods=["GET", "POST"])
def new() -> Page:
    """Issues a pass and shows it for printing: the only time, since the office does not keep the symbol's text."""
    form, refused = _form(), ""
    if form.validate_on_submit():
        if not _first(form.ticket.data or ""):
            refused = _("这一张已经签发过了。要再发一张，请改好内容重新提交")
        else:
            return _issued(form)
    if form.is_submitted() or not form.ticket.data:
        form.ticket.data = secrets.token_hex(8)
    return render_template("office/pass_new.html", form=form, refused=refused), 422 if form.is_submitted() else 200


@blueprint.route("/<serial>/revoke", methods=["GET", "POST"])
def revoke(serial: str) -> Page:
    """Asks once more, then revokes; gates hear of it with the next sync."""
    form = Plain()
    if form.validate_on_submit():
        gone = office().passes.revoke(serial, scope(), who=user().login)
        flash(_("%(name)s 的出入证已作废", name=gone.name), "good")
        return redirect(url_for(".page"))
    return render_template("office/pass_revoke.html", row=office().passes.get(serial, scope()), plain=form)


def _form() -> NewPass:
    form = NewPass()
    form.community.choices = community_choices()
    form.kind.choices = labels.choices("pass")
    return form


def _issued(form: NewPass) -> Page:
    try:
        issued = office().passes.issue(
            form.community.data,
            form.name.data,
            form.id_last4.data,
            form.household.data,
            form.kind.data,
            form.days.data,
            who=user().login,
            scope=scope(),
        )
    except Refused:
        refused = _("这些内容写不进出入证：姓名或住户过长")
        form.ticket.data = secrets.token_hex(8)
        return render_template("office/pass_new.html", form=form, refused=refused), 422
    return render_template("office/pass_issued.html", issued=issued, paper=form.paper.data)


def _first(ticket: str) -> bool:
    """Whether this form was not sent before: reloading the printed page must not issue a second pass."""
    used = session.get("tickets", [])
    if not ticket or ticket in used:
        return False
    session["tickets"] = [*used, ticket][-REMEMBERED:]
    return True
