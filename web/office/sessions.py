"""Who is signed in, for how long, and what they may open.

Everything is closed unless it is listed in OPEN. Half an hour without a request ends a session, and so do twelve hours
in any case; a page that refreshes itself (`quiet`) does not count as somebody being there.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Flask, abort, current_app, redirect, request, session, url_for
from flask.sessions import SecureCookieSessionInterface
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from werkzeug.wrappers import Response

from sync.office.values import User
from web.office.here import now, office, user

IDLE_S = 30 * 60
LONGEST_S = 12 * 3600
CODE_S = 5 * 60  # between the password and the second factor

OPEN = {"static", "site.health", "account.login", "account.code", "phone.page", "phone.shown"}
FOR_RESIDENTS = {"household"}  # its views ask for the household's own link
BEFORE_CHANGE = {"account.password", "account.logout"}  # all that somebody with a first password may open


class Staff(UserMixin):  # type: ignore[misc]  # flask_login carries no types
    """A user of the office as Flask-Login wants it."""

    def __init__(self, user: User) -> None:
        self.user = user

    def get_id(self) -> str:
        return self.user.id


class _Cookies(SecureCookieSessionInterface):
    """The office does not know whether a proxy in front speaks https: each request tells."""

    def get_cookie_secure(self, app: Flask) -> bool:
        return request.is_secure or super().get_cookie_secure(app)


def install(app: Flask) -> None:
    app.session_interface = _Cookies()
    manager = LoginManager()
    manager.init_app(app, add_context_processor=False)  # a page about a broken database asks it for nobody
    manager.session_protection = "strong"
    manager.user_loader(_load)
    app.before_request(require)


def quiet(view: Callable[..., Any]) -> Callable[..., Any]:
    """Marks a view that pages call by themselves. Put it under the route."""
    view.__dict__["quiet"] = True
    return view


def admins_only(view: Callable[..., Any]) -> Callable[..., Any]:
    """Marks a view for administrators. Put it under the route."""
    view.__dict__["admins_only"] = True
    return view


def whole_office_only(view: Callable[..., Any]) -> Callable[..., Any]:
    """Marks a view for administrators of the whole tree, not of a branch. Put it under the route."""
    view.__dict__["whole_office_only"] = True
    return view


def require() -> Response | None:
    """Before each request: the way to the log-in page, 401 for a script, 403 for a clerk among administrators."""
    if request.endpoint in OPEN or request.blueprint in FOR_RESIDENTS or request.path.startswith("/api/"):
        return None
    ended = _ended()
    if ended or not current_user.is_authenticated:
        leave()
        return _to_login(ended)
    if user().must_change and request.endpoint not in BEFORE_CHANGE:
        return redirect(url_for("account.password"))
    view = current_app.view_functions.get(request.endpoint or "")
    if not _may_open(view):
        abort(403)
    if not getattr(view, "quiet", False):
        session["seen"] = _seconds(now())
    return None


def may_manage_office() -> bool:
    """Whether whoever is signed in administers the whole tree."""
    return user().is_admin and user().scope.unit is None


def enter(somebody: User) -> None:
    """Begin a session, whatever stood in the one before."""
    session.clear()
    session["since"] = session["seen"] = _seconds(now())
    login_user(Staff(somebody))


def leave() -> None:
    logout_user()
    session.clear()


def await_code(somebody: User) -> None:
    """The password was right; the second factor is still to come."""
    session.clear()
    session["awaiting"] = {"user": somebody.id, "since": _seconds(now())}


def awaited() -> User | None:
    """Whose second factor this session waits for, as long as it does."""
    waiting = session.get("awaiting")
    if waiting is None or _seconds(now()) - waiting["since"] > CODE_S:
        return None
    return office().users.get(waiting["user"])


def _load(user_id: str) -> Staff | None:
    found = office().users.get(user_id)
    return None if found is None else Staff(found)


def _may_open(view: Any) -> bool:
    if getattr(view, "whole_office_only", False):
        return may_manage_office()
    return user().is_admin or not getattr(view, "admins_only", False)


def _ended() -> bool:
    """Whether a session is there that has lasted too long, or has been left alone too long."""
    if "seen" not in session:
        return False
    at = _seconds(now())
    return bool(at - session["seen"] > IDLE_S or at - session["since"] > LONGEST_S)


def _to_login(ended: bool) -> Response:
    view = current_app.view_functions.get(request.endpoint or "")
    if getattr(view, "quiet", False) or request.method == "POST":
        abort(401)
    wish = request.full_path.rstrip("?") if request.endpoint else None
    return redirect(url_for("account.login", next=wish if wish != "/" else None, ended=1 if ended else None))


def _seconds(at: datetime) -> int:
    return int(at.timestamp())
