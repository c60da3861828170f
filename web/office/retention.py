"""保存期限: for how long people can be read, which days are held, and the certificates of what was destroyed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse
from wtforms import DateField, SelectField
from wtforms.validators import InputRequired

from sync.office.errors import Refused
from web.office.filters import page_number
from web.office.forms import Line, Plain
from web.office.here import community_choices, office, scope, user
from web.office.sessions import admins_only

blueprint = Blueprint("retention", __name__, url_prefix="/retention")

Page = str | AnyResponse | tuple[str, int]
SOON = 14  # days that are shown before their time is over


class HoldForm(FlaskForm):  # type: ignore[misc]
    community = SelectField(_("社区"))
    first = DateField(_("从"), [InputRequired(_("此项必填"))])
    last = DateField(_("到（含）"), [InputRequired(_("此项必填"))])
    why = Line(_("原因"), 200)


@blueprint.get("")
def page() -> str:
    return _page(_hold_form())


@blueprint.post("/holds")
@admins_only
def hold() -> Page:
    form = _hold_form()
    if not form.validate_on_submit():
        return _page(form), 422
    try:
        office().retention.holds.hold(
            form.community.data, form.first.data, form.last.data, form.why.data, scope(), who=user().login
        )
    except Refused:
        flash(gettext("最后一天早于第一天，没有保存"), "error")
    else:
        flash(gettext("已暂缓销毁，到解除为止"), "good")
    return redirect(url_for(".page"))


@blueprint.post("/holds/<hold_id>/release")
@admins_only
def release(hold_id: str) -> AnyResponse:
    office().retention.holds.release(hold_id, scope(), who=user().login)
    flash(gettext("已解除，到期的日子将在下次运行时销毁"), "good")
    return redirect(url_for(".page"))


@blueprint.get("/certificates/<int:number>")
def certificate(number: int) -> str:
    """One certificate, to print."""
    return render_template(
        "office/retention/certificate.html", one=office().retention.certificates.get(number, scope())
    )


@blueprint.get("/certificates.jsonl")
@admins_only
def export() -> Response:
    """The signed statements, one a line: nobody is named in them."""

    def lines() -> Iterator[str]:
        for one in office().retention.certificates.all(scope()):
            said = {"said": one.said, "digest": one.digest, "signature": one.signature}
            yield json.dumps(said, ensure_ascii=False) + "\n"

    named = {"Content-Disposition": 'attachment; filename="certificates.jsonl"'}
    return Response("".join(lines()), mimetype="application/x-ndjson", headers=named)


def _page(form: HoldForm) -> str:
    retention = office().retention
    days = retention.readable(scope())
    return render_template(
        "office/retention/page.html",
        status=retention.status(scope()),
        soon=days[:SOON],
        holds=retention.holds.list(scope()),
        rows=retention.certificates.page(scope(), page_number(request.args.get("page")), 20),
        requests=office().erasures.list(scope()) if user().is_admin else (),
        form=form,
        plain=Plain(formdata=None),
    )


def _hold_form() -> Any:
    form = HoldForm()
    form.community.choices = community_choices()
    return form
