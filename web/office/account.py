"""Logging in and out, the second factor, the password."""

from __future__ import annotations

from urllib.parse import urlsplit

import pyotp
from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from werkzeug.wrappers import Response

from sync.office.errors import Refused
from sync.office.values import User
from web.office import sessions
from web.office.forms import Again, Code, Login, NewPassword
from web.office.here import now, office, user
from web.office.show import when

ATTEMPTS = "20 per minute"  # per address and worker; what guards an account is the lock-out in the users' store

blueprint = Blueprint("account", __name__)
limiter = Limiter(get_remote_address, storage_uri="memory://")

Page = str | Response | tuple[str, int]


@blueprint.route("/login", methods=["GET", "POST"])
@limiter.limit(ATTEMPTS, methods=["POST"])
def login() -> Page:
    """Login and password; then the second factor where one is enrolled."""
    form = Login()
    if not form.validate_on_submit():
        return _login_page(form)
    somebody = office().users.check(form.login.data, form.password.data, now())
    if somebody is None:
        return _login_page(form, _why_not(form.login.data))
    if somebody.totp:
        sessions.await_code(somebody)
        return redirect(url_for(".code", next=_wish()))
    return _entered(somebody)


@blueprint.route("/login/code", methods=["GET", "POST"])
@limiter.limit(ATTEMPTS, methods=["POST"])
def code() -> Page:
    """The second factor, within five minutes of the password."""
    somebody = sessions.awaited()
    if somebody is None:
        return redirect(url_for(".login", next=_wish()))
    form = Code()
    if not form.validate_on_submit():
        return render_template("office/code.html", form=form, refused=""), 422 if form.is_submitted() else 200
    if not office().users.check_code(somebody, form.code.data, now()):
        return render_template("office/code.html", form=form, refused=_why_no_code(somebody)), 422
    return _entered(somebody)


@blueprint.post("/logout")
def logout() -> Response:
    sessions.leave()
    return redirect(url_for(".login"))


@blueprint.route("/account/password", methods=["GET", "POST"])
def password() -> Page:
    """A new password; the first one has to be changed before anything else opens."""
    form, refused = NewPassword(), ""
    if form.validate_on_submit():
        try:
            office().users.change_password(user(), form.old.data, form.new.data, now())
        except Refused:
            refused = _("现在的密码不对，或账号已锁定")
        else:
            return _renewed()
    bad = refused or form.errors
    return render_template("office/password.html", form=form, refused=refused), 422 if bad else 200


@blueprint.get("/account")
def account() -> str:
    return render_template("office/account.html", form=Again(formdata=None))


@blueprint.post("/account/totp")
def begin_totp() -> Page:
    """A new second factor, as a symbol for an authenticator; it counts once a code of it was seen."""
    form = Again()
    if not form.validate_on_submit() or not _is_me(form):
        return render_template("office/account.html", form=form), 422
    uri = office().users.begin_totp(user())
    return render_template("office/totp.html", form=Code(formdata=None), uri=uri, secret=pyotp.parse_uri(uri).secret)


@blueprint.post("/account/totp/confirm")
def confirm_totp() -> Page:
    form = Code()
    if form.validate_on_submit() and office().users.confirm_totp(user(), form.code.data, now()):
        return redirect(url_for(".account"))
    if not form.code.errors:
        form.code.errors = [_("验证码不对，请等下一个再输入")]
    return render_template("office/totp.html", form=form, uri=None, secret=None), 422


def _is_me(form: Again) -> bool:
    """Whether the password is that of whoever is signed in; a wrong one counts towards the lock."""
    if office().users.check(user().login, form.password.data, now()) is not None:
        return True
    form.password.errors = [_("密码不对，或账号已锁定")]
    return False


def _login_page(form: Login, refused: str = "") -> tuple[str, int]:
    ended = request.args.get("ended") == "1"
    page = render_template("office/login.html", form=form, refused=refused, ended=ended)
    return page, 422 if form.is_submitted() else 200


def _why_not(login: str) -> str:
    locked = office().users.locked_until(login, now())
    if locked is not None:
        return str(_("尝试次数过多，账号锁定至 %(time)s", time=when(locked)))
    return str(_("账号或密码不对"))


def _why_no_code(somebody: User) -> str:
    locked = office().users.locked_until(somebody.login, now())
    if locked is not None:
        sessions.leave()
        return str(_("尝试次数过多，账号锁定至 %(time)s", time=when(locked)))
    return str(_("验证码不对，或已经用过"))


def _entered(somebody: User) -> Response:
    wish = _wish()
    sessions.enter(somebody)
    return redirect(wish or url_for("overview.page"))


def _renewed() -> Response:
    """The session begins anew with the password."""
    renewed = office().users.get(user().id)
    if renewed is not None:
        sessions.enter(renewed)
    return redirect(url_for("overview.page"))


def _wish() -> str | None:
    """Where the way to the log-in page came from, if that is a page of ours."""
    wish = request.args.get("next", "")
    parts = urlsplit(wish)
    if parts.scheme or parts.netloc or not wish.startswith("/") or wish.startswith(("//", "/\\")):
        return None
    return wish
