"""What every action of the console answers with: the screen after it, or what was wrong in both languages."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from kiosk.checkpoint import Refusal
from kiosk.checkpoint.desk import NO_RECORD
from kiosk.errors import JournalError
from kiosk.model import ImplausibleReading, Saying
from web import forms
from web.gate.screen import Screen
from web.serving import lane_or_404, serving

REASONS = {"left", "mistake", "device", "other"}  # for breaking a visit off

Answer = tuple[Response, int]


def shown(lane: str, *topics: str) -> Response:
    """The console of this lane after an action."""
    return jsonify(Screen(serving(), lane_or_404(lane)).update(frozenset(topics or ("lane",))))


def register(blueprint: Blueprint) -> None:
    """Say what was wrong in words."""
    blueprint.register_error_handler(forms.Refused, lambda error: problems(error.problems))
    blueprint.register_error_handler(Refusal, lambda error: problems({error.field: error.say}))
    blueprint.register_error_handler(ImplausibleReading, _implausible)
    blueprint.register_error_handler(JournalError, lambda _: problems({"": NO_RECORD}))


def problems(found: dict[str, Saying]) -> Answer:
    """422: what is wrong with which field."""
    return jsonify({"problems": {field: {"zh": say.zh, "en": say.en} for field, say in found.items()}}), 422


def _implausible(error: ImplausibleReading) -> Answer:
    return problems({"celsius": Saying(error.zh, error.en)})
