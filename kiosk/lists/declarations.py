"""提前报告: returns and visitors announced beforehand by a household or the office (row C2), found at the gate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kiosk.lists import section

KINDS = ("return", "visitor", "delivery")
STATES = ("valid", "early", "expired", "used", "cancelled")


@dataclass(frozen=True, slots=True)
class Declaration:
    """One announcement. `tokens` name the person (ID, phone), the plate, and the short code the household was given."""

    id: str
    tokens: tuple[str, ...]
    kind: str = "visitor"
    name: str = ""  # masked
    household: str = ""
    begins: datetime | None = None
    ends: datetime | None = None
    used: bool = False
    cancelled: bool = False
    once: bool = True

    def state(self, now: datetime, *, used: bool) -> str:
        """One of STATES; `used` says that the gate itself let somebody in on it."""
        if self.cancelled:
            return "cancelled"
        if self.once and (self.used or used):
            return "used"
        if self.begins is not None and now < self.begins:
            return "early"
        return "expired" if self.ends is not None and now >= self.ends else "valid"


class Declarations:
    """The `declarations` section: `{"entries": [{id, tokens, kind, name, household, from, until, used, …}]}`."""

    def __init__(self, declarations: Iterable[Declaration] = ()) -> None:
        self._by_token: dict[str, tuple[Declaration, ...]] = {}
        for declaration in declarations:
            for token in declaration.tokens:
                self._by_token[token] = (*self._by_token.get(token, ()), declaration)

    @classmethod
    def from_section(cls, content: bytes) -> Declarations:
        """Raises HandDownError."""
        return cls(section.entries(content, "declarations", "entries", _declaration))

    def find(self, tokens: Iterable[str]) -> tuple[Declaration, ...]:
        """Every declaration that any of the tokens names, each once."""
        found = (declaration for token in tokens for declaration in self._by_token.get(token, ()))
        return tuple({declaration.id: declaration for declaration in found}.values())


def _declaration(said: Mapping[str, Any]) -> Declaration:
    kind, flags = section.text(said, "kind") or "visitor", {"used": False, "cancelled": False, "once": True}
    given = {name: said.get(name, default) for name, default in flags.items()}
    if kind not in KINDS or not all(isinstance(flag, bool) for flag in given.values()):
        raise ValueError(f"kind must be one of {', '.join(KINDS)}; {', '.join(flags)} true or false")
    return Declaration(
        id=section.text(said, "id", needed=True),
        tokens=section.texts(said, "tokens"),
        kind=kind,
        name=section.text(said, "name"),
        household=section.text(said, "household"),
        begins=section.time(said, "from"),
        ends=section.time(said, "until"),
        **given,
    )
