"""What people read when something cannot be done: both languages, and whatever they typed is still there."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Flask, Response, current_app, g, redirect, render_template, request, url_for
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from sync.office.errors import NotFound, OfficeError
from web import setup
from web.office import sessions

WORDS: Mapping[int, tuple[str, str]] = {
    400: ("请求有误，请检查后再试", "The request is not understood; please check it"),
    401: ("请先登录", "Please log in"),
    403: ("没有权限：此页只对管理员开放", "Not permitted: this page is for administrators"),
    404: ("没有这个页面，或不在您的管辖范围内", "No such page, or it lies outside your area"),
    405: ("不支持这种操作", "This is not supported here"),
    409: ("数据已被他人改动，请刷新后再试", "Somebody changed this meanwhile; please reload"),
    413: ("内容太大", "Too large"),
    422: ("内容不符合要求，请检查", "This cannot be taken as it is; please check it"),
    429: ("操作太频繁，请一分钟后再试", "Too many attempts; please try again in a minute"),
    500: ("系统出错，已记入日志", "Something went wrong; it is in the log"),
    503: ("服务暂不可用，请稍后再试", "Not available just now; please try again later"),
}
HIDDEN = ("csrf_token", "password", "old", "new", "again", "code", "number")  # never written back into a page


def install(app: Flask) -> None:
    app.register_error_handler(CSRFError, _stale)
    app.register_error_handler(OfficeError, _refused)
    app.register_error_handler(HTTPException, _known)
    app.register_error_handler(OperationalError, _no_database)
    app.register_error_handler(Exception, _unforeseen)


def fault(status: int, detail: str = "") -> AnyResponse:
    """The page (JSON for a script) for `status`; `detail` says more, in one language."""
    zh, en = WORDS.get(status, WORDS[500] if status >= 500 else WORDS[400])
    if setup.wants_json():
        return setup.fault(status, f"{zh} {en}")
    g.broken = status >= 500  # the frame then asks the database nothing
    resident = request.blueprint in sessions.FOR_RESIDENTS
    template = "phone/fault.html" if resident else "office/error.html"
    page = render_template(template, status=status, zh=zh, en=en, detail=detail)
    return Response(page, status)


def _stale(_: CSRFError) -> AnyResponse:
    if request.blueprint in sessions.FOR_RESIDENTS:
        return fault(400)
    if request.endpoint in sessions.OPEN:
        return redirect(url_for("account.login", ended=1))
    return _keep_typed(400) if current_user.is_authenticated else _keep_typed(401)


def _refused(error: OfficeError) -> AnyResponse:
    return fault(404) if isinstance(error, NotFound) else fault(422, str(error))


def _known(error: HTTPException) -> AnyResponse:
    if error.response is not None:
        return error.get_response()
    status = error.code or 500
    if status == 401 and request.method == "POST":
        return _keep_typed(401)
    answer = fault(status)
    kept = {"Allow", "Retry-After"}
    answer.headers.extend([(name, value) for name, value in error.get_headers() if name in kept])
    return answer


def _no_database(error: OperationalError) -> AnyResponse:
    current_app.logger.error("no database in %s: %s", request.endpoint, error.orig)
    answer = fault(503)
    answer.headers["Retry-After"] = "5"
    return answer


def _unforeseen(error: Exception) -> AnyResponse:
    current_app.logger.error("unforeseen fault in %s", request.endpoint, exc_info=error)
    return fault(500)


def _keep_typed(status: int) -> AnyResponse:
    """The form came too late: the page or the log-in had expired. Shows what was typed, to be sent once more.

    Only what our own page sent is shown, so that no other site can put words into our form.
    """
    if setup.wants_json() or request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        return fault(status)
    typed = [(name, value) for name, value in request.form.items(multi=True) if name not in HIDDEN]
    return Response(render_template("office/stale.html", status=status, typed=typed), status)
