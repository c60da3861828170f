"""The tablet's pages and calls. No sign-on: a tablet has to be paired, or be the gate's own screen."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from kiosk.model import Holder, LaneInfo, Method, Presentation
from web import forms, live
from web.gate.answering import problems
from web.serving import gate, lane_or_404, scanner_keys, serving, today, typed, utc_now
from web.setup import fault, uses_camera, wants_json
from web.tablet import codes
from web.tablet.codes import Seen
from web.tablet.pairing import COOKIE, COOKIE_LIFE
from web.tablet.screen import TabletScreen

blueprint = Blueprint("tablet", __name__, template_folder="templates", url_prefix="/tablet")
OPEN = {"tablet.start", "tablet.pair"}
WHYS = {"left", "timeout"}
CALLS = {"measure", "several"}
FORMATS = {  # as zxing in the browser names them; its "QRCode" would be Micro QR, too
    "qr": "QRCodeModel1 QRCodeModel2",
    "micro-qr": "MicroQRCode",
    "aztec": "Aztec",
    "data-matrix": "DataMatrix",
}


@blueprint.before_request
def require_pairing() -> AnyResponse | None:
    if request.endpoint in OPEN or serving().pairing.admits(request):
        return None
    if wants_json():
        return fault(403, gettext("这台平板还没有配对"))
    return redirect(url_for("tablet.start"))


@blueprint.errorhandler(forms.Refused)
def refused(error: forms.Refused) -> tuple[Response, int]:
    return problems(error.problems)


@blueprint.get("/")
def start() -> AnyResponse | str:
    """Pairing, then the choice of a lane; where residents check in alone at one only, straight to it."""
    if not serving().pairing.admits(request):
        return render_template("tablet/pair.html", wrong=False)
    lanes = [lane for lane in gate().lanes if lane.alone]
    if len(lanes) == 1:
        return redirect(url_for("tablet.check_in", lane=lanes[0].name))
    return render_template("tablet/lanes.html", lanes=lanes)


@blueprint.post("/pair")
def pair() -> AnyResponse | tuple[str, int]:
    """The code that the volunteer reads out."""
    cookie = serving().pairing.redeem(forms.digits(request.form.get("code", "")))
    if cookie is None:
        return render_template("tablet/pair.html", wrong=True), 422
    answer = redirect(url_for("tablet.start"))
    life = int(COOKIE_LIFE.total_seconds())
    answer.set_cookie(COOKIE, cookie, max_age=life, httponly=True, samesite="Strict", secure=request.is_secure)
    return answer


@blueprint.get("/<lane>")
@uses_camera
def check_in(lane: str) -> str:
    """The tablet's one page."""
    place = _lane(lane)
    return render_template(
        "tablet/check_in.html",
        lane=place,
        screen=_screen(lane).update(live.TOPICS),
        formats=[FORMATS[symbology] for symbology in gate().settings.camera.symbologies],
        scanner_keys=scanner_keys(place),
    )


@blueprint.get("/<lane>/events")
def events(lane: str) -> Response:
    return live.stream(gate().hub, _screen(lane).update, welcome=lambda: serving().pairing.admits(request))


@blueprint.post("/<lane>/scan")
def scan(lane: str) -> Response:
    """What the tablet's camera has in view, nearest the middle first: `{codes: [{text, swatch}, …], ticket}`; or what a
    scanner typed: `{text, ticket, by: "scanner"}`. Two health codes at once are a 422 about `several`."""
    body = typed()
    method = Method.SCANNER if body.get("by") == "scanner" else Method.TABLET
    return _present(lane, method, codes.meant(body))


@blueprint.post("/<lane>/identify")
def identify(lane: str) -> Response:
    """A phone, ID, passport or pass number: `{number, ticket}`."""
    return _present(lane, Method.TABLET, person=forms.identity(str(typed().get("number", "")), today()))


@blueprint.post("/<lane>/visits/<visit>/answers")
def answer(lane: str, visit: str) -> Response:
    """`{answers: {question: true or false}}`."""
    answers = typed().get("answers")
    if not isinstance(answers, dict) or not all(isinstance(value, bool) for value in answers.values()):
        abort(400)
    gate().checkpoint.answer(_lane(lane).name, visit, answers)
    return _shown(lane)


@blueprint.post("/<lane>/visits/<visit>/stays")
def stayed(lane: str, visit: str) -> Response:
    """`{stays: [{region, ago}]}`: the risk regions somebody was in, none for nowhere."""
    gate().checkpoint.stayed(_lane(lane).name, visit, forms.stays(typed().get("stays"), today()))
    return _shown(lane)


@blueprint.post("/<lane>/visits/<visit>/cancel")
def cancel(lane: str, visit: str) -> Response:
    """`{why: "left"|"timeout"}`: the resident went away."""
    why = typed().get("why")
    gate().checkpoint.cancel(_lane(lane).name, visit, why if why in WHYS else "left")
    return _shown(lane)


@blueprint.post("/<lane>/help")
def ask_for_help(lane: str) -> Response:
    """`{why: "measure"|"several"|"help"}`: calls the volunteer."""
    why = typed().get("why")
    gate().summon(_lane(lane).name, why if why in CALLS else "help")
    return _shown(lane)


def _present(lane: str, method: Method, seen: Seen | None = None, *, person: Holder | None = None) -> Response:
    place = _lane(lane)
    if seen and gate().enrolling.takes(seen.text):  # whoever stands at a tablet enrols no gate
        raise forms.Refused.because(
            "text", "这是门岗注册码，不是健康码", "This is a gate's enrolment code, not a health code"
        )
    if serving().once.first(str(typed().get("ticket", ""))[:64]):
        seen = seen or Seen("")
        presentation = Presentation(
            method,
            utc_now(),
            seen.text,
            seen.colour,
            person=person or Holder(),
            demo=gate().demo,
            colour_confidence=seen.confidence,
        )
        gate().checkpoint.present(place.name, presentation)
    return _shown(lane)


def _shown(lane: str) -> Response:
    body: dict[str, Any] = _screen(lane).update(live.TOPICS)
    return jsonify(body)


def _screen(lane: str) -> TabletScreen:
    return TabletScreen(serving(), _lane(lane))


def _lane(name: str) -> LaneInfo:
    """A lane where residents check in alone; 404 for any other."""
    lane = lane_or_404(name)
    return lane if lane.alone else abort(404)
