"""The demonstration: lets a community's gates believe the bundled film. Everything it adds is marked demo, counts only
at a gate that runs as a demonstration, and can be taken away again."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from importlib import resources
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, insert, select

from kiosk.codes import Revoked, Trust
from kiosk.model import iso
from sync.office.audit import Audit
from sync.office.db import Database
from sync.office.db.tables import RevokedRow, TrustKeyRow
from sync.office.errors import NotFound, OfficeError, Refused
from sync.office.publish import Publish
from sync.office.units import Units
from sync.office.values import EVERYTHING, Unit

COMMUNITY = "演示社区 Demo community"
NOTICES = (
    (
        "demo-film",
        "演示：画面中的人员、通行证和体温均为虚构",
        "Demonstration: people, passes and temperatures are made up",
    ),
    (
        "demo-clinic",
        "演示：如有发热请到最近的发热门诊就诊",
        "Demonstration: with a fever, go to the nearest fever clinic",
    ),
)


def film() -> dict[str, Any]:
    """What the bundled film's codes are signed with: {"trust": section, "revoked": section}. Raises OfficeError."""
    side = resources.files("kiosk") / "film" / "demo.mp4.json"
    try:
        document = json.loads(side.read_text(encoding="utf-8"))
        Trust.from_section(document["trust"])
        Revoked.from_section(document.get("revoked", {"serials": {}}))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise OfficeError(
            f"kiosk/film/demo.mp4.json cannot be read ({error}); draw the film again: make film"
        ) from error
    return dict(document)


class Demo:
    def __init__(
        self, database: Database, units: Units, publish: Publish, audit: Audit, now: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._units = units
        self._publish = publish
        self._audit = audit
        self._now = now

    def set_up(self, side: Mapping[str, Any], community_id: str | None = None, *, who: str) -> Unit:
        """Adds the film's keys and revoked serials, and notices, to one community, and hands them down.

        Without `community_id` it is the office's only community, else one of its own, made when missing. Again changes
        nothing but the version. Raises NotFound.
        """
        community = self._community(community_id, who)
        with self._database.write() as tx:
            _forget(tx, [community.id])
            _add_keys(tx, community.id, side["trust"]["keys"])
            _add_serials(tx, community.id, side.get("revoked", {}).get("serials", {}))
            self._audit.note(tx, who, "demo.set-up", community.id, "", community.id)
        self._publish.publish(community.id, {"notices": self._notices(community.id, with_demo=True)}, who=who)
        return community

    def remove(self, *, who: str) -> tuple[Unit, ...]:
        """Takes the film's keys, serials and notices away from every community that has them, and says from which."""
        with self._database.write() as tx:
            marked = select(TrustKeyRow.community_id).where(TrustKeyRow.demo)
            also = select(RevokedRow.community_id).where(RevokedRow.demo)
            affected = sorted({*tx.scalars(marked), *tx.scalars(also)})
            _forget(tx, affected)
            for community_id in affected:
                self._audit.note(tx, who, "demo.remove", community_id, "", community_id)
        for community_id in affected:
            self._publish.publish(community_id, {"notices": self._notices(community_id, with_demo=False)}, who=who)
        return tuple(self._units.get(community_id, EVERYTHING) for community_id in affected)

    def _community(self, community_id: str | None, who: str) -> Unit:
        communities = self._units.communities(EVERYTHING)
        if community_id is not None:
            return next((unit for unit in communities if unit.id == community_id), None) or _no(community_id)
        if len(communities) == 1:
            return communities[0]
        own = next((unit for unit in communities if unit.demo), None)
        if own is not None:
            return own
        tree = self._units.tree(EVERYTHING)
        street = next((unit for unit in tree if unit.level == "street"), None)
        parent = street.id if street else None
        return self._units.add("community", COMMUNITY, "", parent, who=who, demo=True)

    def _notices(self, community_id: str, *, with_demo: bool) -> dict[str, Any]:
        own = [item for item in self._publish.draft(community_id)["notices"]["notices"] if not item.get("demo")]
        at = iso(self._now())
        demo = [{"id": name, "zh": zh, "en": en, "at": at, "demo": True} for name, zh, en in NOTICES]
        return {"notices": own + (demo if with_demo else [])}


def _no(community_id: str) -> Unit:
    raise NotFound(f"no community {community_id}")


def _forget(tx: Connection, communities: list[str]) -> None:
    for table in (TrustKeyRow, RevokedRow):
        tx.execute(delete(table).where(table.community_id.in_(communities), table.demo))


def _add_keys(tx: Connection, community_id: str, keys: list[dict[str, Any]]) -> None:
    for key in keys:
        if "d" in key.get("jwk", {}):
            raise Refused("a trust section must hold no private key")
        entry = msgspec.json.encode({**key, "demo": True}).decode()
        row = {"community_id": community_id, "scheme": key["scheme"], "kid": key["kid"], "entry": entry, "demo": True}
        tx.execute(insert(TrustKeyRow).values(**row))


def _add_serials(tx: Connection, community_id: str, serials: Mapping[str, list[str]]) -> None:
    for scheme, listed in serials.items():
        for serial in listed:
            row = {"community_id": community_id, "scheme": scheme, "serial": serial, "demo": True}
            tx.execute(insert(RevokedRow).values(**row))
