"""Between rows of `listed` and values: what is sealed, what a gate is told, what a page shows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import select
from uuid_utils import uuid7

from kiosk import tokens
from kiosk.identities import plates
from kiosk.model import mask_name, mask_number
from sync.office.db.lists import ListedRow
from sync.office.db.tables import UnitRow
from sync.office.lists.values import Listed
from sync.office.lists.wanted import WATCH, Wanted, folded, keyed, mark, tokens_of
from sync.office.passes.marks import place as plain_household
from sync.office.seal import Sealer

SEALED = ("name", "id_number", "phone", "plate", "household")
COPIED = (
    "id", "register", "why", "begins", "ends", "source", "made_at", "made_by", "community_name", "ended_at", "ended_by",
    "ended_why",
)  # fmt: skip


def selected() -> Any:
    """People with the names of their communities."""
    columns = ListedRow.__table__.columns
    return select(*columns, UnitRow.name.label("community_name")).join(UnitRow, UnitRow.id == ListedRow.community_id)


def household_token(key: bytes, household: str) -> str:
    """3栋2单元501室 and 3-2-501 are one household, also where a pass says it. Empty for none."""
    plain = plain_household(household)
    return tokens.token(key, "household", plain) if tokens.normalise(plain) else ""


def days(begins: date | None, ends: date | None, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
    """The moments from which and before which it holds; both days are included."""
    first = datetime.combine(begins, time(), zone) if begins else None
    last = datetime.combine(ends + timedelta(days=1), time(), zone) if ends else None
    return first, last


class Rows:
    def __init__(self, sealer: Sealer, zone: ZoneInfo) -> None:
        self._sealer = sealer
        self._zone = zone

    def new(self, register: str, community: str, key: bytes, wanted: Wanted, *, source: str) -> dict[str, Any]:
        """The columns of a new row but when and by whom it was made."""
        row_id = str(uuid7())
        fixed = {"id": row_id, "community_id": community, "register": register, "source": source}
        return fixed | self.said(row_id, register, key, wanted)

    def said(self, row_id: str, register: str, key: bytes, wanted: Wanted) -> dict[str, Any]:
        """The columns that follow from what was typed."""
        begins, ends = days(wanted.begins, wanted.ends, self._zone)
        home = plain_household(wanted.household)
        return {
            "why": wanted.why,
            "begins": begins,
            "ends": ends,
            "mark": mark(key, wanted),
            "name_mark": keyed(key, "name", folded(wanted.name)) if wanted.name else None,
            "household_mark": keyed(key, "household", home) if home else None,
            "shown": msgspec.json.encode(_shown(register, key, wanted)).decode(),
            "sealed": self._sealer.seal_json(_place(row_id), {name: getattr(wanted, name) for name in SEALED}),
        }

    def wanted(self, row: Any) -> Wanted:
        """What a row says, in clear."""
        shown = msgspec.json.decode(row.shown)
        begins, ends = (moment and moment.astimezone(self._zone) for moment in (row.begins, row.ends))
        return Wanted(
            **self.in_clear(row),
            why=row.why,
            begins=begins.date() if begins else None,
            ends=(ends - timedelta(seconds=1)).date() if ends else None,
            **_told(shown),
        )

    def in_clear(self, row: Any) -> dict[str, str]:
        """Name, ID number, phone, plate, household."""
        held: dict[str, str] = self._sealer.open_json(_place(row.id), row.sealed)
        return {name: held.get(name, "") for name in SEALED}

    def listed(self, row: Any) -> Listed:
        """As pages show it."""
        who: dict[str, Any] = self.in_clear(row)
        told: dict[str, Any] = _told(msgspec.json.decode(row.shown))
        return Listed(
            community=row.community_id,
            name=mask_name(who["name"]),
            id_number=who["id_number"] and mask_number(who["id_number"]),
            phone=who["phone"] and mask_number(who["phone"]),
            plate=plates.mask(who["plate"]),
            household=who["household"],
            **told,
            **{name: getattr(row, name) for name in COPIED},
        )


def _shown(register: str, key: bytes, wanted: Wanted) -> dict[str, Any]:
    """What a gate is told of somebody: no name and no number of theirs in clear."""
    said: dict[str, Any] = {"tokens": tokens_of(key, wanted), "name": mask_name(wanted.name)}
    if register == WATCH:
        do = {"zh": wanted.do, "en": ""} if wanted.do else None
        said |= {"worker": wanted.worker, "worker_phone": wanted.worker_phone, "do": do}
    else:
        born = int(wanted.birth_year) if wanted.birth_year else None
        home = household_token(key, wanted.household)
        said |= {"household": home, "special": wanted.special, "birth_year": born, "grid": wanted.grid}
    return {name: value for name, value in said.items() if value}


def _told(shown: Mapping[str, Any]) -> dict[str, str]:
    return {
        "worker": shown.get("worker", ""),
        "worker_phone": shown.get("worker_phone", ""),
        "do": shown.get("do", {}).get("zh", ""),
        "special": shown.get("special", ""),
        "birth_year": str(shown.get("birth_year", "")),
        "grid": shown.get("grid", ""),
    }


def _place(row_id: str) -> str:
    return f"listed:{row_id}:sealed"
