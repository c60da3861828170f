"""The calls of protocol version 1. Each view reads a message, asks the office, and writes its answer."""

from __future__ import annotations

from typing import cast

import msgspec
from flask import Blueprint, Flask, Response, request
from flask.blueprints import BlueprintSetupState
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from werkzeug.exceptions import BadRequest, NotFound
from werkzeug.wrappers import Response as AnyResponse

from sync import protocol
from sync.office.office import Office
from web.api import guard, openapi
from web.api.problems import explain

ENROLL_LIMIT = "10 per minute"  # per address; a token is one of 2^100 or more, this only keeps the log readable
ENROLL_BYTES = 8 * 1024


def create_api(office: Office, enroll_limit: str = ENROLL_LIMIT) -> Blueprint:
    """The API of `office`, with so many requests to enrol from one address.

    It knows no cookies, so forms elsewhere cannot misuse it: it is exempt from CSRF tokens.
    """
    api = Blueprint("api", __name__)
    explain(api, office)
    api.before_request(guard.check_version)
    api.after_request(guard.squeeze)
    api.after_request(guard.say_version)
    _enrolment(api, office, enroll_limit)
    _events(api, office)
    _bundle(api, office)
    _document(api)
    return api


def _enrolment(api: Blueprint, office: Office, limit: str) -> None:
    limiter = Limiter(get_remote_address, storage_uri="memory://", headers_enabled=True)

    @api.record_once
    def join(state: BlueprintSetupState) -> None:
        limiter.init_app(cast("Flask", state.app))
        if csrf := state.app.extensions.get("csrf"):
            csrf.exempt(api)

    @api.post(protocol.ENROLL)
    @limiter.limit(limit)
    def enroll() -> Response:
        message = guard.message(protocol.Enroll, guard.unsigned(ENROLL_BYTES))
        return _json(office.enrolment.enroll(message, office.now()))

    @api.post(protocol.KEY)
    def key() -> Response:
        sender = guard.signed(office)
        return _json(office.rollovers.change(sender.gate, guard.message(protocol.KeyChange, sender.body), office.now()))


def _events(api: Blueprint, office: Office) -> None:
    @api.post(protocol.EVENTS)
    def events() -> Response:
        sender = guard.signed(office)
        message = guard.message(protocol.Events, sender.body)
        if len(message.events) > protocol.MAX_EVENTS:
            raise protocol.TooLarge(f"at most {protocol.MAX_EVENTS} events at a time")
        _check_form(message)
        try:
            return _json(office.intake.take(sender.gate, message, office.now()))
        except RecursionError as error:
            raise BadRequest("Events: nested too deeply") from error

    @api.post(protocol.HEARTBEAT)
    def heartbeat() -> Response:
        sender = guard.signed(office)
        message = guard.message(protocol.Heartbeat, sender.body)
        beat = office.rollovers.wish(sender.gate, office.gates.beat(sender.gate, message, office.now()))
        return _json(office.standings.orders(sender.gate, message, beat))


def _bundle(api: Blueprint, office: Office) -> None:
    @api.get(protocol.BUNDLE)
    def bundle() -> AnyResponse:
        gate = guard.signed(office).gate
        office.standings.check(gate)
        community = office.gates.community(gate)
        if (manifest := office.publish.manifest(community)) is None:
            return Response(status=204)
        answer = _json(manifest)
        answer.add_etag()
        answer.headers["Cache-Control"] = "private, no-cache"
        return answer.make_conditional(request)

    @api.get(f"{protocol.SECTION}<sha256>")
    def section(sha256: str) -> Response:
        office.standings.check(guard.signed(office).gate)
        if (piece := _piece(office, sha256)) is not None:
            return piece
        if (content := office.publish.section(sha256)) is None:
            raise NotFound("no section of that hash is published")
        return Response(content, mimetype="application/octet-stream")


def _piece(office: Office, sha256: str) -> Response | None:
    """The one range that was asked for of a large section; None where the whole is sent instead.

    Large ones are lists of hashes, which do not get smaller: no-transform spares compressing them for each gate.
    """
    asked = request.range
    if asked is None or asked.units != "bytes" or len(asked.ranges) != 1 or (begin := asked.ranges[0][0]) < 0:
        return None
    found = office.publish.piece(sha256, begin, protocol.PIECE_BYTES)
    if found is None or found[1] <= protocol.PIECE_BYTES or (wanted := asked.range_for_length(found[1])) is None:
        return None
    content, size = found[0][: wanted[1] - begin], found[1]
    answer = Response(content, 206, mimetype="application/octet-stream")
    answer.headers["Content-Range"] = f"bytes {begin}-{begin + len(content) - 1}/{size}"
    answer.headers["Cache-Control"] = "private, no-transform"
    return answer


def _document(api: Blueprint) -> None:
    body = msgspec.json.encode(openapi.document())

    @api.get(protocol.OPENAPI)
    def description() -> Response:
        return Response(body, mimetype="application/json")


def _check_form(message: protocol.Events) -> None:
    """Raises BadRequest for an event that cannot be one: its time is none, or is spelt in another way."""
    for event in message.events:
        try:
            protocol.from_wire(message.journal, event)
        except ValueError as error:
            raise BadRequest(f"Events: {error}") from error


def _json(message: msgspec.Struct) -> Response:
    return Response(protocol.encode(message), mimetype="application/json")
