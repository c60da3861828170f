"""Puts the street office's screens into an application."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, Response, g, jsonify
from flask_login import current_user

from sync.office.office import Office
from sync.office.values import EVERYTHING
from web.office import (
    account,
    alerts,
    audit,
    bundle,
    courier,
    days,
    declarations,
    entries,
    errors,
    gates,
    here,
    lists,
    notices,
    overrides,
    overview,
    passes,
    policy,
    policy_edit,
    policy_trial,
    retention,
    retention_person,
    sessions,
    show,
    standing,
    trouble,
    trust,
    users,
)
from web.phone.household import blueprint as household
from web.phone.views import blueprint as phone

SUBJECTS = (
    account,
    overview,
    entries,
    days,
    alerts,
    overrides,
    gates,
    standing,
    passes,
    policy,
    policy_edit,
    policy_trial,
    lists,
    declarations,
    notices,
    trust,
    bundle,
    courier,
    trouble,
    retention,
    retention_person,
    users,
    audit,
)

blueprint = Blueprint("site", __name__, template_folder="templates")


def register(app: Flask, office: Office) -> None:
    """The pages of `office`, closed to whoever is not signed in (sessions.py names the exceptions)."""
    app.extensions[here.EXTENSION] = office
    sessions.install(app)
    show.install(app)
    errors.install(app)
    account.limiter.init_app(app)
    app.register_blueprint(blueprint)
    for subject in SUBJECTS:
        app.register_blueprint(subject.blueprint)
    app.register_blueprint(phone)
    app.register_blueprint(household)


@blueprint.get("/healthz")
def health() -> Response:
    """For a watchdog: 200 while the database answers; otherwise the fault is a 500."""
    here.office().units.communities(EVERYTHING)
    return jsonify({"ok": True})


@blueprint.app_context_processor
def frame() -> dict[str, Any]:
    """What every page's frame shows: the office, who is signed in, how many alerts wait, whether data is for show."""
    office = here.office()
    if g.get("broken") or not current_user.is_authenticated:
        return {"office_name": office.settings.name, "user": None}
    at = here.now()
    waiting, overdue = office.alerts.waiting(here.scope(), at)
    return {
        "office_name": office.settings.name,
        "user": here.user(),
        "now": at,
        "today": here.today(),
        "waiting": waiting,
        "overdue": overdue,
        "demo": any(unit.demo for unit in here.communities()) or any(g.demo for g in office.gates.list(here.scope())),
    }
