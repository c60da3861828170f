"""通知: what hangs at the gates and tablets of each community."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from kiosk.model import from_iso
from sync.office.values import Unit
from web.office.forms import NewNotice, Plain
from web.office.here import communities, community_choices, office, scope, user

blueprint = Blueprint("notices", __name__, url_prefix="/notices")


@blueprint.route("", methods=["GET", "POST"])
def page() -> str | Response | tuple[str, int]:
    """What hangs, and writing another one, which is handed down with the next sync."""
    form = NewNotice()
    form.community.choices = community_choices()
    if form.validate_on_submit():
        office().notices.post(form.community.data, form.zh.data, form.en.data, scope(), who=user().login)
        flash(_("已发布，随下一次同步到达门岗"), "good")
        return redirect(url_for(".page"))
    posted = [(unit, _hanging(unit)) for unit in communities()]
    content = render_template("office/notices.html", form=form, posted=posted, plain=Plain())
    return content, 422 if form.is_submitted() else 200


@blueprint.post("/<community>/<notice>/withdraw")
def withdraw(community: str, notice: str) -> Response:
    office().notices.withdraw(community, notice, scope(), who=user().login)
    flash(_("已撤下，随下一次同步从门岗消失"), "good")
    return redirect(url_for(".page"))


def _hanging(unit: Unit) -> list[dict[str, Any]]:
    """The community's notices, their times read."""
    posted = office().notices.list(unit.id, scope())
    return [{**notice, "at": from_iso(notice["at"]) if notice.get("at") else None} for notice in posted]
