"""The test province's server: HTTP on this machine, one thread a connection."""

from __future__ import annotations

import contextlib
import hmac
import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

from kiosk.provinces.stand_in import people
from kiosk.provinces.stand_in.codes import genuine
from kiosk.provinces.stand_in.faults import Fault
from kiosk.provinces.stand_in.people import PEOPLE

SECRET = "demonstration"  # noqa: S105  unless another one is given; there is nothing to protect here
LIFE = timedelta(seconds=60)
CLOCK = timedelta(minutes=5)  # how far a question's time may be off
ZONE = timezone(timedelta(hours=8))
MAX_QUESTION = 16 * 1024


def utc_now() -> datetime:
    return datetime.now(UTC)


class StandIn:
    """Listens on loopback once it is entered (or `serve` is called).

    `fault` and `latency_s` may be changed at any time; `questions` counts what arrived whole, `used` the tokens seen.
    """

    def __init__(
        self,
        port: int = 0,
        *,
        secret: str = SECRET,
        latency_s: float = 0,
        fault: Fault = Fault.NONE,
        tls: ssl.SSLContext | None = None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self.fault, self.latency_s = fault, latency_s
        self.questions = 0
        self.used: set[str] = set()
        self._secret, self._now = secret, now
        self._lock, self._released = threading.Lock(), threading.Event()
        self._scheme = "https" if tls else "http"
        self._server = _Server(("127.0.0.1", port), self)
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self.serve, daemon=True)

    @property
    def url(self) -> str:
        """The endpoint a gate is given."""
        return f"{self._scheme}://127.0.0.1:{self._server.server_port}"

    def serve(self) -> None:
        """Until `close`."""
        self._server.serve_forever(poll_interval=0.05)

    def heal(self) -> None:
        """No more faults; whoever is kept waiting is let go without an answer."""
        self.fault = Fault.NONE
        released, self._released = self._released, threading.Event()
        released.set()

    def close(self) -> None:
        self.heal()
        self._server.shutdown()
        self._server.server_close()

    def __enter__(self) -> StandIn:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        self._thread.join()

    def hold_up(self, seconds: float | None = None) -> bool:
        """Wait, until healed at the latest; whether that came first."""
        return self._released.wait(seconds)

    def answer(self, headers: Message, body: bytes) -> tuple[int, dict[str, Any]]:
        """Status and answer to one question."""
        with self._lock:
            self.questions += 1
        match self.fault:
            case Fault.ERROR:
                return 500, {"error": "internal"}
            case Fault.WRONG_JSON:
                return 200, {"weather": "sunny", "data": [1, 2, 3]}
            case Fault.BUSY:
                return 200, _said("500")
            case Fault.EXPIRED:
                return 200, _said("111")
            case Fault.FORBIDDEN:
                return 200, _said("116")
            case fault:
                return 200, self._judge(headers, body, other=fault is Fault.OTHER)

    def _judge(self, headers: Message, body: bytes, *, other: bool) -> dict[str, Any]:
        text, now = _text(body), self._now()
        if not self._signed(headers, text, now):
            return _said("116")
        code = genuine(text)
        if code is None:
            return _said("112")
        if code.made_ms is not None:
            if abs(now.timestamp() * 1000 - code.made_ms) > LIFE.total_seconds() * 1000:
                return _said("111")
            with self._lock:
                if code.token in self.used:
                    return _said("113")
                self.used.add(code.token)
        token = code.token[::-1] if other else code.token
        return _said("0") | {"data": people.answer(PEOPLE[code.who], token, code.made_ms, now, ZONE)}

    def _signed(self, headers: Message, text: str, now: datetime) -> bool:
        app, time, nonce, sign = (headers.get(name, "") for name in ("X-App", "X-Time", "X-Nonce", "X-Sign"))
        covered = "\n".join((app, time, nonce, text)).encode()
        expected = hmac.digest(self._secret.encode(), covered, "sha256").hex()
        timely = time.isdecimal() and abs(now.timestamp() - int(time[:16]) / 1000) <= CLOCK.total_seconds()
        return bool(nonce) and timely and hmac.compare_digest(sign.encode(), expected.encode())


def _said(code: str) -> dict[str, Any]:
    """Every answer says that it is a demonstration."""
    return {"code": code, "demo": True}


def _text(body: bytes) -> str:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    text = document.get("url") if isinstance(document, dict) else None
    return text if isinstance(text, str) and text.isprintable() else ""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], province: StandIn) -> None:
        self.province = province
        super().__init__(address, _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that hung up is no news."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def setup(self) -> None:
        if self.server.province.fault is Fault.REFUSE:
            _reset(self.request)
        super().setup()

    def do_POST(self) -> None:
        province = self.server.province
        length = self.headers.get("Content-Length", "")
        if self.path != "/verify" or not length.isdecimal() or int(length) > MAX_QUESTION:
            self.send_error(404)
            return
        status, answer = province.answer(self.headers, self.rfile.read(int(length)))
        if province.latency_s:
            province.hold_up(province.latency_s)
        with contextlib.suppress(OSError):
            self._send(status, json.dumps(answer, ensure_ascii=False).encode(), province)

    def _send(self, status: int, body: bytes, province: StandIn) -> None:
        match province.fault:
            case Fault.STALL:
                province.hold_up()
            case Fault.RESET:
                self._head(status, len(body))
                self.wfile.write(body[: len(body) // 2])
                _reset(self.connection)
            case Fault.DRIP:
                self._drip(province)
            case Fault.HUGE:
                self._head(status, 2**40)
                while not province.hold_up(0):
                    self.wfile.write(b" " * 65_536)
            case Fault.NOT_JSON:
                self._whole(200, b"<html>welcome to the hotel wifi</html>")
            case Fault.REDIRECT:
                self.send_response(302)
                self.send_header("Location", "http://127.0.0.1:9/verify")
                self.end_headers()
            case _:
                self._whole(status, body)

    def _whole(self, status: int, body: bytes) -> None:
        self._head(status, len(body))
        self.wfile.write(body)

    def _head(self, status: int, length: int) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(length))
        self.end_headers()

    def _drip(self, province: StandIn) -> None:
        """A head that goes on and on."""
        self.wfile.write(b"HTTP/1.0 200 OK\r\nX-Slow: ")
        while not province.hold_up(0.02):
            self.wfile.write(b"z")

    def log_message(self, format: str, *args: Any) -> None:
        """Codes of whoever it may be do not belong in a log."""


def _reset(connection: socket.socket) -> None:
    """Close with RST instead of FIN."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
