"""Bringing a gate's journals to its office: in batches, in order, until it says under its signature that it has them.

Pushing can be repeated at any time, by several processes: the office knows an event by journal and number. What it
acknowledged is what counts, also when that is less than before (an office put back from a backup is sent more).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from kiosk import signet
from kiosk.errors import SyncError
from kiosk.identity import Identity
from kiosk.journal import Journal
from kiosk.model import ZERO_DIGEST, Event
from sync import countersigned, line, protocol
from sync.clock import OfficeClock
from sync.line import Line, LineError, Refusal

log = structlog.get_logger(__name__)

Progress = Callable[[int, int], None]  # events sent so far, of all journals; of the one at hand, events still waiting
START_OVER_EVERY = timedelta(hours=1)
PARTING = ("fork", "chain")
PARTED = 0  # among the numbers that were asked for: how far both agree at all


@dataclass(frozen=True, slots=True)
class PushResult:
    """`sent` events went out; of the present journal the office now holds everything up to `through`.

    `bundle` is the version it has published.
    """

    sent: int
    through: int
    bundle: int


@dataclass(slots=True)
class Pace:
    """How many events go into a request: half as many after one that did not get through, twice after one that did."""

    largest: int
    size: int = field(init=False)

    def __post_init__(self) -> None:
        self.size = self.largest

    def slower(self, tried: int) -> None:
        self.size = max(1, tried // 2)

    def faster(self) -> None:
        self.size = min(self.largest, self.size * 2)


class Contradiction(LineError):
    """The office holds another history of this journal, from number `seq` on, or beyond its end (None)."""

    def __init__(self, message: str, seq: int | None) -> None:
        self.seq = seq
        super().__init__("fork", message, permanent=True)


class Pusher:
    """Pushes the journals of one file. With `keeps` off, beside a gate that writes the file, it writes nothing down."""

    def __init__(
        self, journal: Journal, office: Line, identity: Identity, clock: OfficeClock, batch: int, *, keeps: bool
    ) -> None:
        self._journal = journal
        self._office = office
        self._identity = identity
        self._clock = clock
        self._pace = Pace(batch)
        self._keeps = keeps
        self._asked: set[str] = set()  # journals whose state the office was asked for since the start

    def push(self, progress: Progress) -> PushResult:
        """Send what the office lacks, of all journals, the oldest first.

        Raises SyncError: `permanent` when it concerns the present journal and sending again cannot help. Trouble with
        an older journal is raised only after the present one was pushed.
        """
        sent, trouble = 0, None
        for journal in self._due():
            try:
                count, _ = self._deliver(journal, _after(sent, progress))
                sent += count
            except LineError as error:
                if not error.permanent:
                    raise
                self._asked.add(journal)
                log.error("push", journal=journal, trouble=str(error))
                if self._journal.outbox(journal).waiting:
                    trouble = LineError(error.word, f"of an older journal: {error}")
        count, receipt = self._deliver_present(_after(sent, progress))
        if trouble:
            raise trouble
        return PushResult(sent + count, receipt.through, receipt.bundle)

    def _due(self) -> list[str]:
        """Older journals with something to send, or not yet asked about."""
        older = self._journal.journals()[:-1]
        return [name for name in older if name not in self._asked or self._journal.outbox(name).waiting]

    def _deliver_present(self, progress: Progress) -> tuple[int, protocol.Receipt]:
        try:
            return self._deliver(self._journal.id, progress)
        except Contradiction as contradiction:
            if not self._may_start_over():
                raise
            held = self._journal.outbox().through
            refused_from = None if contradiction.seq is None else max(contradiction.seq, held + 1)
            self._journal.renew("fork", refused_from)
        return self._deliver(self._journal.id, progress)

    def _may_start_over(self) -> bool:
        """A new journal is begun where the office holds another history, but not again and again."""
        begun = self._journal.recent(1, ("journal.begin",))[0]
        ago = abs(self._clock.gate_now() - begun.at)  # a clock that was set back must not forbid it for years
        return self._keeps and (begun.open.get("why") != "fork" or ago >= START_OVER_EVERY)

    def _deliver(self, journal: str, progress: Progress) -> tuple[int, protocol.Receipt]:
        """Send one journal; how many events went out, and the last receipt."""
        held, sent, asked = self._journal.outbox(journal).through, 0, set[int]()
        unsigned, acknowledged = self._unsigned(journal), held
        while True:
            worked_s = time.thread_time()
            if held < acknowledged:
                self._asked.clear()  # an office that was put back from a copy may lack older journals too
            size = min(self._pace.size, self._end(journal) - held)
            body, batch = encoded(journal, self._journal.after(held, size, journal) if size > 0 else [], unsigned)
            try:
                receipt = self._exchange(journal, body)
            except LineError as error:
                if _parted(error, held) and PARTED not in asked:
                    asked.add(PARTED)
                    held = self._in_common(journal, held)
                else:
                    held = self._recover(error, held, len(batch), asked)
                continue
            held = self._agree(journal, receipt, batch, held)
            self._pace.faster()
            sent += len(batch)
            progress(sent, self._end(journal) - held)
            if held >= self._end(journal):
                self._asked.add(journal)
                return sent, receipt
            time.sleep(time.thread_time() - worked_s)  # a backlog takes half of the gate at most: a lane comes first

    def _end(self, journal: str) -> int:
        """The last number of `journal` that is to be sent."""
        outbox = self._journal.outbox(journal)
        return outbox.through + outbox.waiting

    def _exchange(self, journal: str, body: bytes) -> protocol.Receipt:
        """The office's receipt, its signature verified. Raises LineError."""
        sent_at = self._clock.gate_now()
        answer = self._office.post_bytes(protocol.EVENTS, body)
        receipt = line.read(protocol.Receipt, answer, self._office.office_url)
        statement = protocol.receipt_statement(self._identity.gate, journal, receipt)
        if not signet.fits(self._identity.office_key, statement, receipt.signature):
            raise self._rubbish("a receipt that the office did not sign")
        self._office.hear(self._clock, receipt.time, sent_at)
        if self._keeps:
            countersigned.keep(self._journal, self._identity, journal, receipt)
        return receipt

    def _unsigned(self, journal: str) -> list[int]:
        """Closed days whose countersignature is asked for: once after each start, of those that are acknowledged."""
        return [] if journal in self._asked or not self._keeps else self._journal.unsigned(journal, protocol.MAX_DAYS)

    def _agree(self, journal: str, receipt: protocol.Receipt, sent: list[Event], held: int) -> int:
        """How far gate and office agree on the journal; noted. Raises LineError when that cannot be."""
        last = sent[-1].seq if sent else held
        if sent and receipt.through < last:
            raise self._rubbish("a receipt for less than was sent")
        if receipt.through > self._end(journal):
            if journal == self._journal.id and last >= self._end(journal):
                message = f"the office holds numbers up to {receipt.through}: this journal was put back from a copy"
                raise Contradiction(message, None)
            through = last  # put back from a copy, or the histories part further on: the next batch will show where
        elif receipt.digest == self._digest(journal, receipt.through, sent):
            through = receipt.through
        elif sent and receipt.through > last:
            through = last  # the histories part further on; the next batch will show where
        elif sent:
            raise self._rubbish("a receipt for other events than were sent")
        else:
            through = 0  # they part somewhere before: sending everything again will show where
        if self._keeps:
            digest = self._digest(journal, through, sent)
            self._journal.acknowledge(through, digest, self._clock.gate_now(), journal)
        return through

    def _in_common(self, journal: str, held: int) -> int:
        """How far both agree, where the office does not take the next event as what follows: an office that was put
        back from a copy may have taken another writer's events since, under numbers it had acknowledged to this one.
        Sending all of it again shows where the two part. Not so with a journal that is another gate's from its first
        event on: what that gate brought is there."""
        if held == 0 or self._knows(journal, held) or not self._knows(journal, 1):
            return held
        if self._keeps:
            self._journal.acknowledge(0, ZERO_DIGEST, self._clock.gate_now(), journal)
        return 0

    def _knows(self, journal: str, seq: int) -> bool:
        """Whether the office takes this very event for its number `seq`. Raises LineError."""
        try:
            self._exchange(journal, encoded(journal, self._journal.after(seq - 1, 1, journal))[0])
        except Refusal as refusal:
            if refusal.word not in PARTING:
                raise
            return False
        return True

    def _digest(self, journal: str, seq: int, sent: list[Event]) -> str:
        if seq == 0:
            return ZERO_DIGEST
        known = [event for event in sent if event.seq == seq] or self._journal.after(seq - 1, 1, journal)
        return known[0].digest

    def _recover(self, error: LineError, held: int, tried: int, asked: set[int]) -> int:
        """The number after which to go on at once. Raises `error`, or a better one, when that cannot be."""
        if error.word in ("broken", "too-large"):
            self._pace.slower(tried)
        if error.word == "too-large" and tried > 1:
            return held
        if not isinstance(error, Refusal):
            raise error
        if error.word == "fork":
            raise Contradiction(str(error), error.problem.seq) from error
        if error.word != "gap" or (expected := error.problem.expected) is None or expected < 1 or expected in asked:
            raise error
        if expected > held:
            raise self._rubbish(f"waits for number {expected} although more was sent") from error
        asked.add(expected)
        log.warning("push", state="gap", expected=expected)
        return expected - 1

    def _rubbish(self, what: str) -> LineError:
        return LineError("rubbish", f"{self._office.office_url}: {what}")


def _parted(error: LineError, held: int) -> bool:
    """Whether the very first event of a batch is the one that does not fit."""
    return isinstance(error, Refusal) and error.word in PARTING and error.problem.seq == held + 1


def _after(before: int, progress: Progress) -> Progress:
    """`progress`, counting on from what went out of earlier journals."""
    return lambda sent, waiting: progress(before + sent, waiting)


def encoded(journal: str, events: list[Event], unsigned: Sequence[int] = ()) -> tuple[bytes, list[Event]]:
    """A request body with as many of `events` as stay within what an office takes, and those. Raises SyncError."""
    while True:
        wire = [protocol.to_wire(event) for event in events]
        body = protocol.encode(protocol.Events(journal, wire, list(unsigned)))
        if len(body) <= protocol.MAX_BODY_BYTES:
            return body, events
        if len(events) == 1:
            raise SyncError(f"event {events[0].seq} is larger than an office takes", permanent=True)
        events = events[: len(events) // 2]
