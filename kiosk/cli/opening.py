"""How a command opens this gate's journal."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from kiosk.config import Settings
from kiosk.errors import JournalError
from kiosk.identity import Identity, Keys
from kiosk.journal import Journal
from kiosk.journal.backup import Opened


def opening(settings: Settings) -> Opened:
    """What opens this gate's journals, to read unless told otherwise. Raises IdentityError without its keys."""
    keys, identity = Keys.load(settings.gate.var), Identity.load(settings.gate.var)

    def opened(path: Path, *, writer: bool = False, restored: bool = False) -> Journal:
        return Journal.open(
            path,
            keys.gate,
            now=lambda: datetime.now(UTC),
            zone=settings.zone,
            gate=identity.gate if identity else "",
            writer=writer,
            restored=restored,
        )

    return opened


def existing(settings: Settings) -> Path:
    """Where the journal lies. Raises JournalError before the gate was started once."""
    path = settings.gate.var / "journal.db"
    if not path.exists():
        raise JournalError(f"{path}: there is no journal yet; start the gate once")
    return path
