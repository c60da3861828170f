"""What retention remembers of itself between two runs."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from sync.office.db.days import NoteRow

RAN = "retention:ran"  # when it last ran to its end
RESEALED = "retention:resealed"  # when nothing was left without its day's key
UNTOLD = "retention:untold:"  # and of which community the gates have yet to be handed down who is to be forgotten
UNCLEARED = "retention:uncleared"  # something was destroyed whose traces in the log still have to go


def read(tx: Connection, name: str) -> str | None:
    return tx.scalar(select(NoteRow.value).where(NoteRow.name == name))


def write(tx: Connection, name: str, value: str) -> None:
    new: Any = (postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert)(NoteRow)
    changed = new.on_conflict_do_update(index_elements=["name"], set_={"value": new.excluded.value})
    tx.execute(changed, {"name": name, "value": value})


def untold(tx: Connection) -> list[str]:
    """The communities that UNTOLD is noted of."""
    named = tx.scalars(select(NoteRow.name).where(NoteRow.name.startswith(UNTOLD)))
    return [name.removeprefix(UNTOLD) for name in named]


def drop(tx: Connection, name: str) -> None:
    tx.execute(delete(NoteRow).where(NoteRow.name == name))
