"""Scanned text → the scheme that reads it. A further scheme is a file of its own and one line here."""

from __future__ import annotations

from kiosk.codes import dcc, declaration, enrolment, level_token, nzcp, office_pass, provincial, shc
from kiosk.codes.context import ReadContext
from kiosk.codes.scheme import Scheme, rejected
from kiosk.model import HealthCode, Reason

UNKNOWN = "unknown"
MAX_CHARS = 64 * 1024  # of a text that no scheme claims; a QR code holds 7,089 characters at most

SCHEMES: tuple[Scheme, ...] = (
    office_pass.SCHEME,
    dcc.SCHEME,
    level_token.SCHEME,
    shc.SCHEME,
    nzcp.SCHEME,
    declaration.SCHEME,
    enrolment.SCHEME,
)


def read(text: str, context: ReadContext) -> HealthCode:
    """What `text` says about its holder. Every text has an answer: one no scheme knows is `unknown`.

    Prefixes are matched as they are written, without trimming: blanks are digits in Base45. Provinces come last.
    """
    for scheme in SCHEMES:
        if text.startswith(scheme.prefix):
            if len(text) > scheme.max_chars:
                return rejected(scheme.name, Reason.TOO_LARGE)
            return scheme.read(text, context)
    said = provincial.read(text, context) if context.provinces else None
    return said or rejected(UNKNOWN, Reason.UNKNOWN_SCHEME if len(text) <= MAX_CHARS else Reason.TOO_LARGE)
