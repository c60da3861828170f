"""How far a long upload is: one JSON line a step, in the answer itself, while a thread does the work.

Nothing of it is kept, so neither the database nor another worker process has to know. A browser without our script
asks for no such lines and gets the ordinary answer.
"""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import structlog
from flask import Response, request, stream_with_context

from sync.office.lists.spreadsheet import SheetError
from web.office.lists.blueprint import said

LINES = "application/x-ndjson"
log = structlog.get_logger(__name__)

Made = TypeVar("Made")
Tell = Callable[[str, int, int], None]  # which step, how many rows are done, of how many (0: not known yet)
Work = Callable[[Tell], Made]


def wanted() -> bool:
    """Whether whoever sent this reads lines."""
    return bool(request.accept_mimetypes.best == LINES)


def told(work: Work[Made], address: Callable[[Made], str]) -> Response:
    """`{"step", "done", "of"}` as it goes on; at last `{"go": address}`, `{"refused": words}` or `{"failed": true}`."""
    lines = (json.dumps(step, ensure_ascii=False) + "\n" for step in _steps(work, address))
    # a proxy that gathers an answer before it passes it on would keep the steps to itself
    return Response(stream_with_context(lines), mimetype=LINES, headers={"X-Accel-Buffering": "no"})


def _steps(work: Work[Made], address: Callable[[Made], str]) -> Iterator[dict[str, Any]]:
    steps: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()

    def run() -> None:
        try:
            steps.put(("made", work(lambda step, done, of: steps.put(("step", (step, done, of))))))
        except SheetError as error:
            steps.put(("refused", error))
        except Exception:
            log.exception("a list could not be read in")
            steps.put(("failed", None))

    threading.Thread(target=run, name="list-upload", daemon=True).start()
    while (found := steps.get())[0] == "step":
        yield dict(zip(("step", "done", "of"), found[1], strict=True))
    kind, what = found
    if kind == "made":
        yield {"go": address(what)}
    elif kind == "refused":
        yield {"refused": said(what.say)}
    else:
        yield {"failed": True}
