"""One question to a province's server and its answer, within a time box that holds whatever the server does.

Each question has a connection of its own: a token that may be sent only once must not be lost on a connection that
died while idle, and a connection of its own can be cut off from outside.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from kiosk import __version__
from kiosk.codes.provincial import Outgoing
from kiosk.errors import GatehouseError

ANSWER_BYTES = 256 * 1024
CONNECT_S = 5.0  # to one address; a host may have several

NewSession = Callable[[], requests.Session]
Hold = Callable[[socket.socket], None]


class NoAnswer(GatehouseError):
    """No answer came. `word` is for machines; `sent` says whether the server may have received the question."""

    def __init__(self, word: str, *, sent: bool) -> None:
        self.word, self.sent = word, sent
        super().__init__(word)


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back, whatever its status. Redirections are answers too: nothing follows them."""

    status: int
    body: bytes


def ask(outgoing: Outgoing, box_s: float, new_session: NewSession = requests.Session) -> Reply:
    """The server's reply, or NoAnswer, after `box_s` seconds at most."""
    call = _Call(outgoing, box_s, new_session)
    thread = threading.Thread(target=call.run, name="province", daemon=True)
    thread.start()
    thread.join(box_s)
    return call.result()


class _Call:
    """One exchange in a thread of its own. `result` cuts it off when it is not done."""

    def __init__(self, outgoing: Outgoing, box_s: float, new_session: NewSession) -> None:
        self._outgoing, self._box_s, self._new_session = outgoing, box_s, new_session
        self._lock = threading.Lock()
        self._held: list[socket.socket] = []
        self._over = False
        self._sent = False
        self._result: Reply | NoAnswer | None = None

    def run(self) -> None:
        try:
            result: Reply | NoAnswer = self._exchange()
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            result = NoAnswer(_word(error), sent=self._sent and not _unshaken(error))
        with self._lock:
            self._result = self._result or result
        self._let_go()

    def result(self) -> Reply:
        """What `run` came to. Raises NoAnswer, `too-slow` when it is still at it."""
        with self._lock:
            self._result = self._result or NoAnswer("too-slow", sent=self._sent)
            result = self._result
        self._let_go()
        if isinstance(result, NoAnswer):
            raise result
        return result

    def _exchange(self) -> Reply:
        outgoing, host = self._outgoing, urlsplit(self._outgoing.url).hostname or ""
        with self._new_session() as session:
            for scheme in ("https://", "http://"):
                session.mount(scheme, _Held(self._hold))
            with session.request(
                outgoing.method,
                outgoing.url,
                headers={**_OURS, **outgoing.headers},
                data=outgoing.body or None,
                auth=_nobody,
                timeout=(min(CONNECT_S, self._box_s), self._box_s),
                proxies={"no_proxy": host} if host in _THIS_MACHINE else {},
                allow_redirects=False,
                stream=True,
                verify=session.verify,  # otherwise the environment would win over the session
            ) as response:
                return Reply(response.status_code, _read(response))

    def _hold(self, connected: socket.socket) -> None:
        """Remember a connection as soon as it stands."""
        with self._lock:
            if self._over:
                connected.close()
                raise OSError("given up")
            self._sent = True
            self._held.append(connected.dup())

    def _let_go(self) -> None:
        """Close what this call holds; whoever still reads from it is woken."""
        with self._lock:
            self._over, held, self._held = True, self._held, []
        for connection in held:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()


_OURS = {
    "Accept": "application/json",
    "Accept-Encoding": "identity",
    "Connection": "close",
    "User-Agent": f"Gatehouse/{__version__}",
}
_THIS_MACHINE = ("127.0.0.1", "::1", "localhost")


def _nobody(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Adds nothing; without it requests would look for a password in ~/.netrc."""
    return request


class _Held(HTTPAdapter):
    """Makes connections that are handed to `hold` once they stand."""

    def __init__(self, hold: Hold) -> None:
        self._pools = _pools(hold)
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> urllib3.ProxyManager:
        manager: urllib3.ProxyManager = super().proxy_manager_for(proxy, **kwargs)
        manager.pool_classes_by_scheme = self._pools
        return manager


def _pools(hold: Hold) -> dict[str, type[HTTPConnectionPool]]:
    class Http(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            connected = super()._new_conn()
            hold(connected)
            return connected

    class Https(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            connected = super()._new_conn()
            hold(connected)
            return connected

    class HttpPool(HTTPConnectionPool):
        ConnectionCls = Http

    class HttpsPool(HTTPSConnectionPool):
        ConnectionCls = Https

    return {"http": HttpPool, "https": HttpsPool}


def _read(response: requests.Response) -> bytes:
    """The whole body as it came. Raises ValueError for one that is too long."""
    parts, size = [], 0
    while chunk := response.raw.read1(65_536, decode_content=False):
        parts.append(chunk)
        size += len(chunk)
        if size > ANSWER_BYTES:
            raise ValueError("an answer without end")
    return b"".join(parts)


def _word(error: Exception) -> str:
    """Why there is no answer, in a word. Errors themselves may hold the address, and with it the token."""
    match error:
        case requests.exceptions.SSLError():
            return "certificate"
        case requests.exceptions.ConnectTimeout() | requests.exceptions.ReadTimeout():
            return "too-slow"
        case ValueError() if not isinstance(error, requests.RequestException):
            return "too-large"
        case _ if isinstance(_cause(error), urllib3.exceptions.NameResolutionError):
            return "no-such-host"
        case _ if isinstance(_cause(error), urllib3.exceptions.NewConnectionError):
            return "refused"
        case _:
            return "broken-off"


def _cause(error: Exception) -> object:
    """What urllib3 said below requests' own error."""
    said = error.args[0] if error.args else None
    return getattr(said, "reason", said)


def _unshaken(error: Exception) -> bool:
    """Whether the connection never came so far that a question could be sent."""
    return isinstance(error, requests.exceptions.SSLError)
