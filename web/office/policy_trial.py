"""试运行: a draft on the passages of the past; how far it is, what it would change, and each change opened."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from kiosk.errors import PolicyError
from kiosk.model import from_iso
from sync.office.policy.values import Trial
from web.office import live
from web.office import policy_show as shown
from web.office.filters import page_number
from web.office.forms import Plain
from web.office.here import office, scope, user
from web.office.policy_forms import Days
from web.office.sessions import quiet

blueprint = Blueprint("policy_trial", __name__, url_prefix="/policy")

Page = str | AnyResponse | tuple[str, int]


@blueprint.get("/<version_id>/trial")
def page(version_id: str) -> str:
    version = office().policies.get(version_id, scope())
    last = office().trials.latest(version_id, scope())
    return render_template(
        "office/policy_trial.html", days=Days(formdata=None), **shown.page(version), **_content(last)
    )


@blueprint.post("/<version_id>/trial")
def begin(version_id: str) -> Page:
    """Begins a run; a second click finds the one that is under way."""
    form = Days()
    if form.validate_on_submit():
        try:
            office().trials.begin(version_id, int(form.days.data), scope(), who=user().login)
        except PolicyError:
            flash(_("策略还有问题，改好后才能试运行"), "error")
    return redirect(url_for(".page", version_id=version_id))


@blueprint.get("/trials/<trial_id>/live")
@quiet
def content(trial_id: str) -> AnyResponse:
    """The run's part of the page, for a page that stays open; 304 while nothing changed."""
    trial = office().trials.get(trial_id, scope())
    return live.unless_known(Response(render_template("office/_policy_trial.html", **shown.words(), **_content(trial))))


@blueprint.post("/trials/<trial_id>/cancel")
def cancel(trial_id: str) -> Page:
    trial = office().trials.get(trial_id, scope())
    office().trials.cancel(trial_id, scope(), who=user().login)
    flash(_("正在停止，已得出的结果会保留"), "good")
    return redirect(url_for(".page", version_id=trial.policy))


@blueprint.get("/trials/<trial_id>/changes")
def changes(trial_id: str) -> str:
    """The passages whose verdict changes, of `gate` and `hour` or of all."""
    trial = office().trials.get(trial_id, scope())
    gate, hour = request.args.get("gate", ""), _hour(request.args.get("hour", ""))
    rows = office().trials.changes(trial_id, scope(), gate=gate, hour=hour, page=page_number(request.args.get("page")))
    gates = {one.id: one.name for one in office().gates.list(scope())}
    version = office().policies.get(trial.policy, scope())
    more = {"trial": trial, "rows": rows, "gates": gates, "hour": hour, "gate": gate, "version": version}
    return render_template("office/policy_changes.html", **more, **shown.words())


@blueprint.get("/trials/<trial_id>/changes/<event_id>")
def change(trial_id: str, event_id: str) -> str:
    """One passage: the verdict and reasons on record beside those of the tried version."""
    trial = office().trials.get(trial_id, scope())
    found = office().trials.change(trial_id, event_id, scope())
    version = office().policies.get(trial.policy, scope())
    entry = office().entries.get(event_id, scope())
    more = {"trial": trial, "change": found, "entry": entry, "version": version}
    return render_template("office/policy_change.html", **more, **shown.words())


def _content(trial: Trial | None) -> dict[str, Any]:
    return {"trial": trial, "table": shown.table(trial) if trial else [], "plain": Plain()}


def _hour(text: str) -> datetime | None:
    try:
        return from_iso(text) if text else None
    except ValueError:
        return None
