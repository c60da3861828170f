"""The office's side of a stick: what gates wrote comes in through the same door as over the line, and an answer goes
back with the acknowledgements and the hand-down."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec
import structlog
from msgspec import structs
from sqlalchemy import select

from kiosk.model import iso
from sync import parcel, protocol
from sync.office.days import closed
from sync.office.db.log import JournalRow
from sync.office.errors import IntakeError
from sync.office.office import Office
from sync.office.values import EVERYTHING, Gate, Scope
from sync.parcel import ANSWER, EVENTS, Answer, Header, ParcelError

log = structlog.get_logger(__name__)

Progress = Callable[[int], None]  # events taken so far


@dataclass(frozen=True, slots=True)
class Looked:
    """A parcel that is whole and this office's: whose it is, when it was written, its SHA-256."""

    gate: Gate
    made_at: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Carried:
    """What a parcel brought: `events` were in it, `new` of them were not here. `troubles` says what could not be taken
    of which journal; the staff were alerted."""

    gate: str
    gate_name: str
    made_at: str
    events: int
    new: int
    troubles: tuple[str, ...]


class Courier:
    """One office's parcels."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def look(self, path: Path, scope: Scope = EVERYTHING) -> Looked:
        """What a parcel is, without taking anything. Raises ParcelError: for another office, from a gate that is not
        enrolled here (or lies outside the scope), altered, or no parcel at all."""
        header = parcel.header_of(path)
        if header.kind != EVENTS:
            raise ParcelError(f"{path}: was written by an office: take it to gate {header.gate}", "kind")
        if header.office != self._office.office_key.hex():
            raise ParcelError(f"{path}: is for another office", "elsewhere")
        key = self._office.gates.public_key(header.gate)
        gate = next((gate for gate in self._office.gates.list(scope) if gate.id == header.gate), None)
        if key is None or gate is None:
            raise ParcelError(f"{path}: is from gate {header.gate}, which is not enrolled here (any more)", "unknown")
        return Looked(gate, header.made_at, parcel.check(path, key))

    def take(self, path: Path, *, who: str, progress: Progress = lambda _: None) -> Carried:
        """Take in what a gate wrote; taking it twice is harmless. Raises ParcelError as `look` does."""
        looked = self.look(path)
        gate, before, events, troubles = looked.gate, self._held(looked.gate.id), 0, list[str]()
        for message in self._messages(path):
            try:
                self._office.intake.take(gate.id, message, self._office.now(), carried=True)
            except IntakeError as error:
                troubles.append(f"journal {message.journal}: {error}")
            events += len(message.events)
            progress(events)
        new = self._held(gate.id) - before
        detail = f"{events} events, {new} new, {looked.sha256}"
        self._office.audit.write(who, "courier.in", gate.id, detail, gate.community)
        log.info("courier", gate=gate.id, events=events, new=new, troubles=len(troubles))
        return Carried(gate.id, gate.name, looked.made_at, events, new, tuple(dict.fromkeys(troubles)))

    def answer(self, gate_id: str, path: Path, *, who: str) -> protocol.Manifest | None:
        """Write for a gate how far its journals are held and what is handed down; the manifest that went along.

        Raises ParcelError when it cannot be written or the gate is not enrolled, NotFound for no gate.
        """
        gate = self._office.gates.get(gate_id, EVERYTHING)
        if (key := self._office.gates.public_key(gate.id)) is None:
            raise ParcelError(f"gate {gate.name} is not enrolled (any more): there is no key to seal for")
        now = self._office.now()
        suspended = self._office.standings.of(gate.id).suspended_at is not None  # then nothing is handed down
        manifest = None if suspended else self._office.publish.manifest(gate.community)
        header = Header(ANSWER, gate.id, self._office.office_key.hex(), iso(now))
        parcel.write(path, header, self._parts(gate.id, manifest, now), self._office.sign_key, key)
        version = manifest.version if manifest else 0
        self._office.audit.write(who, "courier.out", gate.id, f"bundle {version}", gate.community)
        return manifest

    def _messages(self, path: Path) -> Iterator[protocol.Events]:
        for part in parcel.read(path, self._office.sign_key):
            try:
                message = protocol.decode(protocol.Events, protocol.expand(part))
                for event in message.events:
                    protocol.from_wire(message.journal, event)
            except (ValueError, RecursionError) as error:
                why = f"{path}: cannot be read by this version ({error}); update the office"
                raise ParcelError(why, "newer") from error
            yield message

    def _parts(self, gate_id: str, manifest: protocol.Manifest | None, now: datetime) -> Iterator[bytes]:
        hashes = list(dict.fromkeys(manifest.sections.values())) if manifest else []
        receipts = {journal: self._receipt(gate_id, journal, now) for journal in self._journals(gate_id)}
        said = msgspec.Raw(protocol.encode(manifest) if manifest else b"null")
        yield protocol.squeeze(protocol.encode(Answer(receipts, said, hashes)))
        for sha256 in hashes:
            if (content := self._office.publish.section(sha256)) is None:
                raise ParcelError("a newer bundle was published meanwhile: write the answer once more")
            yield protocol.squeeze(content)

    def _receipt(self, gate_id: str, journal: str, now: datetime) -> protocol.Receipt:
        """As over the line, with the countersignatures of the newest days: a stick cannot ask which are lacking."""
        receipt = self._office.intake.take(gate_id, protocol.Events(journal, []), now, carried=True)
        with self._office.database.read() as tx:
            return structs.replace(receipt, days=closed.sealed(tx, gate_id, journal))

    def _journals(self, gate_id: str) -> list[str]:
        with self._office.database.read() as tx:
            return list(tx.scalars(select(JournalRow.id).where(JournalRow.gate_id == gate_id)))

    def _held(self, gate_id: str) -> int:
        """How many events of a gate are held, over all its journals."""
        with self._office.database.read() as tx:
            return sum(tx.scalars(select(JournalRow.seq).where(JournalRow.gate_id == gate_id)))
