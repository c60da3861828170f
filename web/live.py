"""Server-sent events over the gate's hub: one stream a screen, a heartbeat, a cap.

Each open stream holds a thread of the server, so their number is capped. A message is

    event: update
    data: {"epoch": …, "lane": …, "number": …, "regions": {name: html}, "cues": [{"id": …, "sound": …}]}

`event: closed` says that the screen has to load its page again. A heartbeat is an ordinary update of what the status
shows, so that a screen that hears nothing for some seconds knows that it is stale.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from flask import Response, stream_with_context

from kiosk.hub import Hub, Subscription

MOST_STREAMS = 16  # of the 32 threads the gate's server has
HEARTBEAT_S = 4.0
TOPICS = frozenset({"lane", "status", "recent", "summons"})

Render = Callable[[frozenset[str]], Mapping[str, Any]]


def stream(hub: Hub, render: Render, *, welcome: Callable[[], bool]) -> Response:
    """An event stream that sends `render(topics)` at once, at each change and at each heartbeat, while `welcome()` and
    until the gate stops.

    503 with Retry-After when too many screens listen already.
    """
    if len(hub) >= MOST_STREAMS:
        return Response("too many screens", 503, {"Retry-After": "5"}, content_type="text/plain; charset=utf-8")
    events = stream_with_context(_events(hub, render, welcome))
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return Response(events, headers=headers, content_type="text/event-stream; charset=utf-8")


def ended() -> Response:
    """For a screen whose stream is none of its business any more: it loads its page again, and is shown where to go."""
    return Response(message("closed", {}), content_type="text/event-stream; charset=utf-8")


def message(event: str, data: Mapping[str, Any]) -> str:
    """One event in the format of the HTML standard; JSON has no line ends of its own."""
    return f"event: {event}\ndata: {json.dumps(data, ensure_ascii=False, separators=(',', ':'))}\n\n"


def _events(hub: Hub, render: Render, welcome: Callable[[], bool]) -> Iterator[str]:
    with hub.subscribe() as subscription:
        yield "retry: 2000\n\n"
        topics = TOPICS
        while not hub.closed and welcome():
            yield message("update", render(topics))
            topics = _wait(subscription)
        if not hub.closed:  # else the gate stops, and the screen listens again until there is one
            yield message("closed", {})


def _wait(subscription: Subscription) -> frozenset[str]:
    """The topics that changed; what piled up meanwhile counts once. Without a change it is time for a heartbeat."""
    changed: set[str] = set()
    update = subscription.get(HEARTBEAT_S)
    while update is not None and len(changed) < len(TOPICS):
        changed.add(update[0])
        update = subscription.get(0)
    if subscription.lost:
        subscription.lost = False
        return TOPICS
    return frozenset(changed & TOPICS) or frozenset({"status"})
