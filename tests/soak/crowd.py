"""Simulated gates: chains, seals and signatures are real, and so is the line; people, cameras and disks are not."""

from __future__ import annotations

import gzip
import hashlib
import os
import random
import secrets
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from multiprocessing.queues import Queue
from typing import Any

import requests
import uuid_utils
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk import chain, signet
from kiosk.model import ZERO_DIGEST, Clock, iso
from sync import protocol, signing
from tests.sync.office.gate_end import PERSON, passage

VERDICTS = ("admit",) * 17 + ("check", "refuse", "isolate")
TIMEOUT_S = 120.0
SPAN = timedelta(hours=20)  # what the gates recorded before they called
RESIDENTS = 400


@dataclass(frozen=True, slots=True)
class Post:
    """One gate's place in the plan: who it is, and what it is to send. `twice` and `early` are shares of batches."""

    gate: str
    sign: bytes = field(repr=False)
    url: str
    office_key: bytes
    number: int
    events: int
    batch: int
    twice: float
    early: float


@dataclass(slots=True)
class Tally:
    """What a gate sent, by its own count. `chain` is the SHA-256 of all its digests (in hex), one after the other."""

    gate: str
    journal: str
    events: int = 0
    head: str = ZERO_DIGEST
    chain: str = ""
    verdicts: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Batch:
    """A request body, the numbers in it, and the digest of its last event."""

    first: int
    last: int
    digest: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Sent:
    """One request and its answer: `kind` is `new`, `twice` or `gap`."""

    kind: str
    events: int
    took_s: float


class SimulatedGate:
    """A journal that is made up as it is sent."""

    def __init__(self, post: Post) -> None:
        self._post = post
        self._chance = random.Random(post.number)
        self._digests = hashlib.sha256()
        self._people = [_person(post.number, number) for number in range(RESIDENTS)]
        self._began = datetime.now(UTC) - SPAN
        self._key = Ed25519PrivateKey.from_private_bytes(post.sign)
        self._session = requests.Session()
        self._session.trust_env = False
        self.tally = Tally(post.gate, str(uuid.uuid4()))

    def work(self) -> Iterator[Sent]:
        """Sends everything; now and then a batch twice, now and then the one after it first."""
        now, index = self._next(), self._post.number * -(-self._post.events // self._post.batch)
        while now is not None:
            after = self._next() if _due(index, self._post.early) else None
            if after is not None:
                yield self._too_early(after, now)
            yield self._taken("new", now)
            if _due(index + 3, self._post.twice):
                yield self._taken("twice", now)
            now, index = after or self._next(), index + 1
        self.tally.chain = self._digests.hexdigest()
        self._session.close()

    def _taken(self, kind: str, batch: Batch) -> Sent:
        """Raises AssertionError for a receipt that is not the office's or says something else."""
        answer, took_s = self._post_it(batch.body)
        assert answer.status_code == 200, f"{kind}: {answer.status_code} {answer.text}"
        receipt = protocol.decode(protocol.Receipt, answer.content)
        statement = protocol.receipt_statement(self._post.gate, self.tally.journal, receipt)
        assert signet.fits(self._post.office_key, statement, receipt.signature), "a receipt that nobody signed"
        assert (receipt.through, receipt.digest) == (batch.last, batch.digest), f"{kind}: {receipt}"
        return Sent(kind, batch.last - batch.first + 1, took_s)

    def _too_early(self, batch: Batch, missing: Batch) -> Sent:
        """Raises AssertionError unless the office names the number it waits for."""
        answer, took_s = self._post_it(batch.body)
        problem = protocol.decode(protocol.Problem, answer.content)
        assert (problem.error, problem.expected) == ("gap", missing.first), answer.text
        return Sent("gap", 0, took_s)

    def _post_it(self, body: bytes) -> tuple[requests.Response, float]:
        """The answer, and how long it took."""
        begun = time.perf_counter()
        answer = self._session.post(
            self._post.url + protocol.EVENTS,
            data=gzip.compress(body, 1),  # a gate takes more time for it; here all of them share the office's machine
            headers={"Content-Type": "application/json", "Content-Encoding": "gzip"},
            auth=self._signed,
            timeout=TIMEOUT_S,
        )
        return answer, time.perf_counter() - begun

    def _signed(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        signing.sign(request, self._post.gate, self._key, datetime.now(UTC), secrets.token_urlsafe(18))
        return request

    def _next(self) -> Batch | None:
        """The next events of the journal; None when all were made."""
        first = self.tally.events + 1
        last = min(self.tally.events + self._post.batch, self._post.events)
        if first > last:
            return None
        events = [self._event(seq) for seq in range(first, last + 1)]
        body = protocol.encode(protocol.Events(self.tally.journal, events))
        return Batch(first, last, self.tally.head, body)

    def _event(self, seq: int) -> protocol.WireEvent:
        verdict, visit = self._chance.choice(VERDICTS), str(uuid_utils.uuid7())
        open_part = passage(gate=self._post.gate, visit=visit, verdict=verdict)
        personal, sealed = self._people[seq % RESIDENTS]
        salt = os.urandom(chain.SALT_BYTES)
        clock = Clock("boot", seq * 1000, 0)
        named: dict[str, Any] = {
            "seq": seq,
            "id": str(uuid_utils.uuid7()),
            "kind": "passage",
            "at": iso(self._began + seq * SPAN / self._post.events),
            "seal": chain.seal(salt, sealed),
            "prev": self.tally.head,
        }
        digest = chain.digest(journal=self.tally.journal, clock=clock, open=open_part, **named)
        self.tally.events, self.tally.head = seq, digest
        self.tally.verdicts[verdict] += 1
        self._digests.update(bytes.fromhex(digest))
        wire_clock = protocol.WireClock(clock.boot, clock.monotonic_ms, clock.offset_ms)
        return protocol.WireEvent(
            clock=wire_clock, open=open_part, digest=digest, personal=personal, salt=salt.hex(), **named
        )


def _due(index: int, share: float) -> bool:
    """Whether it is this batch's turn, counted over all gates."""
    return share > 0 and index % round(1 / share) == 0


def _person(gate: int, number: int) -> tuple[dict[str, Any], chain.Canonical]:
    """A resident as the journal knows one, with a code of their own; and how that is spelt when it is sealed."""
    code = hashlib.sha256(f"code {gate} {number}".encode()).hexdigest()
    personal = PERSON | {"id_last4": f"{number:04d}", "tokens": [code[::-1]], "code_token": code}
    return personal, chain.canonical(personal)


def work(posts: Sequence[Post], lines: int, told: Queue[Sent | Tally | str]) -> None:
    """Sends what these gates have, over so many lines at once, each gate in turn; tells of each request, and at the end
    of each gate. Runs in a process of its own."""
    try:
        with ThreadPoolExecutor(lines) as pool:
            shares = [posts[first::lines] for first in range(lines)]
            for done in [pool.submit(_take_turns, share, told.put) for share in shares]:
                done.result()
    except Exception as error:  # the parent process stops the whole
        told.put(f"{type(error).__name__}: {error}")


def _take_turns(posts: Sequence[Post], tell: Callable[[Sent | Tally], None]) -> None:
    gates = [SimulatedGate(post) for post in posts]
    working = {gate: gate.work() for gate in gates}
    while working:
        for gate, steps in tuple(working.items()):
            if (sent := next(steps, None)) is not None:
                tell(sent)
            else:
                del working[gate]
                tell(gate.tally)
