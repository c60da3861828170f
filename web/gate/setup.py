"""Setting up: how a gate is enrolled from its own screen. It opens by itself at the first start.

Somebody at the kiosk itself may set up a gate that is not enrolled; everybody else signs on first, and a gate that is
enrolled takes another code only once a supervisor has opened it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, Response, jsonify, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from kiosk.codes import enrolment as codes
from kiosk.codes.enrolment import EnrolmentCode
from kiosk.loopback import is_loopback
from kiosk.model import Saying, from_iso
from kiosk.staff import SignOnError
from sync.enrolling import Enrolling, Stage
from web import forms
from web.gate import duty
from web.serving import gate, typed, utc_now

PICTURE_WIDTH = 960


def register(blueprint: Blueprint) -> None:
    """Add the page, what it asks for and what it sends."""
    for rule, (endpoint, view, method) in ROUTES.items():
        blueprint.add_url_rule(rule, endpoint, view, methods=[method])


def page() -> str:
    return render_template("gate/setup.html", camera=_camera() is not None, **_shown())


def now() -> str:
    """What the page shows at this moment, a piece of HTML."""
    return render_template("gate/_setup.html", **_shown())


def picture() -> Response:
    """What the first camera sees; 204 while there is nothing to be held up."""
    camera = _camera()
    waiting = gate().enrolling.progress.stage is Stage.WAITING
    jpeg = gate().jpeg(camera, PICTURE_WIDTH) if camera and waiting else None
    return Response(jpeg, content_type="image/jpeg") if jpeg else Response(status=204)


def later() -> AnyResponse:
    """Work without an office for now."""
    session["setup"] = "later"
    return redirect(url_for("gate.console"))


def code() -> Response:
    """A code that was typed or scanned: `{text}`, or `{url, token, fingerprint}` by hand."""
    body, enrolling = typed(), gate().enrolling
    if text := str(body.get("text", "")).strip():
        saying = enrolling.offer_text(text)
    else:
        saying = _offer_by_hand(enrolling, body)
    return jsonify({"stage": enrolling.progress.stage, "zh": saying.zh, "en": saying.en})


def _offer_by_hand(enrolling: Enrolling, body: Mapping[str, Any]) -> Saying:
    url, token = (str(body.get(name, "")).strip() for name in ("url", "token"))
    if not url:
        raise forms.Refused.because("url", "请输入街道办的地址", "Type the office's address")
    if not token:
        raise forms.Refused.because("token", "请输入注册码", "Type the code")
    try:
        print_ = codes.typed_fingerprint(str(body.get("fingerprint", "")))
    except ValueError as error:
        words = "核对码是 32 位数字和字母 A–F，请核对", "The check is 32 digits and letters A–F: look again"
        raise forms.Refused.because("fingerprint", *words) from error
    return enrolling.offer(EnrolmentCode(url if "://" in url else f"https://{url}", token, print_))


def again() -> Response:
    """Take another code although the gate is enrolled: `{pin}` of a supervisor."""
    try:
        gate().staff.approve(forms.digits(str(typed().get("pin", ""))), utc_now())
    except SignOnError as error:
        raise forms.Refused.because("pin", error.zh, error.en) from error
    gate().enrolling.open_anew()
    return jsonify({})


def stop() -> Response:
    """Give up what is being tried."""
    gate().enrolling.close_again()
    return jsonify({})


def require() -> AnyResponse | None:
    """Before each request of the gate's pages: who may set up does, everybody else signs on first."""
    if request.endpoint in PAGES:
        return None if _may() else duty.require()
    if request.endpoint == "gate.console" and duty.on_duty() is None and _is_first():
        return redirect(url_for("gate.setup"))
    return duty.require()


def _may() -> bool:
    """Whether whoever asks is on duty, or at the kiosk itself. There they may only look once there is an office."""
    if duty.on_duty() is not None:
        return True
    return _is_here() and (gate().identity is None or request.endpoint in ("gate.setup", "gate.setup_now"))


def _is_first() -> bool:
    """Whether setting up comes before everything else: nobody can sign on yet, and there is no office."""
    service = gate()
    wanted = service.identity is None and not service.demo and session.get("setup") != "later"
    return wanted and _is_here() and not service.staff.all()


def _is_here() -> bool:
    return is_loopback(request.remote_addr or "")


def _camera() -> str | None:
    return next(iter(gate().cameras), None)


def _shown() -> dict[str, Any]:
    service, status = gate(), gate().status()
    synced = status["sync"]["last_synced_at"]
    identity = service.identity
    return {
        "progress": service.enrolling.progress,
        "again": service.enrolling.again,
        "identity": identity,
        "fingerprint": codes.grouped(codes.fingerprint(identity.office_key)) if identity else "",
        "sync": status["sync"],
        "synced_at": from_iso(synced) if synced else None,
        "bundle": service.handdown.bundle.version,
        "on_duty": duty.on_duty() is not None,
        "nobody": not service.staff.all(),
        "now": utc_now(),
    }


ROUTES: dict[str, tuple[str, Callable[[], Any], str]] = {
    "/setup": ("setup", page, "GET"),
    "/setup/now": ("setup_now", now, "GET"),
    "/setup/picture.jpg": ("setup_picture", picture, "GET"),
    "/setup/code": ("setup_code", code, "POST"),
    "/setup/again": ("setup_again", again, "POST"),
    "/setup/stop": ("setup_stop", stop, "POST"),
    "/setup/later": ("setup_later", later, "POST"),
}
PAGES = frozenset(f"gate.{endpoint}" for endpoint, _, _ in ROUTES.values())
