"""来访报备: who was announced by households and the office, announcing, calling off; the households' links."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import DateTimeLocalField, SelectField
from wtforms.validators import InputRequired

from sync.office.declarations.wanted import Undeclarable, Wanted
from sync.office.errors import Refused
from web.office import labels
from web.office.filters import page_number
from web.office.forms import Line, Plain
from web.office.here import community_choices, now, office, scope, user
from web.office.lists.blueprint import put_problems

blueprint = Blueprint("declarations", __name__, url_prefix="/declarations")

Page = str | Response | tuple[str, int]
NEEDED = _("此项必填")


class New(FlaskForm):  # type: ignore[misc]
    community = SelectField(_("社区"))
    kind = SelectField(_("类别"))
    name = Line(_("姓名"))
    household = Line(_("到哪一户"), needed=False)
    phone = Line(_("电话"), 20, needed=False)
    id_number = Line(_("证件号码"), 24, needed=False)
    plate = Line(_("车牌"), 12, needed=False)
    begins = DateTimeLocalField(_("从"), [InputRequired(NEEDED)])
    ends = DateTimeLocalField(_("到"), [InputRequired(NEEDED)])
    purpose = Line(_("事由"), 100, needed=False)


class NewLink(FlaskForm):  # type: ignore[misc]
    community = SelectField(_("社区"))
    household = Line(_("住户"))


@blueprint.get("")
def page() -> str:
    """Those that may still be used; with `?all=1` every one."""
    only_open = request.args.get("all") != "1"
    rows = office().declarations.list(scope(), page_number(request.args.get("page")), only_open=only_open)
    return render_template("office/declarations/page.html", rows=rows, only_open=only_open)


@blueprint.route("/new", methods=["GET", "POST"])
def new() -> Page:
    """Announced by the office, for instance by telephone."""
    form = New()
    form.community.choices, form.kind.choices = community_choices(), labels.choices("declaration")
    if form.validate_on_submit():
        try:
            made = office().declarations.declare(form.community.data, _wanted(form), scope(), who=user().login)
        except Undeclarable as error:
            put_problems(form, error.problems)
        else:
            flash(gettext("已报备并下发，请把报备码告诉来人"), "good")
            return redirect(url_for(".one", declaration=made.id))
    elif not form.is_submitted():
        begins = now().astimezone(office().settings.zone).replace(second=0, microsecond=0)
        form.begins.data, form.ends.data = begins, begins + timedelta(days=1)
    return render_template("office/declarations/new.html", form=form), 422 if form.is_submitted() else 200


@blueprint.get("/<declaration>")
def one(declaration: str) -> str:
    row = office().declarations.get(declaration, scope())
    return render_template("office/declarations/one.html", row=row, plain=Plain())


@blueprint.post("/<declaration>/cancel")
def cancel(declaration: str) -> Response:
    row = office().declarations.get(declaration, scope())
    if Plain().validate_on_submit():
        office().declarations.cancel(row, who=user().login)
        flash(gettext("已取消并下发"), "good")
    return redirect(url_for(".one", declaration=row.id))


@blueprint.route("/households", methods=["GET", "POST"])
def households() -> Page:
    """The households' links; a new one is shown once, with its symbol."""
    form = NewLink()
    form.community.choices = community_choices()
    if form.validate_on_submit():
        try:
            link, secret = office().households.make(form.community.data, form.household.data, scope(), who=user().login)
        except Refused:
            form.household.errors = [gettext("请填写住户，例如 3-2-501")]
        else:
            address = f"{url_for('household.page', _external=True)}#{secret}"
            return render_template("office/declarations/link.html", link=link, address=address)
    links = office().households.list(scope())
    content = render_template("office/declarations/households.html", form=form, links=links, plain=Plain(formdata=None))
    return content, 422 if form.is_submitted() else 200


@blueprint.post("/households/<link>/revoke")
def revoke(link: str) -> Response:
    if Plain().validate_on_submit():
        office().households.revoke(link, scope(), who=user().login)
        flash(gettext("链接已收回，立即失效"), "good")
    return redirect(url_for(".households"))


def _wanted(form: New) -> Wanted:
    zone = office().settings.zone
    begins, ends = (field.data.replace(tzinfo=zone) for field in (form.begins, form.ends))
    words: dict[str, Any] = {
        name: form[name].data or "" for name in ("id_number", "phone", "plate", "purpose", "household")
    }
    return Wanted(form.kind.data, form.name.data, begins, ends, **words)
