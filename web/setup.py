"""What every Gatehouse web application shares: the look, the two languages, CSRF, security headers, error pages.

    app = setup.make_app("gate", domains=("common", "gate"), secret_key=key, cookie="gatehouse_gate")

Templates find `base.html`, `macros.html` and `icons.html` from `web/components`; a blueprint brings its own folder.
In templates: `_('中文')` is the text in the reader's language, `both('中文')` both languages (the reader's first and
large, the other beside it), `say(zh, en)` the same for words that come from data, `asset('css/x.css')` a file
of `web/static` with its fingerprint, `lang` the reader's language, `at | clock('%H:%M')` a time in the gate's zone,
`(at | ago(now)).zh` a distance.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask import Flask, Response, current_app, g, jsonify, render_template, request, url_for
from flask_babel import Babel, gettext
from flask_wtf.csrf import CSRFError, CSRFProtect
from secure import ContentSecurityPolicy, PermissionsPolicy, ReferrerPolicy, Secure, XContentTypeOptions, XFrameOptions
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from web import times
from web.words import LANGUAGES, Words

WEB = Path(__file__).parent
UTC = ZoneInfo("UTC")
csrf = CSRFProtect()


def make_app(
    name: str,
    *,
    domains: Sequence[str],
    secret_key: bytes,
    cookie: str,
    https: bool = False,
    demo: bool = False,
    zone: ZoneInfo = UTC,
    max_body: int = 64 * 1024,
) -> Flask:
    """An application with everything shared in place and no page of its own.

    `domains` are the message catalogues under `web/translations`; `cookie` names the session's cookie (cookies
    know no ports, so gate and office on one host need different names); `zone` is where its times are shown;
    `max_body` is in bytes; `demo` marks every page 演示/DEMO.
    """
    app = Flask("web", root_path=str(WEB), template_folder="components", static_folder="static")
    app.config.update(
        SECRET_KEY=secret_key,
        SESSION_COOKIE_NAME=cookie,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        SESSION_COOKIE_SECURE=https,
        MAX_CONTENT_LENGTH=max_body,
        WTF_CSRF_TIME_LIMIT=None,  # a console stays open for a whole shift
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_options = {"autoescape": True}
    app.jinja_env.globals.update(asset=asset, demo=demo, application=name, languages=LANGUAGES)
    app.jinja_env.filters.update(ago=times.ago, clock=lambda at, shape="%H:%M:%S": times.local(at, zone, shape))
    csrf.init_app(app)
    _speak(app, domains)
    _guard(app)
    _explain_errors(app)
    return app


def session_key(var: Path) -> bytes:
    """The key that signs sessions, `var/keys/session.key` (mode 0600), made on the first call. Raises OSError."""
    path = var / "keys" / "session.key"
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_bytes()
    with os.fdopen(handle, "wb") as file:
        file.write(os.urandom(32))
    return path.read_bytes()


def asset(path: str) -> str:
    """The address of a file in `web/static`, with a fingerprint so that an upgrade is seen at once."""
    return url_for("static", filename=path, v=_fingerprint(path))


@cache
def _fingerprint(path: str) -> str:
    return hashlib.sha256((WEB / "static" / path).read_bytes()).hexdigest()[:10]


# --- languages


def _speak(app: Flask, domains: Sequence[str]) -> None:
    folder = WEB / "translations"
    app.config.update(
        BABEL_DEFAULT_LOCALE="zh",
        BABEL_DOMAIN=";".join(domains),
        BABEL_TRANSLATION_DIRECTORIES=";".join(str(folder) for _ in domains),  # flask-babel pairs the two lists
    )
    Babel(app, locale_selector=language)
    words = Words(folder, domains)
    app.jinja_env.globals.update(both=lambda text, **values: words.both(language(), text, **values))
    app.jinja_env.globals.update(say=lambda zh, en: words.say(language(), zh, en))
    app.jinja_env.globals.update(language_href=language_href)
    app.context_processor(lambda: {"lang": language()})
    app.after_request(_remember_language)


def language() -> str:
    """The reader's language: `?lang=`, else the cookie, else Chinese."""
    for wish in (request.args.get("lang"), request.cookies.get("lang")):
        if wish in LANGUAGES:
            return wish
    return "zh"


def language_href(lang: str) -> str:
    """This page's own address in another language."""
    return "?" + urlencode(
        [*((key, value) for key, value in request.args.items(multi=True) if key != "lang"), ("lang", lang)]
    )


def _remember_language(response: Response) -> Response:
    if (wish := request.args.get("lang")) in LANGUAGES and wish is not None:
        response.set_cookie("lang", wish, max_age=365 * 86_400, samesite="Lax", httponly=True)
    return response


# --- security headers


def _headers(*, camera: bool) -> dict[str, str]:
    """The headers of every answer; a page with `camera` may open the camera and compile WebAssembly."""
    csp = ContentSecurityPolicy().default_src("'self'").object_src("'none'").base_uri("'none'")
    csp = csp.form_action("'self'").frame_ancestors("'none'").img_src("'self'", "blob:", "data:")
    if camera:
        csp = csp.script_src("'self'", "'wasm-unsafe-eval'").media_src("'self'", "blob:")
    permissions = PermissionsPolicy().camera("self" if camera else "()").microphone("()").geolocation("()").usb("()")
    return dict(
        Secure(
            csp=csp,
            permissions=permissions,
            referrer=ReferrerPolicy().same_origin(),
            xcto=XContentTypeOptions().nosniff(),
            xfo=XFrameOptions().deny(),
        ).headers
    )


def uses_camera(view: Callable[..., Any]) -> Callable[..., Any]:
    """Marks a view whose page opens the browser's camera and runs WebAssembly. Put it under the route."""
    view.__dict__["uses_camera"] = True
    return view


def _guard(app: Flask) -> None:
    plain, camera = _headers(camera=False), _headers(camera=True)

    @app.after_request
    def add_headers(response: Response) -> Response:
        view = current_app.view_functions.get(request.endpoint or "")
        response.headers.update(camera if getattr(view, "uses_camera", False) else plain)
        if request.endpoint != "static":
            response.headers.setdefault("Cache-Control", "no-store")
        elif "v" in request.args:  # the fingerprint of `asset`; anything else is asked for again each time
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


# --- error pages


def wants_json() -> bool:
    """Whether the caller is a script: an `/api/` path or a request that asks for JSON rather than a page."""
    if request.path.startswith("/api/"):
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return best == "application/json"


def _explain_errors(app: Flask) -> None:
    @app.errorhandler(CSRFError)
    def stale_form(_: CSRFError) -> AnyResponse:
        return fault(400, gettext("页面已过期，请刷新后再试"))

    @app.errorhandler(HTTPException)
    def known(error: HTTPException) -> AnyResponse:
        if error.response is not None:
            return error.get_response()
        answer = fault(error.code or 500, _words(error.code or 500))
        if error.code == 405 and (allow := error.get_response().headers.get("Allow")):
            answer.headers["Allow"] = allow
        return answer

    @app.errorhandler(Exception)
    def unforeseen(error: Exception) -> AnyResponse:
        current_app.logger.error("unforeseen fault in %s", request.endpoint, exc_info=error)
        return fault(500, _words(500))


def _words(status: int) -> str:
    known: dict[int, str] = {
        400: gettext("请求有误，请检查后再试"),
        401: gettext("请先登录"),
        403: gettext("没有权限"),
        404: gettext("没有这个页面"),
        405: gettext("不支持这种操作"),
        413: gettext("内容太大"),
        429: gettext("操作太频繁，请稍后再试"),
        503: gettext("服务暂不可用，请稍后再试"),
    }
    return known.get(status) or str(gettext("系统出错，已记入日志"))


def fault(status: int, message: str) -> AnyResponse:
    """An answer that says what is wrong: JSON `{"error", "message"}` for a script, a page for a person."""
    g.fault = status
    if wants_json():
        answer = jsonify({"error": status, "message": message})
    else:
        answer = Response(render_template("error.html", status=status, message=message))
    answer.status_code = status
    return answer
