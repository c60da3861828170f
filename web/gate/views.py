"""The console's pages: sign-on, the one screen, its pictures and its stream. What it does lies in actions.py."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, jsonify, redirect, render_template, request, send_file, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from kiosk.checkpoint.overriding import WHYS
from kiosk.identities import plates
from kiosk.staff import SignOnError
from web import live
from web.gate import actions, duty, health, setup
from web.gate.screen import Screen
from web.serving import gate, lane_or_404, scanner_keys, serving

blueprint = Blueprint("gate", __name__, template_folder="templates")
blueprint.url_value_preprocessor(duty.welcome_photos)
blueprint.before_request(setup.require)
actions.register(blueprint)
health.register(blueprint)
setup.register(blueprint)


@blueprint.get("/")
def console() -> str:
    """The one screen, for the lane that `?lane=` names, else the first."""
    lane = lane_or_404(request.args["lane"]) if "lane" in request.args else gate().lanes[0]
    screen = Screen(serving(), lane).everything()
    keys = scanner_keys(lane)
    return render_template(
        "gate/console.html",
        lane=lane,
        volunteer=duty.on_duty(),
        screen=screen,
        scanner_keys=keys,
        override_whys=WHYS,
        plate_board={"provinces": plates.PROVINCES, "special": plates.SPECIAL},
    )


@blueprint.route("/sign-on", methods=["GET", "POST"])
def sign_on() -> AnyResponse | tuple[str, int] | str:
    """The PIN; 422 with the reason when it is wrong or signing on is locked for a while."""
    if request.method == "GET":
        return _sign_on_page()
    try:
        duty.sign_on(request.form.get("pin", ""))
    except SignOnError as error:
        return _sign_on_page(error), 422
    return redirect(url_for("gate.console"))


def _sign_on_page(error: SignOnError | None = None) -> str:
    return render_template("gate/sign_on.html", error=error, enrolled=gate().identity is not None)


@blueprint.post("/sign-off")
def sign_off() -> AnyResponse:
    duty.sign_off()
    return redirect(url_for("gate.sign_on"))


@blueprint.get("/events")
def events() -> Response:
    """The console's stream for one lane."""
    screen = Screen(serving(), lane_or_404(request.args.get("lane", "")))
    return live.stream(gate().hub, screen.update, welcome=lambda: duty.on_duty() is not None)


@blueprint.get("/lanes/<lane>/picture.jpg")
def picture(lane: str) -> Response:
    """The camera's newest picture, for aiming; 204 while there is none."""
    jpeg = gate().jpeg(lane_or_404(lane).name)
    return Response(jpeg, content_type="image/jpeg") if jpeg else Response(status=204)


@blueprint.get("/healthz", endpoint="health")
def watched() -> tuple[Response, int]:
    """For a watchdog: 200 while passages can be recorded, 503 while not."""
    recording: dict[str, Any] = gate().status()["recording"]
    return jsonify({"recording": recording["ok"]}), 200 if recording["ok"] else 503


@blueprint.get("/ca.crt")
def authority() -> AnyResponse:
    """The gate's own certificate authority, to be installed on tablets; it is public."""
    path = gate().settings.gate.var / "tls" / "ca.pem"
    if not path.exists():
        abort(404, gettext("这台门岗没有自签证书"))
    return send_file(path, mimetype="application/x-x509-ca-cert", as_attachment=True, download_name="gatehouse-ca.crt")
