"""What the office shows of its issuers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sync.office.trust.changes import SOON
from sync.office.trust.found import Found


@dataclass(frozen=True, slots=True)
class Held:
    """One imported key. `kid` is in hex; `source` names the file it came in."""

    id: str
    scheme: str
    kid: str
    issuer: str
    alg: str
    valid_from: datetime | None
    valid_until: datetime | None
    usage: tuple[str, ...]
    source: str
    added_at: datetime
    added_by: str

    @property
    def kid_text(self) -> str:
        """The kid as people meet it: text where it is one (cards, passes), else hex."""
        return kid_text(self.kid)

    def state(self, at: datetime) -> str:
        """`good`, `soon` (ends within 30 days), `ended` or `early`."""
        if self.valid_until is not None and self.valid_until < at:
            return "ended"
        if self.valid_from is not None and self.valid_from > at:
            return "early"
        return "soon" if self.valid_until is not None and self.valid_until <= at + SOON else "good"


@dataclass(frozen=True, slots=True)
class Draft:
    """Keys that were uploaded and wait to be confirmed."""

    id: str
    scheme: str
    replaces: bool
    source: str
    found: Found


@dataclass(frozen=True, slots=True)
class Lacking:
    """A key that codes at the gates asked for and no gate knows, with how often, when and where."""

    scheme: str
    kid: str
    count: int
    first_at: datetime
    last_at: datetime
    gates: tuple[str, ...]
    held: bool  # it has been imported since

    @property
    def kid_text(self) -> str:
        return kid_text(self.kid)


def kid_text(kid: str) -> str:
    raw = bytes.fromhex(kid)
    text = raw.decode("ascii", "replace")
    return text if text.isascii() and text.isprintable() and " " not in text else kid
