"""Somebody is to be forgotten before their days are over: the sealed parts of their events are emptied, on record.

`journal.erase` says for which request and how many parts went; `erased` in it is SHA-256 over the numbers of all rows
that are empty by now, ascending, 8 bytes each. So a part that is missing without being on record is found, and no event
lists which passages were one person's. The file's triggers let nothing else be changed, and this only right behind that
event.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from kiosk.journal import schema
from kiosk.journal.act import Act
from kiosk.journal.projections import token_key
from kiosk.journal.reading import View
from kiosk.journal.rows import EventRow
from kiosk.journal.schema import events, last_seen, outs
from kiosk.journal.vault import open_up

KIND = "journal.erase"
GONE = b""

_EMPTY = schema.sql(
    sa.update(events).where(events.c.number == sa.bindparam("this")).values(sealed=sa.literal_column("x''"))
)
_EMPTIED = schema.sql(sa.select(events.c.number).where(sa.func.length(events.c.sealed) == sa.literal_column("0")))
_UNSEEN = schema.sql(sa.delete(last_seen).where(last_seen.c.token == sa.bindparam("token")))
_NOBODY = schema.sql(sa.update(outs).where(outs.c.who == sa.bindparam("token")).values(who=sa.literal_column("x''")))


@dataclass(frozen=True, slots=True)
class Found:
    """The rows that hold something of somebody, of those up to row `through`."""

    numbers: frozenset[int]
    visits: frozenset[str]
    through: int


def find(view: View, tokens: Collection[str], before: Found | None = None, *, until: int | None = None) -> Found:
    """Whose personal part says one of the tokens, and what else was recorded of their visits, up to `until` (Unix ms);
    `before` is what an earlier look found, which this one goes on from."""
    signs = [f'"{token}"'.encode() for token in tokens]
    numbers, visits = set(before.numbers if before else ()), set(before.visits if before else ())
    through = before.through if before else 0
    for row in view.rows(behind=through):
        through = row.number
        plain = _plain(view, row) if until is None or row.at <= until else None
        if plain and any(sign in plain for sign in signs):
            numbers.add(row.number)
            visits |= _visit(row)
    if visits:
        numbers |= {row.number for row in view.rows(rare=True) if row.sealed and _visit(row) & visits}
    return Found(frozenset(numbers), frozenset(visits), through)


def erase(act: Act, found: Found, request: str, tokens: Collection[str]) -> int:
    """Empty what was found, within the open transaction, and say so; how many parts went."""
    emptied = {number for (number,) in act.connection.execute(_EMPTIED)}
    going = sorted(found.numbers - emptied)
    act.state(KIND, request=request, parts=len(going), erased=digest(emptied | set(going)))
    act.connection.executemany(_EMPTY, [{"this": number} for number in going])
    for token in tokens:
        act.connection.execute(_UNSEEN, {"token": token_key(token)})
        act.connection.execute(_NOBODY, {"token": token_key(token)})
    return len(going)


def digest(numbers: Iterable[int]) -> str:
    """What `erased` says of the rows that are empty."""
    return hashlib.sha256(b"".join(number.to_bytes(8, "big") for number in sorted(numbers))).hexdigest()


def _plain(view: View, row: EventRow) -> bytes | None:
    key = view.keys.get(row.key)
    if key is None or row.sealed == GONE:
        return None
    life = view.life_at(row.number)
    return open_up(key, life.journal, life.seq(row.number), row.sealed)


def _visit(row: EventRow) -> set[str]:
    try:
        visit = json.loads(row.open).get("visit")
    except ValueError:
        return set()
    return {visit} if isinstance(visit, str) and visit else set()
