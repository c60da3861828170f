"""Sections of the bundle that the office writes itself: changed under one lock, checked, handed down at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sync.office.gates import Gates
from sync.office.publish import Publish
from sync.office.units import Units
from sync.office.values import Published, Scope

Change = Callable[[Mapping[str, Any]], Mapping[str, Any]]


class Written:
    def __init__(self, name: str, publish: Publish, units: Units, gates: Gates) -> None:
        self._name = name
        self._publish = publish
        self._units = units
        self._gates = gates

    def document(self, community_id: str, scope: Scope) -> Mapping[str, Any]:
        """The section in force. Raises NotFound."""
        self._units.get(community_id, scope)
        found: Mapping[str, Any] = self._publish.draft(community_id)[self._name]
        return found

    def change(self, community_id: str, change: Change, scope: Scope, *, who: str) -> Published:
        """Publishes the section as `change` leaves it; two people at once lose neither's words. Raises Refused for one
        that no gate could read, NotFound."""
        self._units.get(community_id, scope)
        done = self._publish.revise(community_id, lambda written: {self._name: change(written[self._name])}, who=who)
        self._gates.wake_all(community_id)
        return done
