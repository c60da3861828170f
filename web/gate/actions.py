"""What a volunteer does on the console: each action is one call of the gate, answered with the screen after it.

Actions on a visit name it, so that a second click or a late one touches no other person; those that begin a visit carry
a ticket that counts once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, Response, abort, jsonify, request

from kiosk.model import Direction, Method, Presentation, Reading
from web import forms
from web.gate import answering, counting, declared, gathering, overriding, photos, telling, waiting
from web.gate.answering import REASONS, shown
from web.serving import gate, lane_or_404, serving, today, typed, utc_now

KEYPAD = "keypad"

Action = Callable[..., Response | tuple[Response, int]]


def register(blueprint: Blueprint) -> None:
    """Add every action to the console's blueprint."""
    for rule, action in ACTIONS.items():
        blueprint.add_url_rule(rule, view_func=action, methods=["POST"])
    for subject in (counting, declared, gathering, overriding, telling, waiting):
        for rule, action in subject.ACTIONS.items():
            name = f"{subject.__name__.rpartition('.')[2]}_{action.__name__}"
            blueprint.add_url_rule(rule, name, view_func=action, methods=["POST"])
    answering.register(blueprint)


def scan(lane: str) -> Response:
    """A code from a handheld scanner: `{text, ticket}`."""
    body = typed()
    text = forms.scanned(str(body.get("text", "")))
    return _present(lane, Presentation(Method.SCANNER, utc_now(), text, demo=gate().demo), body)


def photo(lane: str) -> Response:
    """A photo of a code, as a form: the file `photo`, and `ticket`."""
    lane_or_404(lane)
    symbol = photos.code_in(request.files.get("photo"))
    presentation = Presentation(
        Method.UPLOAD,
        utc_now(),
        forms.scanned(symbol.text),
        symbol.colour,
        demo=gate().demo,
        colour_confidence=symbol.colour_confidence,
    )
    return _present(lane, presentation, request.form)


def register_person(lane: str) -> Response:
    """Somebody without a code: `{name, id_number, phone, household, pass_number, declaration, unreadable, age,
    ticket}`.

    `unreadable` is the volunteer's word that the document shows this number, though its check fails. In a party a
    child's name and age will do.
    """
    body = typed()
    together = gate().checkpoint.view(lane_or_404(lane).name).party
    person = (forms.child(body, today()) if together else None) or forms.registration(body, today())
    if person.declaration:
        declared.usable(person.declaration, lane_or_404(lane).name)
    unreadable = forms.unreadable(person, today())
    presentation = Presentation(Method.HAND, utc_now(), person=person, demo=gate().demo, unreadable=unreadable)
    return _present(lane, presentation, body)


def answer(lane: str, visit: str) -> Response:
    """`{answers: {question: true or false}}`."""
    answers = typed().get("answers")
    if not isinstance(answers, dict) or not all(isinstance(value, bool) for value in answers.values()):
        abort(400)
    gate().checkpoint.answer(lane_or_404(lane).name, visit, answers)
    return shown(lane)


def measure(lane: str, visit: str) -> Response:
    """`{celsius: "36.5", grade: "screening"|"clinical"}`, from the keypad; a forehead gun only suspects."""
    body = typed()
    grade = "clinical" if body.get("grade") == "clinical" else "screening"
    reading = Reading(forms.celsius(str(body.get("celsius", ""))), utc_now(), KEYPAD, grade=grade)
    gate().checkpoint.measure(lane_or_404(lane).name, reading, visit)
    return shown(lane)


def without_reading(lane: str, visit: str) -> Response:
    gate().checkpoint.without_reading(lane_or_404(lane).name, visit)
    return shown(lane)


def cancel(lane: str, visit: str) -> Response:
    """`{why: "left"|"mistake"|"device"|"other"}`."""
    why = typed().get("why")
    if why not in REASONS:
        raise forms.Refused.because("why", "请选择原因", "Choose a reason")
    gate().checkpoint.cancel(lane_or_404(lane).name, visit, why)
    return shown(lane)


def turn(lane: str) -> Response:
    """`{direction: "in"|"out"}`."""
    wish = typed().get("direction")
    if wish not in {direction.value for direction in Direction}:
        abort(400)
    gate().checkpoint.turn(lane_or_404(lane).name, Direction(wish))
    return shown(lane)


def dismiss(lane: str) -> Response:
    """The volunteer goes to the tablet that called."""
    gate().dismiss(lane_or_404(lane).name)
    return shown(lane, "summons")


def sync() -> Response:
    """Pressed twice it is one wish; what becomes of it comes with the status."""
    gate().sync_now()
    gate().publish_status()
    return jsonify({})


def new_pairing() -> Response:
    """A code with which one tablet may be paired."""
    return jsonify({"code": serving().pairing.new_code()})


ACTIONS: dict[str, Action] = {
    "/lanes/<lane>/scan": scan,
    "/lanes/<lane>/photo": photo,
    "/lanes/<lane>/register": register_person,
    "/lanes/<lane>/visits/<visit>/answers": answer,
    "/lanes/<lane>/visits/<visit>/reading": measure,
    "/lanes/<lane>/visits/<visit>/no-reading": without_reading,
    "/lanes/<lane>/visits/<visit>/cancel": cancel,
    "/lanes/<lane>/direction": turn,
    "/lanes/<lane>/summons/dismiss": dismiss,
    "/sync": sync,
    "/pairing": new_pairing,
}


def _present(lane: str, presentation: Presentation, body: Mapping[str, Any]) -> Response:
    name = lane_or_404(lane).name
    if gate().enrolling.takes(presentation.text):
        gate().enrolling.shown(name, presentation.text)
        return shown(lane, "status")
    if serving().once.first(str(body.get("ticket", ""))[:64]):
        gate().checkpoint.present(name, presentation)
    return shown(lane)
