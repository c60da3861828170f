"""Whatever goes wrong, as the one JSON that gates know: `protocol.Problem`. Bad input is never a 5xx."""

from __future__ import annotations

from functools import partial
from typing import Any

import structlog
from flask import Blueprint, Response, request
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from kiosk import logs
from kiosk.model import iso
from sync import protocol
from sync.office.errors import BrokenChain, EnrolmentError, Fork, Gap, NotFound, OfficeError, OtherKey, UnknownGate
from sync.office.office import Office
from sync.office.standing import Suspended
from sync.signing import SignatureError

log = structlog.get_logger(__name__)

RETRY_S = 5  # when the database is busy or away

_WORDS = {400: "malformed", 404: "not-found", 405: "method", 413: "too-large", 415: "encoding", 429: "busy"}
_DETAILS = {404: "there is no such call", 405: "not with this method", 413: "more than this call takes"}
_KEPT_HEADERS = frozenset({"Allow", "Retry-After"})


def explain(api: Blueprint, office: Office) -> None:
    """Answer every fault inside the API, and every call that does not exist, with a `Problem`."""
    api.register_error_handler(SignatureError, partial(_not_the_gate, office))
    api.register_error_handler(OfficeError, _not_taken)
    api.register_error_handler(protocol.TooLarge, lambda error: problem(413, "too-large", str(error)))
    api.register_error_handler(protocol.WrongVersion, _not_understood)
    api.register_error_handler(OperationalError, _no_database)
    api.register_error_handler(HTTPException, _in_our_words)
    api.register_error_handler(Exception, _unforeseen)
    api.before_app_request(_no_such_call)


def problem(status: int, error: str, detail: str = "", **more: Any) -> Response:
    """An answer that says what is wrong: `error` for the gate, `detail` for people."""
    body = protocol.encode(protocol.Problem(error, detail, **more))
    return Response(body, status, mimetype="application/json")


def _not_the_gate(office: Office, error: SignatureError) -> Response:
    time = iso(office.now()) if error.word == "clock" else None
    answer = problem(401, error.word, str(error), time=time)
    answer.headers["WWW-Authenticate"] = "Signature"
    return answer


def _not_taken(error: OfficeError) -> Response:
    match error:
        case Gap(expected=expected):
            return problem(409, "gap", str(error), expected=expected)
        case Fork(seq=seq):
            return problem(409, "fork", str(error), seq=seq)
        case BrokenChain(seq=seq):
            return problem(422, "chain", str(error), seq=seq)
        case EnrolmentError(reason="key"):
            return problem(400, "malformed", str(error))
        case EnrolmentError(reason=reason):
            return problem(403, "token", str(error), why=reason)
        case OtherKey():
            return problem(409, "key", str(error))
        case Suspended():
            return problem(403, "suspended", str(error))
        case UnknownGate():
            return problem(401, "unknown-gate", str(error))
        case NotFound():
            return problem(404, "not-found", str(error))
        case _:
            return _unforeseen(error)


def _not_understood(error: protocol.WrongVersion) -> Response:
    """426 tells a gate that it must be updated; where the office is the older one, the gate can do nothing."""
    if error.older:
        answer = problem(426, "upgrade", f"{error}: update the gate's software")
        answer.headers["Upgrade"] = f"gatehouse/{protocol.SPOKEN}"
        answer.headers["Connection"] = "Upgrade"
        return answer
    return problem(400, "version", f"{error}: the office's software has to be updated")


def _no_database(error: OperationalError) -> Response:
    log.error("api", endpoint=request.endpoint, trouble=str(error.orig))
    answer = problem(503, "unavailable", "the office's database does not answer; try again later")
    answer.headers["Retry-After"] = str(RETRY_S)
    return answer


def _unforeseen(error: Exception) -> Response:
    log.error("api", endpoint=request.endpoint, fault=logs.origin(error))
    return problem(500, "internal", "something went wrong at the office; it is in its log")


def _in_our_words(error: HTTPException) -> Response:
    """Flask's own fault, keeping what its headers say."""
    status = error.code or 500
    said = error.description or ""
    detail = _DETAILS.get(status, said) if said == type(error).description else said
    answer = problem(status, _WORDS.get(status, "refused" if status < 500 else "internal"), detail)
    answer.headers.extend((name, value) for name, value in error.get_headers() if name in _KEPT_HEADERS)
    return answer


def _no_such_call() -> Response | None:
    fault = request.routing_exception
    return _in_our_words(fault) if fault is not None and request.path.startswith("/api/v1/") else None
