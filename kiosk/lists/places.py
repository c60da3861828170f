"""场所: places with a limit on people inside (row G8), gatherings (C13), fever clinics and test sites (C7, G12)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kiosk.lists import section
from kiosk.model import Saying

CLINICS = ("fever-clinic", "test-site")


@dataclass(frozen=True, slots=True)
class Place:
    """One place. `limit` is how many people may be inside; `gates` are the ids of the gates that lead in and out."""

    id: str
    name: str
    limit: int | None = None
    gates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Gathering:
    """聚集活动: an event at a place, with how many people are expected; above 50 it needs leave (003 §四)."""

    place: str
    name: str
    people: int
    begins: datetime | None = None
    ends: datetime | None = None
    approved: bool = False

    def runs(self, now: datetime) -> bool:
        return section.runs(self.begins, self.ends, now)


@dataclass(frozen=True, slots=True)
class Clinic:
    """发热门诊 or 检测点; the office lists the nearest first."""

    kind: str
    name: Saying
    address: str = ""
    phone: str = ""
    hours: str = ""


class Places:
    """The `places` section: `{"places": [...], "gatherings": [...], "clinics": [...]}`, as the dataclasses say."""

    def __init__(
        self, places: Iterable[Place] = (), gatherings: Iterable[Gathering] = (), clinics: Iterable[Clinic] = ()
    ) -> None:
        self.places, self.gatherings, self._clinics = tuple(places), tuple(gatherings), tuple(clinics)

    @classmethod
    def from_section(cls, content: bytes) -> Places:
        """Raises HandDownError."""
        whole = {"places": [], "gatherings": [], "clinics": [], **section.document(content, "places")}
        return cls(
            section.listed(whole, "places", "places", _place),
            section.listed(whole, "places", "gatherings", _gathering),
            section.listed(whole, "places", "clinics", _clinic),
        )

    def of_gate(self, gate: str) -> Place | None:
        """The place that this gate leads into."""
        return next((place for place in self.places if gate in place.gates), None)

    def gathering(self, place: str, now: datetime) -> Gathering | None:
        """The largest event under way at a place."""
        running = [event for event in self.gatherings if event.place == place and event.runs(now)]
        return max(running, key=lambda event: event.people, default=None)

    def clinics(self, kind: str) -> tuple[Clinic, ...]:
        """The clinics of one of CLINICS, the nearest first."""
        return tuple(clinic for clinic in self._clinics if clinic.kind == kind)


def _place(said: Mapping[str, Any]) -> Place:
    return Place(
        section.text(said, "id", needed=True),
        section.text(said, "name"),
        section.whole(said, "limit"),
        section.texts(said, "gates"),
    )


def _gathering(said: Mapping[str, Any]) -> Gathering:
    people = section.whole(said, "people")
    if people is None or not isinstance(said.get("approved", False), bool):
        raise ValueError("'people' must be a whole number, 'approved' true or false")
    return Gathering(
        place=section.text(said, "place", needed=True),
        name=section.text(said, "name"),
        people=people,
        begins=section.time(said, "from"),
        ends=section.time(said, "until"),
        approved=said.get("approved", False),
    )


def _clinic(said: Mapping[str, Any]) -> Clinic:
    kind, name = section.text(said, "kind", needed=True), section.saying(said, "name")
    if kind not in CLINICS or name is None:
        raise ValueError(f"kind must be one of {', '.join(CLINICS)}, and it needs a name")
    return Clinic(kind, name, *(section.text(said, key) for key in ("address", "phone", "hours")))
