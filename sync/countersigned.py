"""The office's countersignatures under closed days on their way into a gate's journal, by the line or on a stick."""

from __future__ import annotations

from datetime import date

import structlog

from kiosk import signet
from kiosk.errors import JournalError
from kiosk.identity import Identity
from kiosk.journal import Journal
from kiosk.journal.seals import Countersign
from sync import protocol

log = structlog.get_logger(__name__)


def keep(journal: Journal, identity: Identity, name: str, receipt: protocol.Receipt) -> None:
    """Keeps those in the receipt for journal `name` that are its own; others are logged and stop nothing."""
    for day in receipt.days:
        statement = protocol.day_statement(identity.gate, day)
        if day.journal != name or not signet.fits(identity.office_key, statement, day.signature):
            log.error("countersigned", state="a day that the office did not sign", day=day.day)
            continue
        try:
            journal.countersigned(Countersign(date.fromisoformat(day.day), name, day.seq, day.digest, day.signature))
        except (ValueError, JournalError) as error:
            log.error("countersigned", state="a day that is not this journal's", day=day.day, trouble=str(error))
