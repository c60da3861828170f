"""How open pages stay current: they ask every half minute, and hear 304 while nothing changed.

A poll instead of an event stream: the office runs in several worker processes that share only the database, a stream
would hold a thread of them for each open page, and half a minute is soon enough where people read.
"""

from __future__ import annotations

from flask import Response, request
from werkzeug.wrappers import Response as AnyResponse


def unless_known(answer: Response) -> AnyResponse:
    """`answer` with its fingerprint, or 304 when the caller has the same already."""
    answer.add_etag()
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer.make_conditional(request)
