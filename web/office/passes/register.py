"""The register: every pass that was issued, found by name, household or number; one of them; issued anew; revoked."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from sync.office.errors import NotFound, Refused
from sync.office.passes.wanted import Unissuable
from sync.office.values import Pass, PassFilter
from web.office import labels
from web.office.filters import page_number
from web.office.forms import Find, Plain, Reissue, Revoke, RevokeHousehold
from web.office.here import communities, community_choices, office, scope, user
from web.office.passes.blueprint import Page, blueprint, put_problems

FIND = "pass_find"  # in the session: a name does not belong in an address
FILTERS = ("state", "kind", "medium", "community")
STATES = ("valid", "expired", "revoked")


@blueprint.get("")
def page() -> str:
    """The list, filtered by the address and by the words of the last search."""
    form = Find(formdata=None, words=session.get(FIND, ""))
    wanted = _wanted(form.words.data)
    rows = office().passes.list(scope(), page_number(request.args.get("page")), wanted=wanted)
    lists = office().batches.list(scope(), 5)
    return render_template(
        "office/passes.html", rows=rows, wanted=wanted, form=form, communities=communities(), lists=lists, states=STATES
    )


@blueprint.post("/find")
def find() -> Response:
    """Remembers the words in the session, for the list."""
    form = Find()
    session[FIND] = (form.words.data or "")[:60] if form.validate_on_submit() else ""
    kept: dict[str, Any] = {key: value for key, value in request.args.items() if key in FILTERS}
    return redirect(url_for(".page", **kept))


@blueprint.get("/<serial>")
def one(serial: str) -> str:
    """One pass, masked, with what was done with it and what can be."""
    row = office().passes.get(serial, scope())
    after = office().passes.replaced_by(serial, scope())
    before = _there(row.replaces)
    return render_template("office/pass.html", row=row, before=before, after=after, plain=Plain())


@blueprint.route("/<serial>/reissue", methods=["GET", "POST"])
def reissue(serial: str) -> Page:
    """The same person, a new serial; the old pass is revoked with the reason."""
    form = Reissue()
    form.medium.choices = labels.choices("medium")
    row = office().passes.get(serial, scope())
    if form.validate_on_submit():
        try:
            new = office().passes.reissue(
                serial, form.why.data, scope(), who=user().login, medium=form.medium.data, days=form.days.data
            )
        except Unissuable as error:
            put_problems(form, error.problems)
        except Refused:
            form.days.errors = [_("这张证已过期或已换发过：过期的请填有效天数，换发过的请换发新的那一张")]
        else:
            flash(_("%(name)s 的出入证已换发，旧证作废", name=row.name), "good")
            return redirect(url_for(".one", serial=new.serial))
    elif not form.is_submitted():
        form.medium.data = row.medium or "paper"
    return render_template("office/pass_reissue.html", row=row, form=form), 422 if form.is_submitted() else 200


@blueprint.route("/<serial>/revoke", methods=["GET", "POST"])
def revoke(serial: str) -> Page:
    """Asks once more, then revokes; gates hear of it with the next sync."""
    form = Revoke()
    if form.validate_on_submit():
        gone = office().passes.revoke(serial, scope(), who=user().login, why=form.why.data)
        flash(_("%(name)s 的出入证已作废", name=gone.name), "good")
        return redirect(url_for(".page"))
    row = office().passes.get(serial, scope())
    return render_template("office/pass_revoke.html", row=row, form=form), 422 if form.is_submitted() else 200


@blueprint.route("/revoke-household", methods=["GET", "POST"])
def revoke_household() -> Page:
    """All valid passes of one household, when it moves away or loses them."""
    form = RevokeHousehold()
    form.community.choices = community_choices()
    if form.validate_on_submit():
        try:
            count = office().passes.revoke_household(
                form.community.data, form.household.data, scope(), who=user().login, why=form.why.data
            )
        except NotFound:
            form.household.errors = [_("这一户没有有效的出入证")]
        else:
            flash(_("已作废 %(count)s 张出入证", count=count), "good")
            return redirect(url_for(".page"))
    return render_template("office/pass_revoke_household.html", form=form), 422 if form.is_submitted() else 200


def _wanted(words: str) -> PassFilter:
    given = {name: request.args.get(name, "") for name in FILTERS}
    return PassFilter(
        words=words,
        state=given["state"] if given["state"] in STATES else "",
        kind=given["kind"][:20],
        medium=given["medium"][:20],
        community=given["community"][:64] or None,
        batch=request.args.get("batch", "")[:64] or None,
    )


def _there(serial: str | None) -> Pass | None:
    """Another pass, where it lies within the reader's branch."""
    try:
        return office().passes.get(serial, scope()) if serial else None
    except NotFound:
        return None
