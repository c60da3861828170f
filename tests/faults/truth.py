"""What was announced, as plain values, and whether it is at the office. Nothing of ours computes a digest here.

The office's tables are read as they are; digests and seals are computed from them with hashlib and rfc8785 alone.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import rfc8785
from sqlalchemy import text

from sync.office.office import Office
from sync.office.seal import Destroyed
from sync.office.values import EVERYTHING

Origin = tuple[str, int, str]  # journal, number, digest
ZEROS = "0" * 64


@dataclass(frozen=True, slots=True)
class Announced:
    """One event that a gate said is recorded."""

    journal: str
    seq: int
    digest: str
    kind: str
    at: datetime
    open: Mapping[str, Any]
    personal: Mapping[str, Any]

    @property
    def origin(self) -> Origin:
        return self.journal, self.seq, self.digest


@dataclass(frozen=True, slots=True)
class Held:
    """One event as it lies at the office, its personal part opened."""

    journal: str
    seq: int
    id: str
    gate: str
    kind: str
    at: datetime
    clock: Mapping[str, Any]
    open: Mapping[str, Any]
    personal: Mapping[str, Any] | None
    salt: str | None
    seal: str
    prev: str
    digest: str

    def origins(self) -> Iterator[Origin]:
        """The event itself and every one that it says it repeats."""
        yield self.journal, self.seq, self.digest
        named = self.open.get("again")
        while named:
            yield named["journal"], named["seq"], named["digest"]
            named = named.get("again")


@dataclass(slots=True)
class Finding:
    """What is wrong after everything healed; all of it empty when the promise was kept."""

    lost: list[str] = field(default_factory=list)
    duplicated: list[str] = field(default_factory=list)
    altered: list[str] = field(default_factory=list)
    known_missing: int = 0  # lost by design, and the office says so

    @property
    def ok(self) -> bool:
        return not (self.lost or self.duplicated or self.altered)

    def __str__(self) -> str:
        parts = {"lost": self.lost, "duplicated": self.duplicated, "altered": self.altered}
        return "; ".join(f"{name}: {', '.join(what)}" for name, what in parts.items() if what) or "nothing"


def judge(
    office: Office,
    branches: Mapping[str, Sequence[Announced]],
    written: Mapping[str, Collection[str]],
    excused: Mapping[str, int],
) -> Finding:
    """Compare the office with what each writer announced, in its order; `branches` is writer → announced, a writer's
    name begins with its gate's id, `written` are the journals in its file. `excused` is gate → of how many events the
    personal part was forgotten."""
    finding, held = Finding(), list(read(office))
    finding.altered += list(_broken(held))
    found: dict[Origin, list[Held]] = defaultdict(list)
    for event in held:
        for origin in event.origins():
            found[origin].append(event)
    missing: dict[str, set[Origin]] = defaultdict(set)
    nameless: dict[str, set[Origin]] = defaultdict(set)
    allowed = Counter(excused) + _nameless(held)
    for writer, announced in branches.items():
        gate = writer.partition("/")[0]
        for item in announced:
            if not (copies := found.get(item.origin)):
                missing[gate].add(item.origin)
                continue
            finding.altered += _differences(item, copies)
            if item.personal and all(not copy.personal for copy in copies):
                nameless[gate].add(item.origin)
        finding.altered += _disorder(writer, announced, found, written[writer])
    _missing(office, missing, finding)
    for gate, items in nameless.items():
        if len(items) > allowed[gate]:
            finding.altered.append(f"{len(items)} without their personal part, {allowed[gate]} forgotten or reported")
    _shown(office, branches, set().union(*missing.values()), finding)
    return finding


def read(office: Office) -> Iterator[Held]:
    """Every event at the office, journal by journal, in order of their numbers."""
    columns = "journal_id, seq, id, gate_id, kind, at, clock, open, sealed, seal, prev, digest"
    with office.database.read() as tx:
        rows = tx.execute(text(f"SELECT {columns} FROM event ORDER BY journal_id, seq")).all()
    for row in rows:
        inside: dict[str, Any] = {}
        if row.sealed is not None:
            place = f"event:{_id(row.journal_id)}:{row.seq}:sealed"
            with suppress(Destroyed):
                inside = office.verifier._sealer.open_json(place, bytes(row.sealed))
        yield Held(
            journal=_id(row.journal_id),
            seq=row.seq,
            id=_id(row.id),
            gate=_id(row.gate_id),
            kind=row.kind,
            at=_at(row.at),
            clock=json.loads(row.clock),
            open=json.loads(row.open),
            personal=inside.get("personal"),
            salt=inside.get("salt"),
            seal=bytes(row.seal).hex(),
            prev=bytes(row.prev).hex(),
            digest=bytes(row.digest).hex(),
        )


def _nameless(held: Iterable[Held]) -> Counter[str]:
    """Of how many events each gate told the office that their personal part was lost in a damaged file."""
    told = Counter[str]()
    for event in held:
        told[event.gate] += event.open.get("salvaged", {}).get("nameless", 0)
    return told


def _broken(held: Iterable[Held]) -> Iterator[str]:
    """Events that do not fit their digest, their seal, or the one before them; numbers that are not there."""
    journal, seq, before = "", 0, ZEROS
    for event in held:
        if event.journal != journal:
            journal, seq, before = event.journal, 0, ZEROS
        where = f"{event.journal}:{event.seq}"
        if event.seq != seq + 1 or event.prev != before:
            yield f"{where} does not follow number {seq}"
        if _digest(event) != event.digest:
            yield f"{where} does not fit its digest"
        if event.personal is not None and _seal(event) != event.seal:
            yield f"{where} does not fit its seal"
        seq, before = event.seq, event.digest


def _digest(event: Held) -> str:
    at = event.at.astimezone(UTC)
    body: Any = {
        "journal": event.journal,
        "seq": event.seq,
        "id": event.id,
        "kind": event.kind,
        "at": f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z",
        "clock": {name: event.clock.get(name) for name in ("boot", "monotonic_ms", "offset_ms")},
        "open": dict(event.open),
        "seal": event.seal,
        "prev": event.prev,
    }
    return hashlib.sha256(rfc8785.dumps(body)).hexdigest()


def _seal(event: Held) -> str:
    return hashlib.sha256(bytes.fromhex(event.salt or "") + rfc8785.dumps(event.personal)).hexdigest()


def _differences(item: Announced, copies: Sequence[Held]) -> Iterator[str]:
    for copy in copies:
        said = {name: value for name, value in copy.open.items() if name != "again"}
        if (copy.kind, copy.at, said) != (item.kind, item.at, dict(item.open)):
            yield f"{item.journal}:{item.seq} says something else as {copy.journal}:{copy.seq}"
        if copy.personal and dict(copy.personal) != dict(item.personal):
            yield f"{item.journal}:{item.seq} names somebody else as {copy.journal}:{copy.seq}"


def _disorder(
    writer: str, announced: Sequence[Announced], found: Mapping[Origin, Sequence[Held]], written: Collection[str]
) -> Iterator[str]:
    """In no journal may they stand in another order, and not over all the journals of the writer, which are ordered by
    their names: a UUIDv7 tells when it was made. Another machine may have brought what this one had lost."""
    journals: dict[str, list[int]] = defaultdict(list)
    places: list[tuple[str, int]] = []
    for item in announced:
        copies = found.get(item.origin, ())
        for copy in copies:
            journals[copy.journal].append(copy.seq)
        places += (
            [min(own)] if (own := [(copy.journal, copy.seq) for copy in copies if copy.journal in written]) else []
        )
    if places != sorted(places) or any(numbers != sorted(numbers) for numbers in journals.values()):
        yield f"{writer}: not in the order in which they were announced"


def _missing(office: Office, missing: Mapping[str, set[Origin]], finding: Finding) -> None:
    """Whatever is not there is lost, unless the office itself says that so many numbers of the gate are lacking."""
    for gate, origins in missing.items():
        if (known := known_missing(office, gate)) >= len(origins):
            finding.known_missing += len(origins)
        else:
            named = ", ".join(f"{journal}:{seq}" for journal, seq, _ in sorted(origins)[:5])
            finding.lost.append(f"{len(origins)} of gate {gate} ({named}), the office knows of {known}")


def known_missing(office: Office, gate: str) -> int:
    """How many numbers of a gate the office's own table of days shows as lacking."""
    today, month = office.days.today, timedelta(days=30)
    days = office.days.table((office.gates.get(gate, EVERYTHING),), today - month, today + month)[gate]
    return sum(day.figures.missing for day in days)


def _shown(office: Office, branches: Mapping[str, Sequence[Announced]], missing: set[Origin], to: Finding) -> None:
    """Every passage that is here stands in the entry log once; no alert was raised twice for one visit."""
    everything = [item for announced in branches.values() for item in announced if item.origin not in missing]
    passages = {item.open["visit"] for item in everything if item.kind == "passage"}
    rows = {table: Counter[tuple[str, str]]() for table in ("passage", "alert")}
    with office.database.read() as tx:
        for table, counted in rows.items():
            counted.update((row.kind, row.visit) for row in tx.execute(text(f"SELECT kind, visit FROM {table}")))
    to.lost += [f"visit {visit} is not in the entry log" for visit in passages if not rows["passage"]["passage", visit]]
    for table, counted in rows.items():
        twice = [(visit, count) for (_, visit), count in counted.items() if count > 1 and visit]
        to.duplicated += [f"{table} of visit {visit} {count} times" for visit, count in twice]


def _id(value: Any) -> str:
    """As the office's tables hold it: 16 bytes on SQLite, a UUID on PostgreSQL."""
    return str(UUID(bytes=bytes(value)) if isinstance(value, bytes | memoryview) else value)


def _at(value: Any) -> datetime:
    """Milliseconds on SQLite, a time on PostgreSQL."""
    if isinstance(value, int):
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=value)
    assert isinstance(value, datetime)
    return value.astimezone(UTC)
