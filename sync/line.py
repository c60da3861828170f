"""The line to the office: one request, one answer, and a clear word for whatever else may come back."""

from __future__ import annotations

import contextlib
import email.utils
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http.cookiejar import DefaultCookiePolicy
from urllib.parse import urlsplit

import msgspec
import requests
import urllib3
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from requests.auth import AuthBase

from kiosk.errors import SyncError
from kiosk.keyring import KeyRing
from kiosk.loopback import is_loopback
from sync import protocol, signing
from sync.clock import OfficeClock

ANSWER_BYTES = 256 * 1024
SLOWEST_BYTES_S = 4096  # below this rate an answer counts as stalled
PERMANENT = frozenset({"fork", "chain"})


class LineError(SyncError):
    """No usable answer. `word` says why, for machines: `unreachable`, `broken`, `rubbish`, or the office's own word."""

    def __init__(self, word: str, message: str, *, permanent: bool = False, retry_after_s: float | None = None) -> None:
        self.word = word
        super().__init__(message, permanent=permanent, retry_after_s=retry_after_s)


class Refusal(LineError):
    """The office understood, and said no: `problem` is what it said."""

    def __init__(self, problem: protocol.Problem, retry_after_s: float | None = None) -> None:
        self.problem = problem
        message = f"the office refused ({problem.error}): {problem.detail}"
        super().__init__(problem.error, message, permanent=problem.error in PERMANENT, retry_after_s=retry_after_s)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back with 200, 204, 206 or 304."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Credential:
    """Who calls: a gate's id, its keys, and its idea of the office's time."""

    gate: str
    keys: KeyRing
    clock: OfficeClock


@dataclass(frozen=True, slots=True)
class _Asked:
    """One request before it is signed; the answer may have `limit` bytes."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    limit: int


class _NotThisKey(Exception):
    """The office does not know the gate by this key."""


class Line:
    """Calls one office. Without a credential requests go unsigned, as enrolment does."""

    def __init__(self, office_url: str, timeout_s: float, credential: Credential | None = None) -> None:
        self.office_url = checked_url(office_url)
        self.saw: Callable[[requests.Response], None] = lambda _: None  # hears of each exchange, once it is whole
        self._timeout_s = timeout_s
        self._credential = credential
        self._session = requests.Session()
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._session.headers.update({"Accept": "application/json", "Accept-Encoding": "gzip"})
        self._session.headers[protocol.SPOKEN_HEADER] = protocol.SPOKEN
        host = urlsplit(self.office_url).hostname or ""
        self._proxies = {"no_proxy": host} if is_loopback(host) else {}  # none to one's own machine

    def close(self) -> None:
        self._session.close()

    def get(
        self, path: str, *, etag: str | None = None, limit: int = ANSWER_BYTES, piece: tuple[int, int] | None = None
    ) -> Answer:
        """GET; 304 only when `etag` was given, 206 only when a `piece` was asked for, by its first and last byte.

        Raises LineError, for an answer above `limit` bytes too.
        """
        headers = {"If-None-Match": etag} if etag else {}
        if piece:
            headers["Range"] = f"bytes={piece[0]}-{piece[1]}"
        return self._call("GET", path, headers, b"", limit)

    def post(self, path: str, message: msgspec.Struct) -> Answer:
        """POST a message, compressed when that pays. Raises LineError."""
        return self.post_bytes(path, protocol.encode(message))

    def post_bytes(self, path: str, body: bytes) -> Answer:
        """POST a message that is encoded already. Raises LineError."""
        headers = {"Content-Type": "application/json"}
        if len(body) > 1024:
            body, headers["Content-Encoding"] = protocol.squeeze(body), "gzip"
        return self._call("POST", path, headers, body, ANSWER_BYTES)

    def _call(self, method: str, path: str, headers: dict[str, str], body: bytes, limit: int) -> Answer:
        """The office's answer to the key in use, or to another one of the gate where it does not know that."""
        asked = _Asked(method, path, headers, body, limit)
        if (mine := self._credential) is None:
            return self._judge(self._exchange(asked, _Unsigned()))
        try:
            return self._ask(asked, mine, mine.keys.current)
        except Refusal as refusal:
            if refusal.word != "signature":
                raise
            for key in mine.keys.others():
                with contextlib.suppress(_NotThisKey):
                    return self._ask_with(asked, mine, key)
            raise

    def _ask_with(self, asked: _Asked, mine: Credential, key: Ed25519PrivateKey) -> Answer:
        """The same with another key, which is used from now on if the office knows it. Raises _NotThisKey if not."""
        try:
            answer = self._ask(asked, mine, key)
        except Refusal as refusal:
            if refusal.word == "signature":
                raise _NotThisKey from refusal
            mine.keys.use(key)
            raise
        mine.keys.use(key)
        return answer

    def _ask(self, asked: _Asked, mine: Credential, key: Ed25519PrivateKey) -> Answer:
        """Asked once more when the office says that only the time or the nonce was wrong."""
        auth, sent_at = _Signed(mine, key), mine.clock.gate_now()
        try:
            return self._judge(self._exchange(asked, auth))
        except Refusal as refusal:
            if refusal.word == "clock" and refusal.problem.time:
                self.hear(mine.clock, refusal.problem.time, sent_at)
            elif refusal.word != "replay":
                raise
        return self._judge(self._exchange(asked, auth))

    def hear(self, clock: OfficeClock, office_time: str, sent_at: datetime) -> None:
        """Set `clock` by the office's time in an exchange begun at `sent_at`. Raises LineError when it is none."""
        try:
            clock.heard(office_time, sent_at)
        except ValueError as error:
            raise LineError("rubbish", f"{self.office_url}: {office_time!r} is no time") from error

    def _exchange(self, asked: _Asked, auth: AuthBase) -> Answer:
        try:
            with self._session.request(
                asked.method,
                self.office_url + asked.path,
                headers=asked.headers,
                data=asked.body or None,
                auth=auth,
                timeout=self._timeout_s,
                proxies=self._proxies,
                allow_redirects=False,
                stream=True,
            ) as response:
                answer = Answer(response.status_code, response.headers, self._read(response, asked.limit))
                self.saw(response)
                return answer
        except requests.exceptions.SSLError as error:
            raise LineError("tls", f"{self.office_url}: its certificate is not accepted ({error})") from error
        except (requests.exceptions.ConnectTimeout, requests.exceptions.ConnectionError) as error:
            raise _no_answer(self.office_url, error) from error
        except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise LineError("broken", f"{self.office_url}: the connection broke off ({_short(error)})") from error

    def _read(self, response: requests.Response, limit: int) -> bytes:
        """The whole body, decompressed. A line that drips is given up instead of holding the gate for hours."""
        started, parts, size = time.monotonic(), [], 0
        while chunk := response.raw.read1(65_536, decode_content=True):
            parts.append(chunk)
            size += len(chunk)
            if size > limit:
                raise LineError("rubbish", f"{self.office_url}: an answer of more than {limit} bytes")
            if time.monotonic() - started > 3 * self._timeout_s + size / SLOWEST_BYTES_S:
                raise LineError("broken", f"{self.office_url}: the answer stalled after {size} bytes")
        return b"".join(parts)

    def _judge(self, answer: Answer) -> Answer:
        if answer.status in (200, 204, 206, 304):
            return answer
        retry_after_s = _retry_after(answer.headers.get("Retry-After"))
        try:
            problem = protocol.decode(protocol.Problem, answer.body)
        except ValueError as error:
            message = f"{self.office_url}: answered {answer.status} with something that is no office's answer"
            if 300 <= answer.status < 400:
                message = f"{self.office_url}: the office has moved to {answer.headers.get('Location')}; use that"
            word = "too-large" if answer.status == 413 else "rubbish"  # whatever stands in between may say 413 too
            raise LineError(word, message, retry_after_s=retry_after_s) from error
        raise Refusal(problem, retry_after_s)


def checked_url(office_url: str) -> str:
    """`office_url` without a trailing slash. Raises SyncError unless it is https, or http to this machine itself."""
    try:
        parts = urlsplit(office_url.strip())
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise SyncError(f"{office_url!r} is no address: {error}", permanent=True) from error
    if "@" in parts.netloc:  # not repeated in the message: what stands before @ may be a password
        raise SyncError("the office's address must not hold a user name or password", permanent=True)
    if parts.scheme not in ("http", "https") or not host or parts.query or parts.fragment:
        raise SyncError(f"{office_url!r} is no office's address; one looks like https://office.example", permanent=True)
    if parts.scheme == "http" and not is_loopback(host):
        message = f"{office_url}: plain http is for this machine alone; use https://{parts.netloc}"
        raise SyncError(message, permanent=True)
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"


def read(kind: type[protocol.Message], answer: Answer, office_url: str) -> protocol.Message:
    """The message in a good answer. Raises LineError `rubbish` when it holds something else."""
    try:
        return protocol.decode(kind, answer.body)
    except ValueError as error:
        message = f"{office_url}: answered {answer.status} with something that is no office's answer ({error})"
        raise LineError("rubbish", message) from error


class _Signed(AuthBase):
    """Signs each request as it goes out, with a nonce of its own."""

    def __init__(self, credential: Credential, key: Ed25519PrivateKey) -> None:
        self._credential = credential
        self._key = key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        credential = self._credential
        signing.sign(request, credential.gate, self._key, credential.clock.now(), secrets.token_urlsafe(18))
        return request


class _Unsigned(AuthBase):
    """Adds nothing; without it requests would look for a password in ~/.netrc."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


def _no_answer(office_url: str, error: requests.exceptions.RequestException) -> LineError:
    """A connection that was never made, or one that was cut before the answer."""
    reason = error.args[0] if error.args else error
    if isinstance(reason, urllib3.exceptions.ProtocolError):
        return LineError("broken", f"{office_url}: the connection broke off ({_short(error)})")
    return LineError("unreachable", f"{office_url}: the office cannot be reached ({_short(error)})")


def _short(error: BaseException) -> str:
    """The innermost cause: what the system said, without the wrappers around it."""
    while error.__context__ is not None:
        error = error.__context__
    return str(getattr(error, "strerror", None) or error or type(error).__name__)[:120]


def _retry_after(value: str | None) -> float | None:
    """Seconds to wait, from a number of seconds or an HTTP date; None when there is neither."""
    if value is None:
        return None
    if value.strip().isdecimal():
        return float(min(int(value), 86_400))
    try:
        at = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return min(max((at - datetime.now(UTC)).total_seconds(), 0.0), 86_400.0)
