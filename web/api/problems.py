"""Whatever goes wrong, as the one JSON that gates know: `protocol.Problem`. Bad input is never a 5xx."""

from __future__ import annotations

from typing import Any

import structlog
from flask import Blueprint, Response, request
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from kiosk import logs
from kiosk.model import iso
from sync import protocol
from sync.office.errors import BrokenChain, EnrolmentError, Fork, Gap, OfficeError, UnknownGate
from sync.office.errors import NotFound as Missing
from sync.office.office import Office
from sync.signing import SignatureError

log = structlog.get_logger(__name__)

RETRY_S = 5  # when the database is busy or away

_WORDS = {400: "malformed", 404: "not-found", 405: "method", 413: "too-large", 415: "encoding", 429: "busy"}


def problem(status: int, error: str, detail: str = "", **more: Any) -> Response:
    """An answer that says what is wrong: `error` for the gate, `detail` for people."""
    body = protocol.encode(protocol.Problem(error, detail, **more))
    return Response(body, status, mimetype="application/json")


def explain(api: Blueprint, office: Office) -> None:
    """Answer every fault inside the API with a `Problem`."""

    @api.errorhandler(SignatureError)
    def not_the_gate(error: SignatureError) -> Response:
        time = iso(office.now()) if error.word == "clock" else None
        answer = problem(401, error.word, str(error), time=time)
        answer.headers["WWW-Authenticate"] = "Signature"
        return answer

    @api.errorhandler(OfficeError)
    def not_taken(error: OfficeError) -> Response:
        match error:
            case Gap(expected=expected):
                return problem(409, "gap", str(error), expected=expected)
            case Fork(seq=seq):
                return problem(409, "fork", str(error), seq=seq)
            case BrokenChain(seq=seq):
                return problem(422, "chain", str(error), seq=seq)
            case EnrolmentError(reason="key"):
                return problem(400, "malformed", str(error))
            case EnrolmentError():
                return problem(403, "token", str(error))
            case UnknownGate():
                return problem(401, "unknown-gate", str(error))
            case Missing():
                return problem(404, "not-found", str(error))
            case _:
                return unforeseen(error)

    @api.errorhandler(protocol.TooLarge)
    def too_large(error: protocol.TooLarge) -> Response:
        return problem(413, "too-large", str(error))

    @api.errorhandler(OperationalError)
    def no_database(error: OperationalError) -> Response:
        log.error("api", endpoint=request.endpoint, trouble=str(error.orig))
        answer = problem(503, "unavailable", "the office's database does not answer; try again later")
        answer.headers["Retry-After"] = str(RETRY_S)
        return answer

    @api.errorhandler(HTTPException)
    def known(error: HTTPException) -> Response:
        return _of(error)

    @api.errorhandler(Exception)
    def unforeseen(error: Exception) -> Response:
        log.error("api", endpoint=request.endpoint, fault=logs.origin(error))
        return problem(500, "internal", "something went wrong at the office; it is in its log")

    @api.before_app_request
    def no_such_call() -> Response | None:
        fault = request.routing_exception
        return _of(fault) if fault is not None and request.path.startswith("/api/v1/") else None


def _of(error: HTTPException) -> Response:
    """Flask's own fault in our words, keeping what its headers say (Allow, Retry-After)."""
    status = error.code or 500
    answer = problem(status, _WORDS.get(status, "refused" if status < 500 else "internal"), error.description or "")
    kept = {"Allow", "Retry-After"}
    answer.headers.extend((name, value) for name, value in error.get_headers() if name in kept)
    return answer
