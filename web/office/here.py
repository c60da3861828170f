"""The office that this application serves and who is asking, for its views."""

from __future__ import annotations

from datetime import date, datetime

from flask import current_app
from flask_login import current_user
from wtforms.fields.choices import SelectChoice

from sync.office.office import Office
from sync.office.values import Scope, Unit, User

EXTENSION = "gatehouse-office"


def office() -> Office:
    found: Office = current_app.extensions[EXTENSION]
    return found


def user() -> User:
    """Who is signed in; only for views behind `sessions.require`."""
    found: User = current_user.user
    return found


def scope() -> Scope:
    """The branch of units that whoever is signed in may see."""
    return user().scope


def community_choices() -> list[SelectChoice]:
    """The communities of one's branch, for a select field."""
    return [SelectChoice(unit.id, unit.name) for unit in communities()]


def communities() -> tuple[Unit, ...]:
    return office().units.communities(scope())


def now() -> datetime:
    return office().now()


def today() -> date:
    """The office's own day."""
    return now().astimezone(office().settings.zone).date()
