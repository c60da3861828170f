"""Ask the provinces: who issued a code is asked about it, once, within a time box; whatever happens is a HealthCode."""

from __future__ import annotations

import os
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import requests
import structlog

from kiosk.codes.provincial import Province, Sighted, claimant
from kiosk.codes.scheme import rejected
from kiosk.config import Provinces
from kiosk.logs import origin
from kiosk.model import HealthCode, Reason, Verification, iso
from kiosk.provinces import line
from kiosk.provinces.access import Access, access
from kiosk.provinces.breaker import Breaker
from kiosk.provinces.memory import Memory

log = structlog.get_logger(__name__)

UNDER_WAY = 16  # questions to all provinces at once; a lane asks one at a time
_OURS = (Reason.NOT_PERMITTED, Reason.SCHEMA)  # trouble with the asking, not with a visitor's code
UNKNOWN_LIFE = timedelta(days=1)  # how long a single-use token without a life of its own is kept in mind


@dataclass
class _Server:
    """One province's server: how it is asked, and how it did."""

    province: Province
    access: Access
    breaker: Breaker
    asked: int = 0
    answered: int = 0
    trouble: str | None = None
    last_ms: int | None = None
    last_answer_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Question:
    """One text on its way: whose it is, what it says by itself, when it came."""

    server: _Server
    sighted: Sighted
    text: str
    offline: HealthCode
    at: datetime

    def unreachable(self) -> HealthCode:
        return replace(self.offline, verification=Verification.UNVERIFIED, reason=Reason.UNREACHABLE)


@dataclass(frozen=True, slots=True)
class _Outcome:
    """How a question ended. `sent`: the server may have received the token."""

    code: HealthCode
    sent: bool


class Lookup:
    """Asks the servers of `provinces`. Thread-safe; one for a gate.

    `session` makes the HTTP session of one question. Raises ConfigError for an address that may not be asked.
    """

    def __init__(
        self,
        provinces: Iterable[Province],
        settings: Provinces,
        *,
        demo: bool = False,
        session: line.NewSession = requests.Session,
        environ: Mapping[str, str] = os.environ,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.provinces = tuple(provinces)
        self._settings, self._demo, self._session, self._monotonic = settings, demo, session, monotonic
        self._servers = {
            province.id: _Server(
                province,
                access(province, settings, environ),
                Breaker(settings.failures, settings.retry_s, monotonic),
            )
            for province in self.provinces
        }
        self._memory = Memory()
        self._lock = threading.Lock()
        self._free = threading.BoundedSemaphore(UNDER_WAY)

    def asks(self, text: str) -> bool:
        """Whether `ask` would ask a server about `text`: one of a province that is set up."""
        province = claimant(self.provinces, text)
        return province is not None and self._trusted(province) and not self._servers[province.id].access.missing

    def ask(self, text: str, at: datetime, by: str = "") -> HealthCode:
        """What its issuer says of `text`. Blocks for `timeout_s` at most, and never raises.

        `by` says what presented it (a lane): a single-use token that somebody else presents again is REPLAYED.
        Without an answer UNVERIFIED: UNREACHABLE, or UNVERIFIABLE where the province is not set up.
        """
        try:
            return self._ask(text, at, by)
        except Exception as error:  # a lane waits for this answer: whatever went wrong, it gets one
            log.error("province", state="failed", origin=origin(error))
            province = claimant(self.provinces, text)
            code = rejected(province.id if province else "unknown", Reason.UNREACHABLE)
            return replace(code, verification=Verification.UNVERIFIED)

    def state(self) -> list[dict[str, Any]]:
        """Each province's server for the health page: plain values, nobody's data."""
        return [_shown(server) for server in self._servers.values()]

    def _ask(self, text: str, at: datetime, by: str) -> HealthCode:
        province = claimant(self.provinces, text)
        sighted = province.sighted(text) if province else None
        if province is None or sighted is None:
            return rejected("unknown", Reason.UNKNOWN_SCHEME)
        if not self._trusted(province):
            return rejected(province.id, Reason.UNKNOWN_ISSUER)
        server, offline = self._servers[province.id], province.offline(text, at)
        if offline.verification is Verification.FAILED or server.access.missing:
            return offline
        return self._once(_Question(server, sighted, text, offline, at), by)

    def _trusted(self, province: Province) -> bool:
        return self._demo or not province.demo

    def _once(self, question: _Question, by: str) -> HealthCode:
        """The answer to a question that may have been asked before, or be under way right now."""
        single_use, key = question.sighted.form.single_use, question.offline.serial
        match self._memory.look(key, question.at, by, single_use=single_use):
            case HealthCode() as known:
                return known
            case Reason() as why:
                return replace(question.offline, verification=Verification.FAILED, reason=why)
            case Future() as under_way:
                return self._wait(under_way, question)
        outcome = _Outcome(question.unreachable(), sent=True)  # the worst, should anything go wrong
        try:
            outcome = self._send(question)
        finally:
            self._remember(key, question, outcome)
        return outcome.code

    def _wait(self, under_way: Future[HealthCode], question: _Question) -> HealthCode:
        try:
            return under_way.result(self._settings.timeout_s)
        except TimeoutError:
            return question.unreachable()

    def _remember(self, key: str, question: _Question, outcome: _Outcome) -> None:
        form, code, at = question.sighted.form, outcome.code, question.at
        life = timedelta(seconds=form.life_s) if form.life_s is not None else None
        ends = (code.made_at or at) + life if life is not None else None
        fresh = at + timedelta(seconds=min(form.cache_s, self._settings.cache_s))
        judged = code.verification is not Verification.UNVERIFIED
        self._memory.tell(
            key,
            code,
            at=at,
            fresh_until=(min(fresh, ends) if ends else fresh) if judged else None,
            spent_until=(ends or at + UNKNOWN_LIFE) if form.single_use and outcome.sent else None,
        )

    def _send(self, question: _Question) -> _Outcome:
        server = question.server
        if not server.breaker.admits():
            return _Outcome(question.unreachable(), sent=False)
        if not self._free.acquire(blocking=False):
            server.breaker.abandoned()
            return _Outcome(question.unreachable(), sent=False)
        try:
            return self._exchange(question)
        except BaseException:
            server.breaker.abandoned()
            raise
        finally:
            self._free.release()

    def _exchange(self, question: _Question) -> _Outcome:
        server, started = question.server, self._monotonic()
        nonce = secrets.token_hex(16)
        outgoing = server.province.outgoing(question.text, question.at, nonce, server.access.secret, server.access.gate)
        try:
            reply = line.ask(outgoing, self._settings.timeout_s, self._session)
        except line.NoAnswer as error:
            self._note(question, error.word, None)
            return _Outcome(question.unreachable(), error.sent)
        judged = server.province.judged(question.text, reply.status, reply.body, question.at)
        self._note(question, judged.code.reason, round((self._monotonic() - started) * 1000))
        return _Outcome(judged.code, sent=True)

    def _note(self, question: _Question, trouble: str | None, took_ms: int | None) -> None:
        """Keep the breaker and the health page informed; one nameless line in the log.

        `took_ms` is None without an answer; an answer of UNREACHABLE is none either.
        """
        server, answered = question.server, took_ms is not None and trouble != Reason.UNREACHABLE
        (server.breaker.succeeded if answered else server.breaker.failed)()
        ours = not answered or trouble in _OURS
        with self._lock:
            server.asked += 1
            server.trouble = str(trouble) if ours else None
            if answered:
                server.answered, server.last_ms, server.last_answer_at = server.answered + 1, took_ms, question.at
        log.info("province", id=server.province.id, trouble=trouble and str(trouble), breaker=server.breaker.state)


def _shown(server: _Server) -> dict[str, Any]:
    province, breaker = server.province, server.breaker
    return {
        "id": province.id,
        "zh": province.said.zh,
        "en": province.said.en,
        "unverified_against_live": province.unverified_against_live,
        "demo": province.demo,
        "state": "not-set-up" if server.access.missing else breaker.state,
        "missing": list(server.access.missing),
        "failures": breaker.failures,
        "retry_in_s": breaker.retry_in_s,
        "asked": server.asked,
        "answered": server.answered,
        "trouble": server.trouble,
        "last_ms": server.last_ms,
        "last_answer_at": server.last_answer_at and iso(server.last_answer_at),
    }
