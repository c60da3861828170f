"""A real gate for the tests of its screens: its own folder, a scanner's lane, a tablet's lane, a volunteer with a PIN.

Nothing runs in the background: a test presents, measures and moves the clock-work itself.
"""

from __future__ import annotations

import contextlib
import json
import re
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from jinja2.bccache import Bucket, BytecodeCache
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.test import TestResponse

from kiosk import service
from kiosk.config import Settings
from kiosk.service import GateService
from web.app import create_gate_app, put_over

VOLUNTEER = "王小明"
PIN = "246810"
LANES = (
    {"name": "1", "kind": "scanner", "show_s": 60},  # a browser on a busy machine looks late
    {"name": "side", "kind": "scanner", "direction": "out"},
    {"name": "hall", "kind": "tablet"},
)
BOOTH = {"name": "booth", "kind": "scanner", "check_in": True}  # a handheld scanner beside a screen
GREEN = "GL1:green:张三丰"
RED = "GL1:red:李红"


def settings(var: Path, **more: Any) -> Settings:
    return Settings(**{"gate": {"name": "南门", "var": var}, "lane": LANES, **more})


def build(var: Path, *, demo: bool = False, **more: Any) -> GateService:
    gate = service.build(settings(var, **more), demo=demo)
    gate.staff.add(VOLUNTEER, PIN)
    return gate


@dataclass
class Console:
    """A volunteer's browser without a screen: keeps cookies and sends the page's token."""

    client: FlaskClient
    remote: str = "192.0.2.20"

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.client.get(path, headers=headers, environ_base=self._from())

    def token(self, page: str = "/sign-on") -> str:
        found = re.search(r'name="csrf-token" content="([^"]+)"', self.get(page).text)
        assert found is not None
        return found[1]

    def sign_on(self, pin: str = PIN) -> TestResponse:
        form = {"pin": pin, "csrf_token": self.token()}
        return self.client.post("/sign-on", data=form, environ_base=self._from())

    def send(self, path: str, body: Mapping[str, Any] | None = None, *, page: str = "/") -> TestResponse:
        headers = {"X-CSRFToken": self.token(page), "Accept": "application/json"}
        return self.client.post(path, json=body or {}, headers=headers, environ_base=self._from())

    def _from(self) -> dict[str, str]:
        return {"REMOTE_ADDR": self.remote}


def events(stream: Iterator[bytes], count: int) -> list[tuple[str, dict[str, Any]]]:
    """The first `count` events of a stream, as a browser would take them apart."""
    found: list[tuple[str, dict[str, Any]]] = []
    text = ""
    for chunk in stream:
        text += chunk.decode()
        while "\n\n" in text:
            block, _, text = text.partition("\n\n")
            fields = dict(line.split(": ", 1) for line in block.split("\n"))
            if "event" in fields:
                found.append((fields["event"], json.loads(fields["data"])))
            if len(found) == count:
                return found
    return found


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The application on loopback, for a real browser; the address of its start page. Afterwards every line is cut."""
    lines: list[socket.socket] = []

    class Handler(WSGIRequestHandler):
        def setup(self) -> None:
            super().setup()
            lines.append(self.connection)

    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join(timeout=10)
        server.server_close()
        for line in lines:
            with contextlib.suppress(OSError):  # most are closed already
                line.shutdown(socket.SHUT_RDWR)


class CompiledOnce(BytecodeCache):
    """Templates compiled once for the whole run rather than once for each test's application."""

    def __init__(self) -> None:
        self._compiled: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._compiled:
            bucket.bytecode_from_string(self._compiled[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._compiled[bucket.key] = bucket.bytecode_to_string()


COMPILED = CompiledOnce()


def application(gate: GateService) -> Flask:
    app = create_gate_app(gate)
    app.jinja_env.bytecode_cache = COMPILED
    return app


_BUILT: dict[tuple[Any, ...], Flask] = {}


def shared(gate: GateService) -> Flask:
    """The application of a test's one gate, built once for all tests: that takes longer than most of them."""
    kind = (gate.demo, gate.settings.web.tls, str(gate.settings.zone))
    app = _BUILT.get(kind) or _BUILT.setdefault(kind, application(gate))
    put_over(app, gate)
    return app
