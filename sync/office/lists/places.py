"""场所: limits on people inside (row G8), gatherings (C13), clinics and test sites, the nearest first (C7, G12)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from uuid_utils import uuid7

from kiosk.lists.places import CLINICS
from kiosk.model import iso
from sync.office.errors import NotFound, Refused
from sync.office.lists.written import Written
from sync.office.values import Published, Scope

LONGEST = 60
MOST_INSIDE = 100_000
LARGE = 50  # people, from which on a gathering needs leave (003 §四)

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Event:
    """聚集活动 at a place."""

    place: str
    name: str
    people: int
    begins: datetime
    ends: datetime
    approved: bool = False


class PlacesStore:
    """Documents are as kiosk/lists/places.py reads them; gatherings and clinics have an `id` besides."""

    def __init__(self, written: Written) -> None:
        self._written = written

    def document(self, community_id: str, scope: Scope) -> Document:
        """`{"places", "gatherings", "clinics"}`. Raises NotFound."""
        return self._written.document(community_id, scope)

    def put_place(
        self,
        community_id: str,
        name: str,
        limit: int | None,
        gates: Iterable[str],
        scope: Scope,
        *,
        who: str,
        place_id: str | None = None,
    ) -> Published:
        """Adds a place, or with `place_id` changes one. A gate leads into one place: it leaves any other.

        Raises Refused, NotFound.
        """
        plain, own = _named(name), tuple(gates)
        if limit is not None and not 0 <= limit <= MOST_INSIDE:
            raise Refused(f"a limit is a number from 0 to {MOST_INSIDE}")
        if place_id is not None:
            self._find(community_id, "places", place_id, scope)
        new = {"id": place_id or str(uuid7()), "name": plain, "limit": limit, "gates": list(own)}

        def changed(whole: Document) -> Document:
            others = [old for old in whole["places"] if old["id"] != new["id"]]
            others = [{**old, "gates": [gate for gate in old["gates"] if gate not in own]} for old in others]
            return {**whole, "places": [*others, new]}

        return self._written.change(community_id, changed, scope, who=who)

    def add_gathering(self, community_id: str, event: Event, scope: Scope, *, who: str) -> Published:
        """Raises Refused, NotFound for no such place."""
        self._find(community_id, "places", event.place, scope)
        if not 1 <= event.people <= MOST_INSIDE or event.ends <= event.begins:
            raise Refused("a gathering has people, and ends after it begins")
        said = {"place": event.place, "name": _named(event.name), "people": event.people, "approved": event.approved}
        new = {"id": str(uuid7()), **said, "from": iso(event.begins), "until": iso(event.ends)}
        return self._add(community_id, "gatherings", new, scope, who)

    def approve(self, community_id: str, gathering_id: str, scope: Scope, *, who: str) -> Published:
        """Raises NotFound."""
        self._find(community_id, "gatherings", gathering_id, scope)

        def approved(old: Document) -> Document:
            return {**old, "approved": True} if old.get("id") == gathering_id else old

        return self._each(community_id, "gatherings", approved, scope, who)

    def add_clinic(self, community_id: str, clinic: Mapping[str, str], scope: Scope, *, who: str) -> Published:
        """`clinic` has kind, zh, en, address, phone, hours. The last of its kind is the farthest. Raises Refused."""
        if clinic.get("kind") not in CLINICS:
            raise Refused(f"one of {', '.join(CLINICS)}")
        words = {name: str(clinic.get(name, "")).strip()[: 2 * LONGEST] for name in ("address", "phone", "hours")}
        name = {"zh": _named(str(clinic.get("zh", ""))), "en": str(clinic.get("en", "")).strip()[: 2 * LONGEST]}
        new = {"id": str(uuid7()), "kind": clinic["kind"], "name": name, **words}
        return self._add(community_id, "clinics", new, scope, who)

    def nearer(self, community_id: str, clinic_id: str, scope: Scope, *, who: str) -> Published:
        """Moves a clinic before the one of its kind that stands before it. Raises NotFound."""
        self._find(community_id, "clinics", clinic_id, scope)

        def moved(whole: Document) -> Document:
            clinics = [*whole["clinics"]]
            at = next((at for at, old in enumerate(clinics) if old.get("id") == clinic_id), 0)
            before = [other for other in range(at) if clinics[other]["kind"] == clinics[at]["kind"]]
            if before:
                clinics.insert(before[-1], clinics.pop(at))
            return {**whole, "clinics": clinics}

        return self._written.change(community_id, moved, scope, who=who)

    def remove(self, community_id: str, kind: str, row_id: str, scope: Scope, *, who: str) -> Published:
        """`kind` is places, gatherings or clinics; a place takes its gatherings with it. Raises NotFound."""
        self._find(community_id, kind, row_id, scope)

        def without(whole: Document) -> Document:
            left = {**whole, kind: [old for old in whole[kind] if old.get("id") != row_id]}
            return left | {"gatherings": [event for event in left["gatherings"] if event["place"] != row_id]}

        return self._written.change(community_id, without, scope, who=who)

    def set(self, community_id: str, document: Document, scope: Scope, *, who: str) -> Published:
        """The whole section anew. Raises Refused for one that no gate could read, NotFound."""
        whole = {
            kind: [{"id": str(uuid7()), **row} for row in document.get(kind, [])]
            for kind in ("places", "gatherings", "clinics")
        }
        return self._written.change(community_id, lambda _old: whole, scope, who=who)

    def _add(self, community_id: str, kind: str, new: Document, scope: Scope, who: str) -> Published:
        return self._written.change(community_id, lambda whole: {**whole, kind: [*whole[kind], new]}, scope, who=who)

    def _each(
        self, community_id: str, kind: str, change: Callable[[Document], Document], scope: Scope, who: str
    ) -> Published:
        return self._written.change(
            community_id, lambda whole: {**whole, kind: [change(old) for old in whole[kind]]}, scope, who=who
        )

    def _find(self, community_id: str, kind: str, row_id: str, scope: Scope) -> Document:
        whole = self.document(community_id, scope)
        found: Document | None = next((row for row in whole.get(kind, []) if row.get("id") == row_id), None)
        if found is None:
            raise NotFound(f"nothing {row_id} among the {kind}")
        return found


def read(data: bytes) -> dict[str, Any]:
    """A whole section out of a file. Raises Refused."""
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise Refused(f"no JSON: {error}") from error
    kinds = ("places", "gatherings", "clinics")
    if not isinstance(found, dict) or not all(
        isinstance(rows := found.get(kind, []), list) and all(isinstance(row, dict) for row in rows) for kind in kinds
    ):
        raise Refused('JSON must be {"places": [...], "gatherings": [...], "clinics": [...]}')
    return found


def _named(name: str) -> str:
    plain = " ".join(name.split())
    if not 0 < len(plain) <= LONGEST or not plain.isprintable():
        raise Refused(f"a name has 1 to {LONGEST} characters")
    return plain
