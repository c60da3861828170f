"""A TCP proxy of ours that does to HTTP exchanges what networks do. One request per connection.

with FaultyProxy(office_port) as proxy:
    proxy.fault = Fault.LOSE_ANSWER
    …call proxy.url…
    proxy.heal()
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from enum import Enum, auto
from types import TracebackType


class Fault(Enum):
    """What happens to an exchange. The office has received the request whole unless it says otherwise."""

    NONE = auto()
    REFUSE = auto()  # the connection is reset before anything was read
    RESET_IN_REQUEST = auto()  # reset in the middle of the request; the office sees half of it
    STALL = auto()  # no answer ever comes
    TRUNCATE = auto()  # half of the answer, then an orderly end
    LOSE_ANSWER = auto()  # the office answers, nobody hears it
    TWICE = auto()  # the office receives the request twice; the first answer comes back
    TWICE_SECOND_ANSWER = auto()  # the same, and the second answer comes back
    CORRUPT_REQUEST = auto()  # one byte of the body changes on its way
    CORRUPT_ANSWER = auto()  # one byte of the answer's body changes
    RUBBISH = auto()  # something else answers: a page that says 200
    DRIP = auto()  # the answer never ends, a byte at a time
    SLOW = auto()  # the answer comes in small pieces


PAGE = b"<html>welcome to the hotel wifi</html>"
RUBBISH = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s" % (len(PAGE), PAGE)


class FaultyProxy:
    """Listens on loopback and passes requests on to `port` there. `seen` counts the requests that arrived."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.fault = Fault.NONE
        self.seen = 0
        self.after = 0  # so many more requests get through before the fault strikes
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._healed = threading.Event()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._accept, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def heal(self) -> None:
        """No more faults; exchanges that are being held up are dropped."""
        self.fault = Fault.NONE
        self._healed.set()
        self._healed = threading.Event()

    def __enter__(self) -> FaultyProxy:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closed.set()
        self.heal()
        self._listener.close()

    def _accept(self) -> None:
        while not self._closed.is_set():
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        fault, healed = (self.fault, self._healed) if self.after == 0 else (Fault.NONE, self._healed)
        self.seen, self.after = self.seen + 1, max(0, self.after - 1)
        with contextlib.suppress(OSError), client:
            if fault is Fault.REFUSE:
                _reset(client)
                return
            request = _read_request(client)
            match fault:
                case Fault.RESET_IN_REQUEST:
                    self._half(request)
                    _reset(client)
                case Fault.STALL:
                    self._deliver(request, fault)
                    healed.wait()
                case Fault.LOSE_ANSWER:
                    self._deliver(request, fault)
                    _reset(client)
                case _:
                    _answer(client, self._deliver(request, fault), fault, healed)

    def _deliver(self, request: bytes, fault: Fault) -> bytes:
        """Pass the request on as the fault wants it, and return the answer that is to go back."""
        match fault:
            case Fault.RUBBISH:
                return RUBBISH
            case Fault.CORRUPT_REQUEST:
                return self._exchange(_corrupt(request))
            case Fault.TWICE | Fault.TWICE_SECOND_ANSWER:
                answers = self._exchange(request), self._exchange(request)
                return answers[fault is Fault.TWICE_SECOND_ANSWER]
            case _:
                return self._exchange(request)

    def _exchange(self, request: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", self.port)) as office:
            office.sendall(request.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1))
            parts = []
            while part := office.recv(65_536):
                parts.append(part)
            return b"".join(parts)

    def _half(self, request: bytes) -> None:
        with socket.create_connection(("127.0.0.1", self.port)) as office:
            office.sendall(request[: len(request) // 2])
            _reset(office)


def _read_request(client: socket.socket) -> bytes:
    """One whole request: its head, and as much body as Content-Length says. `Connection` is left out."""
    received = b""
    while b"\r\n\r\n" not in received:
        if not (part := client.recv(65_536)):
            raise OSError("the client left")
        received += part
    head, _, body = received.partition(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"connection:")]
    length = next((int(line.split(b":")[1]) for line in lines if line.lower().startswith(b"content-length:")), 0)
    while len(body) < length:
        if not (part := client.recv(65_536)):
            raise OSError("the client left")
        body += part
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def _answer(client: socket.socket, answer: bytes, fault: Fault, healed: threading.Event) -> None:
    match fault:
        case Fault.TRUNCATE:
            client.sendall(answer[: len(answer) // 2])
        case Fault.CORRUPT_ANSWER:
            client.sendall(_corrupt(answer))
        case Fault.SLOW:
            for start in range(0, len(answer), 16):
                client.sendall(answer[start : start + 16])
                healed.wait(0.001)
        case Fault.DRIP:
            client.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
            while not healed.wait(0.01):
                client.sendall(b" ")
        case _:
            client.sendall(answer)


def _corrupt(message: bytes) -> bytes:
    """`message` with one bit in the middle of its body turned over; without a body, in the middle of its head."""
    head = message.index(b"\r\n\r\n") + 4
    place = (head + len(message)) // 2 if len(message) > head else head // 2
    return message[:place] + bytes([message[place] ^ 1]) + message[place + 1 :]


def _reset(connection: socket.socket) -> None:
    """Close with RST instead of FIN."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
