"""The register of office passes: issued, found, issued anew, revoked.

The office keeps whom a pass names (sealed), never the symbol's text: that is signed again, with the same serial,
whenever a sheet or a phone wants it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from sqlalchemy import ColumnElement, Connection, func, insert, select, update

from kiosk.codes import office_pass
from kiosk.codes.office_pass import PassClaims
from kiosk.model import Saying
from sync.office import sections
from sync.office.audit import Audit
from sync.office.db import Database
from sync.office.db.tables import PassRow
from sync.office.errors import NotFound, Problem, Refused
from sync.office.passes import rows, search
from sync.office.passes.marks import Marker
from sync.office.passes.rows import Drawn, Origin, Rows
from sync.office.passes.wanted import Unissuable, Wanted, problems, tidy
from sync.office.publish import Publish
from sync.office.scope import within
from sync.office.seal import Sealer
from sync.office.units import Units
from sync.office.values import EVERYTHING, IssuedPass, Page, Pass, PassFilter, Scope, Unit

EVERY_PASS = PassFilter()
TOO_LONG = Saying(
    "姓名、住户合起来太长，印不成能扫的码", "too long, with the household, for a symbol that can be scanned"
)
OLDER_AT_ONCE = 500


class Passes:
    def __init__(
        self,
        database: Database,
        sealer: Sealer,
        units: Units,
        publish: Publish,
        audit: Audit,
        pass_key: EllipticCurvePrivateKey,
        zone: ZoneInfo,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._units = units
        self._publish = publish
        self._audit = audit
        self._pass_key = pass_key
        self._zone = zone
        self._now = now
        self._marker = Marker(units.token_key)
        self._rows = Rows(sealer, self._marker)

    # --- issuing -----------------------------------------------------------------------------------------------

    def issue(
        self,
        community_id: str,
        name: str,
        id_last4: str,
        household: str,
        kind: str = "resident",
        valid_days: int = 14,
        *,
        medium: str = "paper",
        phone: str = "",
        who: str,
        scope: Scope = EVERYTHING,
    ) -> IssuedPass:
        """A new pass, good from now for `valid_days`; `id_last4` may be a whole number of a document.

        Raises Unissuable (a Refused) for what cannot stand in one, NotFound.
        """
        wanted = Wanted(name, id_last4, household, phone, kind, medium, valid_days)
        return self.issue_all(community_id, [wanted], who=who, scope=scope)[0]

    def issue_all(
        self, community_id: str, wanted: Sequence[Wanted], *, who: str, scope: Scope = EVERYTHING
    ) -> tuple[IssuedPass, ...]:
        """A pass for each, all or none. Raises Unissuable for the first that cannot be issued, NotFound."""
        community = self._units.community(community_id, scope)
        drawn = [self.draw(self.checked(one, community), community) for one in wanted]
        with self._database.write() as tx:
            self.keep(tx, community, drawn, Origin(who, self._now()))
        return tuple(self._signed(each.claims, community.id, community.name, demo=community.demo) for each in drawn)

    def checked(self, wanted: Wanted, community: Unit) -> Wanted:
        """`wanted` as it can be issued. Raises Unissuable."""
        ready = tidy(wanted, self.today())
        if found := self.problems(ready, community):
            raise Unissuable(found)
        return ready

    def problems(self, ready: Wanted, community: Unit) -> tuple[Problem, ...]:
        """Everything that keeps a tidied `ready` from being issued, the size of its symbol included."""
        if found := problems(ready, self.today()):
            return found
        try:
            self._text(self.draw(ready, community).claims, community.id)
        except ValueError:
            return (Problem("name", TOO_LONG),)
        return ()

    def draw(self, ready: Wanted, community: Unit) -> Drawn:
        """A pass for a checked person, in no register yet."""
        claims = rows.new_claims(ready, self._publish.issuer(community), self._now(), self._zone)
        return Drawn(claims, ready.phone)

    def keep(self, tx: Connection, community: Unit, drawn: Sequence[Drawn], origin: Origin) -> None:
        """Writes passes into the register, in the caller's transaction."""
        if drawn:
            values = [self._rows.row(each, community, origin) | {"line": line} for line, each in enumerate(drawn)]
            tx.execute(insert(PassRow), values)
        for each in drawn if origin.batch is None else ():
            self._audit.note(tx, origin.who, "pass.issue", each.claims.serial.hex(), each.claims.kind, community.id)

    def reissue(
        self, serial: str, why: str, scope: Scope, *, who: str, medium: str = "", days: int | None = None
    ) -> IssuedPass:
        """The same person, a new serial; the old pass is revoked with the reason. Without `days` the new one is good as
        long as the old one was. Raises Refused without a reason, for an expired pass without `days`, and for one that
        was replaced already; Unissuable, NotFound."""
        old = self._row(serial, scope)
        if not why.strip():
            raise Refused("say why the pass is issued anew")
        if days is None and old.valid_until <= self._now():
            raise Refused("this pass has expired: say for how many days the new one is good")
        community = self._units.get(old.community_id, scope)
        new = self.draw(self.checked(self._asked(old, medium, days), community), community)
        if days is None:
            new = replace(new, claims=replace(new.claims, valid_until=old.valid_until))
        with self._database.write() as tx:
            if tx.scalar(select(PassRow.serial).where(PassRow.replaces == old.serial)):
                raise Refused("this pass was replaced already: issue the newer one anew")
            self.keep(tx, community, [new], Origin(who, self._now(), replaces=old.serial))
            self._revoke(tx, [old], who, why)
        self._publish.publish(community.id, {}, who=who)
        return self._signed(new.claims, community.id, community.name, demo=community.demo)

    def _asked(self, old: Any, medium: str, days: int | None) -> Wanted:
        holder = self._rows.holder(old)
        return Wanted(
            name=holder["name"],
            document=holder["id_last4"],
            household=holder["household"],
            phone=holder["phone"],
            kind=old.kind,
            medium=medium or old.medium or "paper",
            days=1 if days is None else days,
        )

    # --- revoking ----------------------------------------------------------------------------------------------

    def revoke(self, serial: str, scope: Scope, *, who: str, why: str = "") -> Pass:
        """Revokes a pass and hands the news down. Revoking again changes nothing. Raises NotFound."""
        found = self._row(serial, scope)
        if found.revoked_at is None:
            with self._database.write() as tx:
                self._revoke(tx, [found], who, why)
            self._publish.publish(found.community_id, {}, who=who)
        return self.get(serial, scope)

    def revoke_household(self, community_id: str, household: str, scope: Scope, *, who: str, why: str = "") -> int:
        """Revokes every valid pass of a household; how many. Raises NotFound when it has none."""
        community = self._units.community(community_id, scope)
        mark = self._marker.household(community.id, household)
        alive = search.matching(PassFilter(state="valid", community=community.id), [], self._marker, self._now())
        with self._database.write() as tx:
            found = tx.execute(rows.selected().where(alive, PassRow.household_mark == mark)).all() if mark else []
            if not found:
                raise NotFound(f"household {household!r} of {community.name} has no valid pass")
            self._revoke(tx, found, who, why)
        self._publish.publish(community.id, {}, who=who)
        return len(found)

    def _revoke(self, tx: Connection, found: Iterable[Any], who: str, why: str) -> None:
        for row in found:
            change = update(PassRow).where(PassRow.serial == row.serial, PassRow.revoked_at.is_(None))
            done = tx.execute(change.values(revoked_at=self._now(), revoked_by=who, revoked_why=why.strip()[:200]))
            if done.rowcount:
                self._audit.note(tx, who, "pass.revoke", row.serial, row.kind, row.community_id)

    # --- finding -----------------------------------------------------------------------------------------------

    def get(self, serial: str, scope: Scope) -> Pass:
        """Names masked. Raises NotFound, outside the scope too."""
        return self._rows.masked(self._row(serial, scope))

    def list(self, scope: Scope, page: int = 1, size: int = 50, wanted: PassFilter = EVERY_PASS) -> Page[Pass]:
        """Newest first, names masked."""
        condition = self._condition(wanted, scope)
        ordered = rows.selected().where(condition).order_by(PassRow.issued_at.desc(), PassRow.line, PassRow.serial)
        with self._database.read() as tx:
            total = tx.scalar(select(func.count()).select_from(PassRow).where(condition)) or 0
            found = tx.execute(ordered.limit(size).offset((page - 1) * size)).all()
        return Page(tuple(self._rows.masked(row) for row in found), total, page, size)

    def replaced_by(self, serial: str, scope: Scope) -> Pass | None:
        """The pass that was issued in place of this one."""
        wanted = rows.selected().where(PassRow.replaces == self._row(serial, scope).serial)
        with self._database.read() as tx:
            row = tx.execute(wanted).first()
        return None if row is None else self._rows.masked(row)

    def valid_of(self, tx: Connection, community_id: str, marks: Iterable[str]) -> dict[str, str]:
        """Person mark → number of a valid pass, for those of `marks` that have one."""
        alive = search.matching(PassFilter(state="valid", community=community_id), [], self._marker, self._now())
        found = select(PassRow.person_mark, PassRow.serial).where(alive, PassRow.person_mark.in_(list(marks)))
        return {str(row.person_mark): office_pass.number(bytes.fromhex(row.serial)) for row in tx.execute(found)}

    def person_mark(self, community_id: str, wanted: Wanted) -> str | None:
        return self._marker.of(community_id, wanted.name, wanted.id_last4, wanted.household).person

    # --- in clear ----------------------------------------------------------------------------------------------

    def in_clear(
        self, wanted: PassFilter, scope: Scope, *, who: str, medium: str, first: int = 0, most: int | None = None
    ) -> tuple[IssuedPass, ...]:
        """The valid passes of a filter, in the order they were issued, for a sheet (`medium` paper) or a phone: names
        in clear, texts signed again. A sheet is noted in the audit. Passes made for the other medium are left out."""
        fitting = PassRow.medium.in_([medium, ""] if medium == "paper" else [medium])
        condition = [self._condition(replace(wanted, state="valid"), scope), fitting]
        ordered = rows.selected().where(*condition).order_by(PassRow.issued_at, PassRow.line, PassRow.serial)
        with self._database.write() as tx:
            found = tx.execute(ordered.offset(first).limit(most)).all()
            if found and medium == "paper":
                self._note_print(tx, found, who)
        issuers = {unit.id: self._publish.issuer(unit) for unit in self._units.communities(scope)}
        return tuple(
            self._signed(
                self._rows.claims(row, issuers[row.community_id]), row.community_id, row.community_name, demo=row.demo
            )
            for row in found
        )

    def _note_print(self, tx: Connection, found: Sequence[Any], who: str) -> None:
        serials = [row.serial for row in found]
        tx.execute(update(PassRow).where(PassRow.serial.in_(serials)).values(printed_at=self._now()))
        subject = serials[0] if len(serials) == 1 else found[0].batch_id or ""
        self._audit.note(tx, who, "pass.print", subject, str(len(serials)), found[0].community_id)

    # --- small things ------------------------------------------------------------------------------------------

    def index_older(self) -> None:
        """Gives passes from before there were marks what they are found by. Harmless to repeat."""
        older = rows.selected().where(PassRow.number == "").limit(OLDER_AT_ONCE)
        while True:
            with self._database.read() as tx:
                found = tx.execute(older).all()
            if not found:
                return
            with self._database.write() as tx:
                for row in found:
                    tx.execute(update(PassRow).where(PassRow.serial == row.serial).values(**self._rows.marks(row)))

    def today(self) -> date:
        return self._now().astimezone(self._zone).date()

    def community(self, community_id: str, scope: Scope) -> Unit:
        """Raises NotFound for what is no community of the scope."""
        return self._units.community(community_id, scope)

    def _condition(self, wanted: PassFilter, scope: Scope) -> ColumnElement[bool]:
        units = [unit for unit in self._units.communities(scope) if wanted.community in (None, unit.id)]
        return search.matching(wanted, units, self._marker, self._now()) & within(PassRow.community_id, scope)

    def _row(self, serial: str, scope: Scope) -> Any:
        try:
            wanted = rows.selected().where(PassRow.serial == bytes.fromhex(serial).hex())
        except ValueError:
            raise NotFound(f"no pass {serial!r}") from None
        with self._database.read() as tx:
            row = tx.execute(wanted.where(within(PassRow.community_id, scope))).one_or_none()
        if row is None:
            raise NotFound(f"no pass {serial!r}")
        return row

    def _signed(self, claims: PassClaims, community_id: str, community_name: str, *, demo: bool) -> IssuedPass:
        return rows.in_clear(self._text(claims, community_id), claims, community_name, demo=demo)

    def _text(self, claims: PassClaims, community_id: str) -> str:
        return office_pass.issue(claims, self._pass_key, kid=sections.kid(self._pass_key, community_id))
