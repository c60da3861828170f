"""What follows from the events: day counts, heads inside, who was seen last. Rebuilt from the journal at any time.

Demonstration events count under `demo` and nowhere else; an event that only repeats one of an earlier journal
(`again`) was counted there. Counts say what was recorded: a correction or an override is one more count, it changes no
other.
"""

from __future__ import annotations

import sqlite3
from base64 import b64decode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from kiosk.journal import schema
from kiosk.journal.days import to_day, to_ms
from kiosk.journal.schema import KEPT, OVERRIDES, TALLIED, changes, last_seen, outs, state, tallies, used
from kiosk.model import Direction, Event, Verdict

INSIDE = "inside"

_SIMPLE = {"visit.abandoned": "abandoned", "alert": "alerts", "correction": "corrections"}
_ZEROS = dict.fromkeys(TALLIED, 0)
_VERDICTS = frozenset(verdict.value for verdict in Verdict)
BY_THE_GATE = "party"  # the reason of an override that nobody decided
_STEP = {Direction.IN.value: 1, Direction.OUT.value: -1}


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event with its row's number and local day."""

    number: int
    day: int
    event: Event


def _adding() -> str:
    new = insert(tallies).values({name: sa.bindparam(name) for name in ("day", *TALLIED)})
    sums = {name: tallies.c[name] + new.excluded[name] for name in TALLIED}
    return schema.sql(new.on_conflict_do_update(index_elements=[tallies.c.day], set_=sums))


def _changing() -> str:
    new = insert(changes).values({name: sa.bindparam(name) for name in ("day", "name", "count")})
    sums = {"count": changes.c.count + new.excluded["count"]}
    return schema.sql(new.on_conflict_do_update(index_elements=[changes.c.day, changes.c.name], set_=sums))


def _closing() -> str:
    new = insert(tallies).values(day=sa.bindparam("day"), closed=sa.bindparam("closed"))
    return schema.sql(new.on_conflict_do_update(index_elements=[tallies.c.day], set_={"closed": new.excluded.closed}))


def _seeing() -> str:
    new = insert(last_seen)
    newer = sa.tuple_(new.excluded.day, new.excluded.at) >= sa.tuple_(last_seen.c.day, last_seen.c.at)
    columns = {name: new.excluded[name] for name in ("day", "at", "number", "direction", "verdict")}
    return schema.sql(new.on_conflict_do_update(index_elements=[last_seen.c.token], set_=columns, where=newer))


_ADD = _adding()
_CHANGE = _changing()
_CLOSE = _closing()
_SEE = _seeing()
_FORGET = schema.sql(sa.delete(last_seen).where(last_seen.c.day < sa.bindparam("before")))
_WALK = schema.sql(
    sa.update(state)
    .where(state.c.name == sa.literal_column(f"'{INSIDE}'"))
    .values(value=sa.func.max(state.c.value + sa.bindparam("step"), sa.literal_column("0")))
)
_LEFT = schema.sql(insert(outs).prefix_with("OR REPLACE"))
_USED = schema.sql(insert(used).prefix_with("OR REPLACE"))
_FORGOTTEN = tuple(schema.sql(sa.delete(table).where(table.c.day < sa.bindparam("before"))) for table in (outs, used))
_EMPTY = tuple(schema.sql(sa.delete(table)) for table in (tallies, changes, last_seen, outs, used))
_SET = schema.sql(insert(state).prefix_with("OR REPLACE"))


def apply(connection: sqlite3.Connection, recorded: Iterable[Recorded]) -> None:
    """Move every projection on by these events, in their order, within the open transaction."""
    added: dict[int, dict[str, int]] = {}
    for item in recorded:
        for name in _counts(item.event):
            day = added.setdefault(item.day, {"day": item.day, **_ZEROS})
            day[name] += 1
        if _is_real_passage(item.event) or _is_real_override(item.event):
            _see(connection, item)
        for name in overridden(item.event):
            connection.execute(_CHANGE, {"day": item.day, "name": name, "count": 1})
        if _takes_back(item.event):
            _walk_back(connection, item.event)
        if _lets_through(item.event):
            _walk(connection, item)
        elif (inside := _set_to(item.event)) is not None:
            connection.execute(_SET, {"name": INSIDE, "value": inside})
        elif (closed := _closed_day(item.event)) is not None:
            connection.execute(_CLOSE, {"day": closed, "closed": item.number})
        elif item.event.kind == "journal.carried":
            _carry(connection, item)
    for day in added.values():
        connection.execute(_ADD, day)


def clear(connection: sqlite3.Connection) -> None:
    """Forget every projection, within the open transaction."""
    for statement in _EMPTY:
        connection.execute(statement)
    connection.execute(_SET, {"name": INSIDE, "value": 0})


def forget(connection: sqlite3.Connection, before: int) -> None:
    """Drop who was seen before `before`, within the open transaction. Counts name nobody: they stay."""
    for statement in (_FORGET, *_FORGOTTEN):
        connection.execute(statement, {"before": before})


def token_key(token: str) -> bytes:
    """A person token as the projection keeps it."""
    try:
        return bytes.fromhex(token)
    except ValueError:
        return token.encode()


def _counts(event: Event) -> tuple[str, ...]:
    """The counts that `event` raises by one."""
    if "again" in event.open or event.kind not in ("passage", *_SIMPLE):
        return ()
    if event.open.get("demo") is True:
        return ("demo",)
    if event.kind in _SIMPLE:
        return (_SIMPLE[event.kind],)
    said = (event.open.get("direction"), event.open.get("verdict"))
    return ("passages", *(name for name in said if name in TALLIED))


def _is_real_passage(event: Event) -> bool:
    return event.kind == "passage" and event.open.get("demo") is not True and "again" not in event.open


def _closed_day(event: Event) -> int | None:
    if event.kind != "day.close" or "again" in event.open:
        return None
    try:
        return to_day(date.fromisoformat(str(event.open.get("day"))))
    except ValueError:
        return None


def _lets_through(event: Event) -> bool:
    """Whether somebody goes through on it: an admitted passage, or an override that admits."""
    if event.open.get("demo") is True or "again" in event.open:
        return False
    if event.kind == "override":
        return event.open.get("to") == Verdict.ADMIT and event.open.get("from") != Verdict.ADMIT
    return event.kind == "passage" and event.open.get("verdict") == Verdict.ADMIT


def _is_real_override(event: Event) -> bool:
    return event.kind == "override" and event.open.get("demo") is not True and "again" not in event.open


def overridden(event: Event) -> tuple[str, ...]:
    """What an override counts under: `overrides` and its way, or `kept` where the gate itself kept a companion."""
    if not _is_real_override(event):
        return ()
    if event.open.get("why") == BY_THE_GATE:
        return (KEPT,)
    was, became = str(event.open.get("from")), str(event.open.get("to"))
    return (OVERRIDES, f"override:{was}:{became}") if {was, became} <= _VERDICTS else (OVERRIDES,)


def _takes_back(event: Event) -> bool:
    """Whether somebody who was let through is kept after all."""
    said = (event.open.get("from") == Verdict.ADMIT, event.open.get("to") == Verdict.ADMIT)
    return _is_real_override(event) and said == (True, False)


def _set_to(event: Event) -> int | None:
    """How many are inside by a volunteer's count or the reset at night; None for any other event."""
    inside = event.open.get("inside")
    return inside if event.kind == "count.set" and type(inside) is int and "again" not in event.open else None


def _carry(connection: sqlite3.Connection, item: Recorded) -> None:
    """What was counted in a journal that was set aside, and what safety hangs on."""
    said, personal = item.event.open, item.event.personal or {}
    for text, counts in said["days"].items():
        day, tallied = to_day(date.fromisoformat(text)), {name: counts.get(name, 0) for name in TALLIED}
        connection.execute(_ADD, {"day": day, **tallied})
        more = [{"day": day, "name": name, "count": count} for name, count in counts.items() if name not in tallied]
        connection.executemany(_CHANGE, more)
    for day in said["closed"]:
        connection.execute(_CLOSE, {"day": to_day(date.fromisoformat(day)), "closed": item.number})
    connection.execute(_SET, {"name": INSIDE, "value": said["inside"]})
    for declaration, day in personal.get("used", ()):
        connection.execute(_USED, {"declaration": declaration, "day": day})
    for place, (household, who, day, at) in enumerate(personal.get("outs", ())):
        number = -(item.number << 16) - place  # never that of an event
        left = {"household": b64decode(household), "who": b64decode(who), "day": day, "at": at, "number": number}
        connection.execute(_LEFT, left)
    for token, day, at, direction, verdict in personal.get("seen", ()):
        seen = {"day": day, "at": at, "number": item.number, "direction": direction, "verdict": verdict}
        connection.execute(_SEE, {"token": b64decode(token), **seen})


def _walk_back(connection: sqlite3.Connection, event: Event) -> None:
    if step := _STEP.get(str(event.open.get("direction"))):
        connection.execute(_WALK, {"step": -step})


def _walk(connection: sqlite3.Connection, item: Recorded) -> None:
    """A person goes in or out. Below nobody it stays at nobody: some were inside before the first event."""
    said, personal = item.event.open, item.event.personal or {}
    if step := _STEP.get(str(said.get("direction"))):
        connection.execute(_WALK, {"step": step})
    if declaration := said.get("declaration"):
        connection.execute(_USED, {"declaration": str(declaration), "day": item.day})
    if said.get("direction") == Direction.OUT and (household := personal.get("household_token")):
        who = next(iter(personal.get("tokens", ())), "")
        left = {"number": item.number, "day": item.day, "at": to_ms(item.event.at), "who": token_key(str(who))}
        connection.execute(_LEFT, {"household": token_key(str(household)), **left})


def _see(connection: sqlite3.Connection, item: Recorded) -> None:
    tokens = (item.event.personal or {}).get("tokens", ())
    seen = {
        "day": item.day,
        "at": to_ms(item.event.at),
        "number": item.number,
        "direction": str(item.event.open.get("direction", "")),
        "verdict": str(item.event.open.get("to") or item.event.open.get("verdict", "")),
    }
    connection.executemany(_SEE, [{"token": token_key(str(token)), **seen} for token in tokens])
