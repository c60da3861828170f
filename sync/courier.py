"""The gate's side of a stick: what waits goes out sealed for the office, what the office answers comes in.

For when no line works. A parcel is written as often as one likes: what has come by both ways counts once.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk import signet
from kiosk.errors import HandDownError
from kiosk.handdown import HandDown
from kiosk.identity import Identity
from kiosk.journal import Journal
from kiosk.model import iso
from sync import countersigned, parcel, protocol
from sync.parcel import ANSWER, EVENTS, Answer, Header, ParcelError
from sync.push import Progress, encoded

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Written:
    """What went into a parcel."""

    events: int
    journals: int


@dataclass(frozen=True, slots=True)
class Taken:
    """What an answer brought: so many events more are acknowledged, which bundle is in force."""

    acknowledged: int
    waiting: int
    bundle: int
    changed: bool


class Courier:
    """One gate's parcels. `batch` is the most events in a part, as in a request."""

    def __init__(
        self,
        *,
        journal: Journal,
        handdown: HandDown,
        identity: Identity,
        sign_key: Ed25519PrivateKey,
        now: Callable[[], datetime],
        batch: int = protocol.MAX_EVENTS,
    ) -> None:
        self._journal = journal
        self._handdown = handdown
        self._identity = identity
        self._sign_key = sign_key
        self._now = now
        self._batch = batch

    def out(self, path: Path, progress: Progress = lambda *_: None, *, everything: bool = False) -> Written:
        """Write all that the office has not acknowledged into a parcel, or `everything`. Nothing counts as sent by it.

        Raises ParcelError when it cannot be written, JournalError when the journal cannot be read.
        """
        identity = self._identity
        header = Header(EVENTS, identity.gate, identity.office_key.hex(), iso(self._now()))
        ranges = [self._range(name, everything=everything) for name in self._journal.journals()]
        written = _Count(progress, sum(end - at for _, at, end in ranges))
        parcel.write(path, header, self._parts(ranges, written), self._sign_key, identity.office_key)
        log.info("courier", state="written", events=written.events)
        return Written(written.events, written.journals)

    def take(self, path: Path) -> Taken:
        """Note what the office acknowledged and put in force what it hands down, from its answer.

        All of it is looked at before any of it counts. Raises ParcelError: for another gate, from another office,
        altered, or older than what was taken before; HandDownError for a bundle that cannot be put in force.
        """
        answer, sections, manifest = self.look(path)
        held = sum(self._acknowledge(journal, receipt) for journal, receipt in answer.receipts.items())
        before = self._handdown.bundle.version
        if manifest is not None:
            self._handdown.swap(manifest, sections)
        version = self._handdown.bundle.version
        waiting = sum(self._journal.outbox(name).waiting for name in self._journal.journals())
        log.info("courier", state="taken", acknowledged=held, bundle=version)
        return Taken(held, waiting, version, version != before)

    def look(self, path: Path) -> tuple[Answer, dict[str, bytes], dict[str, Any] | None]:
        """What an answer holds, once all of it is in order: the answer, its sections and its manifest. Raises as `take`
        does, and changes nothing."""
        answer, sections = self._opened(path)
        manifest = _document(path, answer.manifest)
        self._check(path, answer, manifest)
        return answer, sections, manifest

    def _range(self, name: str, *, everything: bool) -> tuple[str, int, int]:
        box = self._journal.outbox(name)
        return name, 0 if everything else box.through, box.through + box.waiting

    def _parts(self, ranges: list[tuple[str, int, int]], written: _Count) -> Iterator[bytes]:
        for name, begin, end in ranges:
            at = begin
            written.journals += at < end
            while at < end:
                body, events = encoded(name, self._journal.after(at, min(self._batch, end - at), name))
                at = events[-1].seq
                written.add(len(events))
                yield protocol.squeeze(body)

    def _opened(self, path: Path) -> tuple[Answer, dict[str, bytes]]:
        header = parcel.header_of(path)
        if header.kind != ANSWER:
            raise ParcelError(f"{path}: was written by a gate: take it to the office, and bring what it gives back")
        if header.gate != self._identity.gate:
            raise ParcelError(f"{path}: is for gate {header.gate}, this one is {self._identity.gate}")
        if header.office != self._identity.office_key.hex():
            raise ParcelError(f"{path}: is from another office than the one this gate is enrolled at")
        parcel.check(path, self._identity.office_key)
        parts = parcel.read(path, self._sign_key)
        try:
            answer = protocol.decode(Answer, protocol.expand(next(parts), parcel.PART_BYTES))
            return answer, {
                sha256: protocol.expand(part, parcel.PART_BYTES)
                for sha256, part in zip(answer.sections, parts, strict=True)
            }
        except (ValueError, StopIteration) as error:
            raise ParcelError(f"{path}: cannot be read by this version ({error}); update it") from error

    def _check(self, path: Path, answer: Answer, manifest: Mapping[str, Any] | None) -> None:
        """Raises ParcelError or HandDownError unless all of it may be taken."""
        known = self._journal.journals()
        for name, receipt in answer.receipts.items():
            statement = protocol.receipt_statement(self._identity.gate, name, receipt)
            if not signet.fits(self._identity.office_key, statement, receipt.signature):
                raise ParcelError(f"{path}: holds a receipt that the office did not sign")
            if name in known and receipt.through < self._journal.outbox(name).through:
                raise ParcelError(
                    f"{path}: is older than what the office has acknowledged since; have a new one written"
                )
        if manifest is not None:
            try:
                self._handdown.missing(manifest)
            except HandDownError as error:
                raise ParcelError(f"{path}: {error}") from error

    def _acknowledge(self, name: str, receipt: protocol.Receipt) -> int:
        """How many more events of a journal the office holds. Where it holds others, a new journal is begun."""
        if name not in self._journal.journals():
            return 0  # of before a new file was begun
        before = self._journal.outbox(name)
        own = self._journal.after(receipt.through - 1, 1, name) if receipt.through else []
        if receipt.through == before.through or (own and own[0].digest == receipt.digest):
            self._journal.acknowledge(receipt.through, receipt.digest, self._now(), name)
            countersigned.keep(self._journal, self._identity, name, receipt)
            return receipt.through - before.through
        log.error("courier", state="fork", journal=name, through=receipt.through)
        if name == self._journal.id:
            self._journal.renew("fork", before.through + 1)
        return 0


class _Count:
    """How far the writing has come."""

    def __init__(self, progress: Progress, waiting: int) -> None:
        self.events = self.journals = 0
        self._progress = progress
        self._waiting = waiting

    def add(self, events: int) -> None:
        self.events += events
        self._progress(self.events, max(self._waiting - self.events, 0))


def _document(path: Path, raw: msgspec.Raw) -> dict[str, Any] | None:
    try:
        document = json.loads(bytes(raw))
    except (ValueError, RecursionError) as error:
        raise ParcelError(f"{path}: holds a manifest that is none") from error
    if not isinstance(document, dict | None):
        raise ParcelError(f"{path}: holds a manifest that is none")
    return document
