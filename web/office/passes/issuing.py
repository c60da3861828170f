"""Issuing: to one resident, shown at once for printing or for the phone; or to a household, looked at before."""

from __future__ import annotations

from typing import TypeVar

from flask import redirect, render_template, url_for
from flask_babel import gettext as _

from sync.office.passes.batches import people
from sync.office.passes.wanted import Unissuable, Wanted
from web.office import labels
from web.office.forms import NewHousehold, NewPass, Plain
from web.office.here import community_choices, office, scope, user
from web.office.passes.blueprint import Page, blueprint, first, new_ticket, put_problems
from web.office.passes.papers import address

Form = TypeVar("Form", NewPass, NewHousehold)


@blueprint.route("/new", methods=["GET", "POST"])
def new() -> Page:
    """Issues a pass and shows it for printing, or its link for the phone."""
    form, refused = _prepared(NewPass()), ""
    if form.validate_on_submit():
        if not first(form):
            refused = _("这一张已经签发过了。要再发一张，请改好内容重新提交")
        else:
            return _issued(form)
    if form.is_submitted() or not form.ticket.data:
        new_ticket(form)
    return render_template("office/pass_new.html", form=form, refused=refused), 422 if form.is_submitted() else 200


@blueprint.route("/household", methods=["GET", "POST"])
def household() -> Page:
    """A household's people, one a line: looked at like a list before anything is issued."""
    form = _prepared(NewHousehold())
    if form.validate_on_submit():
        basis = Wanted("", "", form.household.data, "", form.kind.data, form.medium.data, form.days.data)
        lines = people(form.people.data.splitlines(), basis)
        made = office().batches.draft(form.community.data, form.household.data, lines, who=user().login, scope=scope())
        return redirect(url_for(".one_list", batch=made.id))
    return render_template("office/pass_household.html", form=form), 422 if form.is_submitted() else 200


def _prepared(form: Form) -> Form:
    form.community.choices = community_choices()
    form.kind.choices = labels.choices("pass")
    form.medium.choices = labels.choices("medium")
    return form


def _issued(form: NewPass) -> Page:
    try:
        issued = office().passes.issue(
            form.community.data,
            form.name.data,
            form.document.data,
            form.household.data,
            form.kind.data,
            form.days.data,
            medium=form.medium.data,
            phone=form.phone.data,
            who=user().login,
            scope=scope(),
        )
    except Unissuable as error:
        put_problems(form, error.problems)
        new_ticket(form)
        return render_template("office/pass_new.html", form=form, refused=""), 422
    link = office().links.make(issued.serial, scope(), who=user().login) if issued.medium == "phone" else None
    return render_template(
        "office/pass_issued.html",
        issued=issued,
        paper=form.paper.data,
        link=link,
        address=link and address(link),
        plain=Plain(),
    )
