"""Office passes: issued, listed, revoked. The office keeps whom it named (sealed), never the symbol itself."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from sqlalchemy import func, insert, select, update

from kiosk.codes.office_pass import SERIAL_BYTES, PassClaims
from kiosk.codes.office_pass import issue as sign_pass
from kiosk.model import mask_name, mask_number
from sync.office import sections
from sync.office.audit import Audit
from sync.office.db import Database
from sync.office.db.tables import PassRow, UnitRow
from sync.office.errors import NotFound, Refused
from sync.office.publish import Publish
from sync.office.scope import within
from sync.office.seal import Sealer
from sync.office.units import Units
from sync.office.values import EVERYTHING, IssuedPass, Page, Pass, Scope, Unit

LONGEST_DAYS = 366


class Passes:
    def __init__(
        self,
        database: Database,
        sealer: Sealer,
        units: Units,
        publish: Publish,
        audit: Audit,
        pass_key: EllipticCurvePrivateKey,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._units = units
        self._publish = publish
        self._audit = audit
        self._pass_key = pass_key
        self._now = now

    def issue(
        self,
        community_id: str,
        name: str,
        id_last4: str,
        household: str,
        kind: str = "resident",
        valid_days: int = 14,
        *,
        who: str,
        scope: Scope = EVERYTHING,
    ) -> IssuedPass:
        """A new pass, good from now for `valid_days`. Raises Refused for what cannot stand in one, NotFound."""
        community = self._community(community_id, scope)
        if not 1 <= valid_days <= LONGEST_DAYS:
            raise Refused(f"a pass is good for 1 to {LONGEST_DAYS} days")
        holder = {"name": name.strip(), "id_last4": id_last4.strip().upper(), "household": household.strip()}
        claims = self._claims(community, timedelta(days=valid_days), kind, holder)
        try:
            text = sign_pass(claims, self._pass_key, kid=sections.kid(self._pass_key, community_id))
        except ValueError as error:
            raise Refused(f"this pass cannot be issued: {error}") from error
        self._keep(claims, community, who)
        return _issued(text, claims, community)

    def revoke(self, serial: str, scope: Scope, *, who: str) -> Pass:
        """Revokes a pass and hands the news down. Revoking again changes nothing. Raises NotFound."""
        found = self.get(serial, scope)
        if found.revoked_at is None:
            with self._database.write() as tx:
                change = update(PassRow).where(PassRow.serial == serial, PassRow.revoked_at.is_(None))
                tx.execute(change.values(revoked_at=self._now(), revoked_by=who))
                self._audit.note(tx, who, "pass.revoke", serial, found.kind, found.community)
            self._publish.publish(found.community, {}, who=who)
        return self.get(serial, scope)

    def get(self, serial: str, scope: Scope) -> Pass:
        """Raises NotFound, outside the scope too."""
        try:
            wanted = _passes().where(PassRow.serial == bytes.fromhex(serial).hex())
        except ValueError:
            raise NotFound(f"no pass {serial!r}") from None
        with self._database.read() as tx:
            row = tx.execute(wanted.where(within(PassRow.community_id, scope))).one_or_none()
        if row is None:
            raise NotFound(f"no pass {serial!r}")
        return self._pass(row)

    def list(self, scope: Scope, page: int = 1, size: int = 50) -> Page[Pass]:
        """Newest first, names masked."""
        condition = within(PassRow.community_id, scope)
        wanted = _passes().where(condition).order_by(PassRow.issued_at.desc(), PassRow.serial)
        with self._database.read() as tx:
            total = tx.scalar(select(func.count()).select_from(PassRow).where(condition)) or 0
            rows = tx.execute(wanted.limit(size).offset((page - 1) * size)).all()
        return Page(tuple(self._pass(row) for row in rows), total, page, size)

    def _community(self, community_id: str, scope: Scope) -> Unit:
        unit = self._units.get(community_id, scope)
        if unit.level != "community":
            raise NotFound(f"no community {community_id}")
        return unit

    def _claims(self, community: Unit, life: timedelta, kind: str, holder: Mapping[str, str]) -> PassClaims:
        begin = self._now().replace(microsecond=0)
        return PassClaims(
            serial=secrets.token_bytes(SERIAL_BYTES),
            issuer=self._publish.issuer(community),
            valid_from=begin,
            valid_until=begin + life,
            kind=kind,
            **holder,
        )

    def _keep(self, claims: PassClaims, community: Unit, who: str) -> None:
        serial = claims.serial.hex()
        holder = {"name": claims.name, "id_last4": claims.id_last4, "household": claims.household}
        with self._database.write() as tx:
            tx.execute(
                insert(PassRow).values(
                    serial=serial,
                    community_id=community.id,
                    kind=claims.kind,
                    sealed=self._sealer.seal_json(_place(serial), holder),
                    issued_at=self._now(),
                    issued_by=who,
                    valid_from=claims.valid_from,
                    valid_until=claims.valid_until,
                    demo=community.demo,
                )
            )
            self._audit.note(tx, who, "pass.issue", serial, claims.kind, community.id)

    def _pass(self, row: Any) -> Pass:
        holder = self._sealer.open_json(_place(row.serial), row.sealed)
        return Pass(
            serial=row.serial,
            community=row.community_id,
            community_name=row.community_name,
            name=mask_name(holder["name"]),
            household=mask_number(holder["household"]),
            kind=row.kind,
            issued_at=row.issued_at,
            valid_from=row.valid_from,
            valid_until=row.valid_until,
            revoked_at=row.revoked_at,
            demo=row.demo,
        )


def _passes() -> Any:
    columns = PassRow.__table__.columns
    return select(*columns, UnitRow.name.label("community_name")).join(UnitRow, UnitRow.id == PassRow.community_id)


def _place(serial: str) -> str:
    return f"office_pass:{serial}:sealed"


def _issued(text: str, claims: PassClaims, community: Unit) -> IssuedPass:
    return IssuedPass(
        text=text,
        serial=claims.serial.hex(),
        community_name=community.name,
        name=claims.name,
        id_last4=claims.id_last4,
        household=claims.household,
        kind=claims.kind,
        valid_from=claims.valid_from,
        valid_until=claims.valid_until,
    )
