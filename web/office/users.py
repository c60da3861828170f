"""用户: who may log in here, as what. For administrators of the whole office."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from sync.office.errors import Refused
from sync.office.values import Scope, Unit
from web.office import labels
from web.office.forms import NewUser, Plain, Role
from web.office.here import office, scope, user
from web.office.sessions import whole_office_only

blueprint = Blueprint("users", __name__, url_prefix="/users")

Page = str | Response | tuple[str, int]


@blueprint.get("")
@whole_office_only
def page() -> str:
    units = {unit.id: unit.name for unit in office().units.tree(scope())}
    return render_template("office/users.html", rows=office().users.list(), units=units, plain=Plain())


@blueprint.route("/new", methods=["GET", "POST"])
@whole_office_only
def new() -> Page:
    """A further user; shows the first password, once."""
    form = _new_form()
    if form.validate_on_submit():
        wish = Scope(form.unit.data or None)
        try:
            password = office().users.add(form.login.data, form.name.data, form.role.data, wish, who=user().login)
        except Refused:
            form.login.errors = [_("已有这个账号")]
        else:
            return render_template("office/user_password.html", login=form.login.data, password=password)
    return render_template("office/user_new.html", form=form), 422 if form.is_submitted() else 200


@blueprint.post("/<login>/password")
@whole_office_only
def password(login: str) -> str:
    """A new first password for somebody who lost theirs; the second factor goes with it."""
    fresh = office().users.reset_password(login, who=user().login)
    return render_template("office/user_password.html", login=login, password=fresh)


@blueprint.post("/<login>/role")
@whole_office_only
def role(login: str) -> Response:
    """Another role for somebody else; an administrator cannot step down alone, so one always remains."""
    form = Role()
    form.role.choices = labels.choices("role")
    if not form.validate_on_submit() or login == user().login:
        abort(422)
    office().users.set_role(login, form.role.data, who=user().login)
    flash(_("%(login)s 现在是%(role)s", login=login, role=labels.label("role", form.role.data)), "good")
    return redirect(url_for(".page"))


def _new_form() -> NewUser:
    form = NewUser()
    form.role.choices = labels.choices("role")
    form.unit.choices = [SelectChoice("", str(_("全部"))), *(_choice(unit) for unit in office().units.tree(scope()))]
    return form


def _choice(unit: Unit) -> SelectChoice:
    return SelectChoice(unit.id, f"{labels.label('unit', unit.level)} · {unit.name}")
