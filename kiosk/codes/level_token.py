"""The level token `GL1:`: a colour in plain words, for films, tests and rehearsals. Nobody can verify it.

`GL1:<green|yellow|red>[:<name>[:<issued at, for example 20261122T033000Z>]]`
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from kiosk.codes.context import ReadContext
from kiosk.codes.scheme import Scheme, printable, rejected
from kiosk.model import HealthCode, Holder, Level, Reason, Verification

NAME = "level-token"
PREFIX = "GL1:"
MAX_NAME = 60
MAX_CHARS = 256

_ISSUED = "%Y%m%dT%H%M%SZ"
_FORM = re.compile(r"(?P<level>green|yellow|red)(:(?P<name>[^:]*)(:(?P<issued>[0-9]{8}T[0-9]{6}Z))?)?")


def write(level: Level, name: str = "", issued_at: datetime | None = None) -> str:
    """The text of a token. Raises ValueError for a level or a name it cannot carry."""
    if level is Level.NONE:
        raise ValueError("a level token is green, yellow or red")
    if ":" in name or not printable(name, MAX_NAME, empty=True):
        raise ValueError(f"name must be at most {MAX_NAME} printable characters without a colon")
    parts = [level.value, name, issued_at.astimezone(UTC).strftime(_ISSUED) if issued_at else ""]
    return PREFIX + ":".join(parts).rstrip(":")


def read(text: str, context: ReadContext) -> HealthCode:  # noqa: ARG001  every scheme is read the same way
    """What the token `text` says: UNVERIFIED at best."""
    form = _FORM.fullmatch(text.removeprefix(PREFIX))
    if form is None or not printable(form["name"] or "", MAX_NAME, empty=True):
        return rejected(NAME, Reason.MALFORMED)
    try:
        issued_at = datetime.strptime(form["issued"], _ISSUED).replace(tzinfo=UTC) if form["issued"] else None
    except ValueError:  # the thirtieth of February
        return rejected(NAME, Reason.MALFORMED)
    return HealthCode(
        scheme=NAME,
        level=Level(form["level"]),
        holder=Holder(name=form["name"] or ""),
        valid_from=issued_at,
        verification=Verification.UNVERIFIED,
        reason=Reason.UNVERIFIABLE,
    )


SCHEME = Scheme(NAME, PREFIX, MAX_CHARS, read)
