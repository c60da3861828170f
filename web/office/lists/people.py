"""重点人员 and 住户名册: who is on them, one person, putting on, ending, releasing."""

from __future__ import annotations

from dataclasses import fields
from datetime import timedelta
from typing import Any

from flask import flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from sync.office.errors import Refused
from sync.office.lists.people import RELEASABLE
from sync.office.lists.values import ListedFilter
from sync.office.lists.wanted import ROSTER, WATCH, Unlistable, Wanted
from web.office import labels
from web.office.filters import page_number
from web.office.forms import Plain, Reveal
from web.office.here import communities, community_choices, office, scope, user
from web.office.lists.blueprint import Page, blueprint, put_problems
from web.office.lists.forms import NewLiving, NewWatched, Why, Words

FIND = "list_find"  # in the session: a name does not belong in an address
BY_THEMSELVES = ("released", "copied-code")  # categories that follow from something else
REGISTER = "/<any(watch, roster):register>"
NAMES = {field.name for field in fields(Wanted)}


@blueprint.get(REGISTER)
def page(register: str) -> str:
    """The list, filtered by the address and by the words of the last search."""
    form = Words(formdata=None, words=session.get(FIND, ""))
    wanted = ListedFilter(
        register,
        form.words.data,
        request.args.get("why", "")[:30],
        {"past": "past", "all": ""}.get(request.args.get("state", ""), "current"),
        request.args.get("community", "")[:64] or None,
    )
    rows = office().people.list(scope(), page_number(request.args.get("page")), wanted=wanted)
    return render_template(
        "office/lists/people.html",
        register=register, rows=rows, wanted=wanted, form=form, communities=communities(), group=_group(register),
        chosen=labels.LABELS[_group(register)], day_before=timedelta(seconds=1),
    )  # fmt: skip


@blueprint.post(f"{REGISTER}/find")
def find(register: str) -> Response:
    """Remembers the words in the session, for the list."""
    form = Words()
    session[FIND] = (form.words.data or "")[:60] if form.validate_on_submit() else ""
    return redirect(url_for(".page", register=register))


@blueprint.route(f"{REGISTER}/new", methods=["GET", "POST"])
def new(register: str) -> Page:
    """Puts one person on the list; whoever is on it already is brought up to date."""
    form: Any = NewWatched() if register == WATCH else NewLiving()
    chosen = [choice for choice in labels.choices(_group(register)) if choice.value not in BY_THEMSELVES]
    form.community.choices, form.why.choices = community_choices(), chosen
    if register == ROSTER:
        form.special.choices, form.why.label.text = labels.choices("special"), _("身份")
    if form.validate_on_submit():
        given = {field.name: field.data for field in form if field.name in NAMES and field.data}
        try:
            listed, merged = office().people.add(
                register, form.community.data, Wanted(**given), who=user().login, scope=scope()
            )
        except Unlistable as error:
            put_problems(form, error.problems)
        else:
            said = _("名单上已有此人，已合并更新并下发") if merged else _("已加入名单并下发，门岗将立即同步")
            flash(said, "good")
            return redirect(url_for(".one", listed=listed.id))
    return render_template("office/lists/new.html", register=register, form=form), 422 if form.is_submitted() else 200


@blueprint.route("/people/<listed>", methods=["GET", "POST"])
def one(listed: str) -> Page:
    """One person, masked; in clear for whoever gives a reason."""
    form, row = Reveal(), office().people.get(listed, scope())
    clear: dict[str, str] = {}
    if form.validate_on_submit():
        clear = office().people.reveal(listed, form.reason.data, scope(), who=user().login)
    return render_template(
        "office/lists/one.html", row=row, form=form, clear=clear, group=_group(row.register), releasable=RELEASABLE
    )


@blueprint.route("/people/<listed>/end", methods=["GET", "POST"])
def end(listed: str) -> Page:
    """Takes somebody off, with the reason."""
    form, row = Why(), office().people.get(listed, scope())
    if form.validate_on_submit():
        office().people.end(listed, form.why.data, scope(), who=user().login)
        flash(_("已移出名单并下发，门岗将立即同步"), "good")
        return redirect(url_for(".page", register=row.register))
    return render_template("office/lists/end.html", row=row, form=form, group=_group(row.register))


@blueprint.route("/people/<listed>/release", methods=["GET", "POST"])
def release(listed: str) -> Page:
    """解除, after a second look."""
    form, row = Plain(), office().people.get(listed, scope())
    if form.validate_on_submit():
        try:
            office().people.release(listed, scope(), who=user().login)
        except Refused:
            flash(_("这条记录已经结束，或这一类不能解除"), "error")
            return redirect(url_for(".one", listed=listed))
        flash(_("%(name)s 已解除，门岗将立即同步", name=row.name), "good")
        return redirect(url_for(".page", register=WATCH))
    return render_template("office/lists/release.html", row=row, form=form, group=_group(row.register))


def _group(register: str) -> str:
    """The labels of what `why` says in a list."""
    return "watch" if register == WATCH else "living"
