"""Deletion on somebody's own request: asked for by one, approved by another, done at the office at once and at each
gate when it next calls. What stays names nobody: open parts, seals, digests, and a certificate of how much went.

Kept all the same, and named before anything goes: what an alert that is not closed is about, days that are held, and an
entry on the watch list that still runs.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, and_, delete, func, insert, select, update
from uuid_utils import uuid7

from sync.office.audit import Audit
from sync.office.db import Database
from sync.office.db.lists import DeclarationRow, ListedRow, RecentCodeRow
from sync.office.db.log import AlertRow, EventRow, ForkEventRow
from sync.office.db.retention import ErasureGateRow, ErasureRow
from sync.office.db.tables import GateRow, PassRow
from sync.office.errors import Refused
from sync.office.lists.copies import KIND as COPIED
from sync.office.lists.wanted import WATCH
from sync.office.retention import notes, requests
from sync.office.retention.certificates import PERSON, Certificates
from sync.office.retention.daykeys import DayKeys
from sync.office.retention.finding import Finding, Holding, Number, Part
from sync.office.retention.holds import why_held
from sync.office.retention.requests import Erasure, Preview
from sync.office.scope import within
from sync.office.seal import Filed, Sealer
from sync.office.second_person import check_sole
from sync.office.units import Units
from sync.office.values import EVERYTHING, Scope, Unit

REASONS = ("own-request", "wrong-data", "court", "moved-away")
WHY = "本人申请删除 deleted on request"  # a pass is revoked with it

OFFICE = "office"  # who does what nobody asked for
HandDown = Callable[[str, str], None]


class Erasures:
    """`hand_down(community, who)` publishes what changed and calls the gates."""

    def __init__(
        self,
        database: Database,
        sealer: Sealer,
        keys: DayKeys,
        units: Units,
        finding: Finding,
        certificates: Certificates,
        hand_down: HandDown,
        audit: Audit,
        now: Callable[[], datetime],
        *,
        two_people: bool,
    ) -> None:
        self.two_people = two_people
        self._database = database
        self._sealer = sealer
        self._keys = keys
        self._units = units
        self._finding = finding
        self._certificates = certificates
        self._hand_down = hand_down
        self._audit = audit
        self._now = now

    def preview(self, community_id: str, wanted: Number, scope: Scope) -> Preview:
        """What of somebody would go from a community. Raises NotFound outside the scope."""
        holding = self._finding.of(self._units.get(community_id, scope), wanted)
        with self._database.read() as tx:
            return self._sifted(tx, holding)

    def ask(self, community_id: str, wanted: Number, reason: str, scope: Scope, *, who: str) -> Erasure:
        """A request that somebody else has to approve; who it is about lies sealed until then."""
        community = self._units.get(community_id, scope)
        if reason not in REASONS:
            raise Refused(f"a reason is one of {', '.join(REASONS)}")
        row_id = str(uuid7())
        sealed = self._sealer.seal_json(_place(row_id), {"kind": wanted.kind, "number": wanted.plain})
        row = {"id": row_id, "community_id": community.id, "reason": reason, "sealed": sealed}
        with self._database.write() as tx:
            tx.execute(insert(ErasureRow).values(**row, made_at=self._now(), made_by=who))
            self._audit.note(tx, who, "person.ask", row_id, reason, community.id)
        return self.get(row_id, scope)

    def asked(self, erasure_id: str, scope: Scope) -> Preview:
        """What would go by a request that waits for approval. Raises Refused when it does not any more."""
        found = self._row(erasure_id, scope)
        return self.preview(found.community_id, self._number(found), scope)

    def cancel(self, erasure_id: str, scope: Scope, *, who: str) -> Erasure:
        """Drops a request; who it was about is forgotten."""
        found = self._row(erasure_id, scope)
        self._number(found)
        with self._database.write() as tx:
            off = update(ErasureRow).where(ErasureRow.id == found.id)
            tx.execute(off.values(cancelled_at=self._now(), sealed=None))
            self._audit.note(tx, who, "person.cancel", found.id, "", found.community_id)
        return self.get(erasure_id, scope)

    def approve(self, erasure_id: str, scope: Scope, *, who: str, sole: bool = False) -> Erasure:
        """Does it. Raises SamePerson for whoever asked, unless the office does without a second person; with `sole` it
        may be the same as long as the office has no more than one user. Raises Refused when there is nothing to do."""
        row = self._row(erasure_id, scope)
        wanted, unit = self._number(row), self._units.get(row.community_id, scope)
        holding = self._finding.of(unit, wanted)
        with self._database.write() as tx:
            locked = tx.execute(select(ErasureRow).where(ErasureRow.id == row.id).with_for_update()).one()
            if locked.sealed is None:
                raise Refused("this request was decided already")
            alone = who == row.made_by
            if alone and self.two_people:
                check_sole(tx, "a deletion", "查找本人", sole=sole)
            going = self._sifted(tx, holding).going
            self._empty(tx, unit, going, who)
            self._done(tx, row, unit, going, who)
            notes.write(tx, notes.UNCLEARED, row.id)
            notes.write(tx, notes.UNTOLD + unit.id, who)
            self._audit.note(tx, who, "person.erase", row.id, "alone" if alone else "", unit.id)
        self._tell(unit.id, who)
        return self.get(erasure_id, scope)

    def settle(self) -> int:
        """Ends the requests that all gates have done: what came meanwhile goes too, and the token. How many.

        Before, hands down what a process that was killed had no time to."""
        with self._database.read() as tx:
            untold = notes.untold(tx)
        for community_id in untold:
            self._tell(community_id, OFFICE)
        with self._database.read() as tx:
            waiting = select(ErasureRow.id, ErasureRow.community_id).where(ErasureRow.tokens.is_not(None))
            rows = tx.execute(waiting).all()
        return sum(self._settle(row.id, row.community_id) for row in rows)

    def get(self, erasure_id: str, scope: Scope) -> Erasure:
        """Raises NotFound, outside the scope too."""
        with self._database.read() as tx:
            return requests.erasure(tx, requests.found(tx, erasure_id, scope))

    def list(self, scope: Scope, limit: int = 100) -> tuple[Erasure, ...]:
        """Newest first."""
        wanted = (
            requests.rows()
            .where(within(ErasureRow.community_id, scope))
            .order_by(ErasureRow.made_at.desc())
            .limit(limit)
        )
        with self._database.read() as tx:
            return tuple(requests.erasure(tx, row) for row in tx.execute(wanted).all())

    def _row(self, erasure_id: str, scope: Scope) -> Any:
        with self._database.read() as tx:
            return requests.found(tx, erasure_id, scope)

    def _number(self, row: Any) -> Number:
        if row.sealed is None:
            raise Refused("this request was decided already")
        held = self._sealer.open_json(_place(row.id), row.sealed)
        return Number(held["kind"], held["number"])

    def _sifted(self, tx: Connection, holding: Holding) -> Preview:
        """What of a holding may go."""
        alert, listed = AlertRow, ListedRow
        pending = select(alert.id, alert.visit).where(alert.id.in_(holding.alerts), alert.closed_at.is_(None))
        open_alerts = tx.execute(pending).all() if holding.alerts else []
        visits = {row.visit for row in open_alerts if row.visit}
        held = {part for part in holding.parts if part.visit in visits or self._held(tx, holding.community, part)}
        running = select(listed.id).where(
            listed.id.in_(holding.listed), listed.register == WATCH, listed.source != COPIED,
            listed.ended_at.is_(None), func.coalesce(listed.ends, self._now()) >= self._now(),
        )  # fmt: skip
        stay = set(tx.scalars(running)) if holding.listed else set()
        pressing = {row.id for row in open_alerts}
        going = Holding(
            holding.community,
            holding.community_name,
            holding.token,
            tuple(part for part in holding.parts if part not in held),
            holding.forks,
            tuple(one for one in holding.alerts if one not in pressing),
            tuple(one for one in holding.listed if one not in stay),
            holding.declarations,
            holding.passes,
        )
        return Preview(holding, going, len(held) + len(pressing), len(stay))

    def _held(self, tx: Connection, community: str, part: Part) -> bool:
        return why_held(tx, community, self._keys.day(Filed(community, part.at, part.at))) is not None

    def _empty(self, tx: Connection, unit: Unit, going: Holding, who: str) -> None:
        """Takes the person out of every table."""
        for part in going.parts:
            _unseal(tx, unit.id, part)
        for journal, seq, digest in going.forks:
            same = (ForkEventRow.journal_id == journal, ForkEventRow.seq == seq, ForkEventRow.digest == digest)
            tx.execute(update(ForkEventRow).where(*same).values(sealed=None))
        for id in going.alerts:
            tx.execute(update(AlertRow).where(AlertRow.id == id).values(sealed=None))
            copied = update(AlertRow).where(AlertRow.id == id, AlertRow.kind == COPIED)
            tx.execute(copied.values(subject=f"deleted:{id}"))
        tx.execute(delete(ListedRow).where(ListedRow.id.in_(going.listed)))
        tx.execute(delete(DeclarationRow).where(DeclarationRow.id.in_(going.declarations)))
        for serial in going.passes:
            self._empty_pass(tx, serial, who)

    def _empty_pass(self, tx: Connection, serial: str, who: str) -> None:
        """A pass stays as a number that is revoked: a gate would else take its signature for good."""
        nobody = self._sealer.seal_json(
            f"office_pass:{serial}:sealed", {"name": "", "id_last4": "", "household": "", "phone": ""}
        )
        this = PassRow.serial == serial
        marks = {"name_mark": None, "person_mark": None, "household_mark": None}
        tx.execute(update(PassRow).where(this).values(sealed=nobody, **marks))
        off = {"revoked_at": self._now(), "revoked_by": who, "revoked_why": WHY}
        tx.execute(update(PassRow).where(this, PassRow.revoked_at.is_(None)).values(**off))

    def _done(self, tx: Connection, row: Any, unit: Unit, going: Holding, who: str) -> None:
        """The trace: a certificate without the person, and what gates still have to do."""
        gates = tx.scalars(select(GateRow.id).where(GateRow.community_id == unit.id, GateRow.public_key.is_not(None)))
        waiting = [{"erasure_id": row.id, "gate_id": gate} for gate in gates]
        said = {
            "request": row.id,
            "community_name": unit.name,
            "reason": row.reason,
            "parts": going.total,
            "kinds": going.counts(),
            "asked_by": row.made_by,
            "by": who,
        }
        at = self._now()
        number = self._certificates.issue(tx, PERSON, unit.id, at, said)
        told = msgspec.json.encode([going.token]).decode() if waiting else None
        this = update(ErasureRow).where(ErasureRow.id == row.id)
        tx.execute(this.values(sealed=None, approved_by=who, done_at=at, certificate=number, tokens=told))
        if waiting:
            tx.execute(insert(ErasureGateRow), waiting)

    def _settle(self, erasure_id: str, community_id: str) -> bool:
        unit = self._units.get(community_id, EVERYTHING)
        with self._database.write() as tx:
            row = tx.execute(select(ErasureRow).where(ErasureRow.id == erasure_id).with_for_update()).one()
            if row.tokens is None:
                return False
            _hear(tx, row)
            lacking = select(func.count()).select_from(ErasureGateRow)
            alive = and_(GateRow.id == ErasureGateRow.gate_id, GateRow.public_key.is_not(None))  # a revoked one is not
            of_it = (ErasureGateRow.erasure_id == erasure_id, ErasureGateRow.done_at.is_(None))
            if tx.scalar(lacking.join(GateRow, alive).where(*of_it)):
                return False
            for token in msgspec.json.decode(row.tokens):
                for part in self._finding.by_token(tx, unit, token, row.done_at or row.made_at):
                    _unseal(tx, unit.id, part)
            tx.execute(update(ErasureRow).where(ErasureRow.id == erasure_id).values(tokens=None))
            notes.write(tx, notes.UNCLEARED, erasure_id)
            notes.write(tx, notes.UNTOLD + community_id, OFFICE)
            self._audit.note(tx, OFFICE, "person.settled", erasure_id, "", community_id)
        self._tell(community_id, OFFICE)
        return True

    def _tell(self, community_id: str, who: str) -> None:
        self._hand_down(community_id, who)
        with self._database.write() as tx:
            notes.drop(tx, notes.UNTOLD + community_id)


def _hear(tx: Connection, row: Any) -> None:
    """Which gates have said since that they did it."""
    waiting = select(ErasureGateRow.gate_id).where(
        ErasureGateRow.erasure_id == row.id, ErasureGateRow.done_at.is_(None)
    )
    for gate in tx.scalars(waiting).all():
        said = select(EventRow.open, EventRow.received_at).where(
            EventRow.community_id == row.community_id, EventRow.gate_id == gate, EventRow.kind == "journal.erase",
            EventRow.open.contains(row.id, autoescape=True),
        )  # fmt: skip
        if (event := tx.execute(said.limit(1)).first()) is not None:
            parts = msgspec.json.decode(event.open).get("parts")
            this = update(ErasureGateRow).where(ErasureGateRow.erasure_id == row.id, ErasureGateRow.gate_id == gate)
            tx.execute(this.values(done_at=event.received_at, parts=parts if isinstance(parts, int) else None))


def _unseal(tx: Connection, community: str, part: Part) -> None:
    same = (EventRow.community_id == community, EventRow.journal_id == part.journal, EventRow.seq == part.seq)
    tx.execute(update(EventRow).where(*same, EventRow.at == part.at).values(sealed=None))
    code = (RecentCodeRow.community_id == community, RecentCodeRow.event_id == part.event)
    tx.execute(delete(RecentCodeRow).where(*code))


def _place(erasure_id: str) -> str:
    return f"erasure:{erasure_id}:sealed"
