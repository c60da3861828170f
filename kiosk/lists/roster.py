"""住户名册: who lives or works here, by token (row C1), so that nobody types what the office already knows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from kiosk.lists import section

KINDS = ("resident", "worker")
SPECIAL = ("child", "pregnant", "care")  # 儿童、孕产妇、需要照护的人 (row G16)


@dataclass(frozen=True, slots=True)
class Resident:
    """One person of the roster. `household` is the household's token, `special` one of SPECIAL or empty."""

    tokens: tuple[str, ...]
    kind: str = "resident"
    name: str = ""  # masked
    household: str = ""
    special: str = ""
    birth_year: int | None = None
    grid: str = ""


class Roster:
    """The `roster` section: `{"people": [{tokens, kind, name, household, special, birth_year, grid}]}`."""

    def __init__(self, people: Iterable[Resident] = ()) -> None:
        self._people = {token: person for person in people for token in person.tokens}

    @classmethod
    def from_section(cls, content: bytes) -> Roster:
        """Raises HandDownError."""
        return cls(section.entries(content, "roster", "people", _resident))

    def find(self, tokens: Iterable[str]) -> Resident | None:
        """The first person that any of the tokens names."""
        return next((self._people[token] for token in tokens if token in self._people), None)

    def __len__(self) -> int:
        """How many tokens name somebody."""
        return len(self._people)


def _resident(said: Mapping[str, Any]) -> Resident:
    kind, special = section.text(said, "kind") or "resident", section.text(said, "special")
    if kind not in KINDS or special not in ("", *SPECIAL):
        raise ValueError(f"kind must be one of {', '.join(KINDS)}, special one of {', '.join(SPECIAL)} or empty")
    return Resident(
        tokens=section.texts(said, "tokens"),
        kind=kind,
        name=section.text(said, "name"),
        household=section.text(said, "household"),
        special=special,
        birth_year=section.whole(said, "birth_year"),
        grid=section.text(said, "grid"),
    )
