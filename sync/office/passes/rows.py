"""Between rows of `office_pass` and values: what is sealed, what a list shows, what a symbol says."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from kiosk.codes import office_pass
from kiosk.codes.office_pass import SERIAL_BYTES, PassClaims
from kiosk.model import mask_name, mask_number
from sync.office.db.tables import PassRow, UnitRow
from sync.office.passes.marks import Marker
from sync.office.passes.wanted import Wanted
from sync.office.seal import Sealer
from sync.office.values import IssuedPass, Pass, Unit


@dataclass(frozen=True, slots=True)
class Drawn:
    """A pass that is about to be issued, and its holder's phone, which does not stand in it."""

    claims: PassClaims
    phone: str


@dataclass(frozen=True, slots=True)
class Origin:
    """How passes come to be: by whom, when, out of which list, in place of which pass."""

    who: str
    at: datetime
    batch: str | None = None
    replaces: str | None = None


def selected() -> Any:
    """Passes with the names of their communities."""
    columns = PassRow.__table__.columns
    return select(*columns, UnitRow.name.label("community_name")).join(UnitRow, UnitRow.id == PassRow.community_id)


def new_claims(wanted: Wanted, issuer: str, now: datetime, zone: ZoneInfo) -> PassClaims:
    """What the pass will say, good from now; a last day is good to its end."""
    begin = now.replace(microsecond=0)
    if wanted.until:
        end = datetime.combine(wanted.until + timedelta(days=1), time(), zone)
    else:
        end = begin + timedelta(days=wanted.days or 0)
    return PassClaims(
        serial=secrets.token_bytes(SERIAL_BYTES),
        name=wanted.name,
        issuer=issuer,
        valid_from=begin,
        valid_until=end,
        id_last4=wanted.id_last4,
        household=wanted.household,
        kind=wanted.kind,
        medium=wanted.medium,
    )


class Rows:
    def __init__(self, sealer: Sealer, marker: Marker) -> None:
        self._sealer = sealer
        self._marker = marker

    def row(self, drawn: Drawn, community: Unit, origin: Origin) -> dict[str, Any]:
        """The columns of a new pass."""
        claims, serial = drawn.claims, drawn.claims.serial.hex()
        holder = {"name": claims.name, "id_last4": claims.id_last4, "household": claims.household, "phone": drawn.phone}
        marks = self._marker.of(community.id, claims.name, claims.id_last4, claims.household)
        return {
            "serial": serial,
            "community_id": community.id,
            "kind": claims.kind,
            "medium": claims.medium,
            "number": office_pass.number(claims.serial).replace("-", ""),
            "sealed": self._sealer.seal_json(_place(serial), holder),
            "name_mark": marks.name,
            "person_mark": marks.person,
            "household_mark": marks.household,
            "issued_at": origin.at,
            "issued_by": origin.who,
            "valid_from": claims.valid_from,
            "valid_until": claims.valid_until,
            "replaces": origin.replaces,
            "batch_id": origin.batch,
            "demo": community.demo,
        }

    def holder(self, row: Any) -> dict[str, str]:
        """name, id_last4, household and phone in clear."""
        held: dict[str, str] = self._sealer.open_json(_place(row.serial), row.sealed)
        return {"phone": ""} | held

    def marks(self, row: Any) -> dict[str, Any]:
        """What an older row, written before there were any, lacks."""
        holder = self.holder(row)
        marks = self._marker.of(row.community_id, holder["name"], holder["id_last4"], holder["household"])
        return {
            "number": office_pass.number(bytes.fromhex(row.serial)).replace("-", ""),
            "name_mark": marks.name,
            "person_mark": marks.person,
            "household_mark": marks.household,
        }

    def masked(self, row: Any) -> Pass:
        """As lists show it."""
        holder = self.holder(row)
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
            number=office_pass.number(bytes.fromhex(row.serial)),
            medium=row.medium,
            issued_by=row.issued_by,
            revoked_by=row.revoked_by,
            revoked_why=row.revoked_why,
            replaces=row.replaces,
            batch=row.batch_id,
            printed_at=row.printed_at,
        )

    def claims(self, row: Any, issuer: str) -> PassClaims:
        """What the symbol of an issued pass says."""
        holder = self.holder(row)
        return PassClaims(
            serial=bytes.fromhex(row.serial),
            name=holder["name"],
            issuer=issuer,
            valid_from=row.valid_from,
            valid_until=row.valid_until,
            id_last4=holder["id_last4"],
            household=holder["household"],
            kind=row.kind,
            medium=row.medium,
        )


def in_clear(text: str, claims: PassClaims, community_name: str, *, demo: bool) -> IssuedPass:
    """A pass to be handed over."""
    return IssuedPass(
        text=text,
        serial=claims.serial.hex(),
        community_name=community_name,
        name=claims.name,
        id_last4=claims.id_last4,
        household=claims.household,
        kind=claims.kind,
        valid_from=claims.valid_from,
        valid_until=claims.valid_until,
        number=office_pass.number(claims.serial),
        medium=claims.medium,
        issuer=claims.issuer,
        demo=demo,
    )


def _place(serial: str) -> str:
    return f"office_pass:{serial}:sealed"
