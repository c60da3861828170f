"""The journal (台账): append-only, sealed, chained; docs/journal.md describes the file for an outsider."""

from kiosk.journal.store import Journal
from kiosk.journal.values import Head, LastSeen, Outbox, Verification, correction

__all__ = ["Head", "Journal", "LastSeen", "Outbox", "Verification", "correction"]
