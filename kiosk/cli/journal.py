"""python -m kiosk journal: what the gate recorded, and whether it still stands as it was written."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Annotated, Any

import typer

from kiosk import identities, tokens
from kiosk.cli.opening import existing, opening
from kiosk.cli.options import CONFIG, AsJson, ConfigPath
from kiosk.config import Settings, load
from kiosk.errors import JournalError
from kiosk.identity import Identity
from kiosk.journal import Journal, Verification
from kiosk.model import Event, iso

FOLLOW_EVERY_S = 0.5
DAYS = 400  # at most so many are shown


@dataclass(frozen=True, slots=True)
class _Number:
    kind: str
    plain: str = field(repr=False)


app = typer.Typer(help="The gate's journal (台账).", no_args_is_help=True)


@app.command()
def verify(config: ConfigPath = CONFIG, as_json: AsJson = False) -> None:
    """Check every event against its content, its predecessor and its seal; exit 1 and name the first bad number.

    Works while the gate runs. The office prints the same number and digest: python -m sync.office verify

    Example: python -m kiosk journal verify --json
    """
    with _opened(load(config)) as journal:
        found = journal.verify()
    print(json.dumps(asdict(found), ensure_ascii=False) if as_json else _in_words(found))
    if not found.ok:
        raise typer.Exit(1)


@app.command()
def tail(
    config: ConfigPath = CONFIG,
    lines: Annotated[int, typer.Option("-n", "--lines", min=0, help="How many events to begin with.")] = 10,
    as_json: AsJson = False,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until Ctrl-C.")] = False,
) -> None:
    """Show the newest events, without anything personal.

    Example: python -m kiosk journal tail -n 20 --follow
    """
    settings = load(config)
    with suppress(KeyboardInterrupt), _opened(settings) as journal:
        for event in _newest(journal, lines, follow=follow):
            print(
                json.dumps(_open_part(event), ensure_ascii=False) if as_json else _line(event, settings.zone),
                flush=True,
            )


@app.command()
def days(config: ConfigPath = CONFIG, as_json: AsJson = False) -> None:
    """Show the days that were closed, and the office's countersignature under each.

    Example: python -m kiosk journal days
    """
    with _opened(load(config)) as journal:
        rows = _closed(journal)
    if as_json:
        print(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        signed = "countersigned" if row["signature"] else "not countersigned yet"
        print(f"{row['day']}  {row['passages']:>6} passages  number {row['seq']}  digest {row['digest']}  {signed}")
    if not rows:
        print("no day is closed yet; a gate closes each day once it is over")


@app.command()
def rebuild(config: ConfigPath = CONFIG, as_json: AsJson = False) -> None:
    """Make counts, heads inside and last-seen anew from the events. The gate must not be running.

    Example: python -m kiosk journal rebuild
    """
    with _opened(load(config), writer=True) as journal:
        replayed = journal.rebuild()
    print(json.dumps({"events": replayed}) if as_json else f"{replayed} events replayed")


@app.command()
def salvage(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A damaged or older journal file of this gate")],
    config: ConfigPath = CONFIG,
    as_json: AsJson = False,
) -> None:
    """Record once more what holds of another journal file and neither the office nor this gate's journal has.

    The gate does so by itself with a file it sets aside at its start. It must not be running now. FILE stays as it is.

    Example: python -m kiosk journal salvage var/journal.damaged-20261122T040000Z.db
    """
    if not file.is_file():
        raise JournalError(f"{file}: there is no such file")
    with _opened(load(config), writer=True) as journal:
        done = journal.salvage(file)
    words = f"{done.read} events hold; {done.again} recorded again, {done.acknowledged} at the office, {done.lost} lost"
    print(json.dumps(asdict(done), ensure_ascii=False) if as_json else words)


@app.command()
def search(
    why: Annotated[str, typer.Option(help="The reason; it is kept in var/searches.jsonl.")],
    config: ConfigPath = CONFIG,
    as_json: AsJson = False,
) -> None:
    """Show when somebody passed this gate, by ID number or phone, typed when asked or from standard input.

    Only days that can still be read. Works while the gate runs. Example: python -m kiosk journal search --why 本人查询
    """
    settings = load(config)
    identity = Identity.load(settings.gate.var)
    if identity is None:
        raise JournalError("this gate is not enrolled: it has no key by which people are known")
    found = _typed()
    token = tokens.token(identity.token_key, found.kind, found.plain)
    with _opened(settings) as journal:
        events = journal.find([token])
    _note(settings.gate.var / "searches.jsonl", why, len(events))
    for event in events:
        said = json.dumps(_open_part(event), ensure_ascii=False) if as_json else _line(event, settings.zone)
        print(said, flush=True)
    if not events and not as_json:
        print("nothing that can be read is held of this person")


def _note(file: Path, why: str, found: int) -> None:
    """Who is searched for is not kept: when, why and how much was found is."""
    said = {"at": iso(datetime.now(UTC)), "why": why.strip()[:200], "found": found}
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a", encoding="utf-8") as kept:
        kept.write(json.dumps(said, ensure_ascii=False) + "\n")


def _typed() -> _Number:
    """What was typed, without showing or repeating it. Raises JournalError."""
    if sys.stdin.isatty():
        text = typer.prompt("ID number or phone (not shown)", hide_input=True, err=True)
    else:
        text = sys.stdin.readline()
    for kind in ("id", "phone"):
        found = identities.check(kind, text)
        if found.holds:
            return _Number(kind, found.normalised)
    raise JournalError("this is no ID number and no phone number; check it and type it again")


@contextmanager
def _opened(settings: Settings, *, writer: bool = False) -> Iterator[Journal]:
    path = existing(settings)
    with opening(settings)(path, writer=writer) as journal:
        yield journal


def _closed(journal: Journal) -> list[dict[str, Any]]:
    signed = {(seal.journal, seal.seq): seal.signature for seal in journal.countersigns()}
    return [
        {
            "day": event.open.get("day"),
            "journal": event.journal,
            "seq": event.seq,
            "digest": event.digest,
            "passages": event.open.get("counts", {}).get("passages"),
            "signature": signed.get((event.journal, event.seq)),
        }
        for event in reversed(journal.recent(DAYS, ("day.close",)))
    ]


def _newest(journal: Journal, lines: int, *, follow: bool) -> Iterator[Event]:
    """The last events of the present journal; then, if asked, whatever comes, also in a journal begun meanwhile."""
    name, seq = journal.id, max(journal.head().seq - lines, 0)
    while True:
        if events := journal.after(seq, journal=name):
            yield from events
            seq = events[-1].seq
        elif journal.id != name:
            name, seq = journal.id, 0
        elif follow:
            time.sleep(FOLLOW_EVERY_S)  # another process writes the file, and SQLite tells nobody
        else:
            return


def _in_words(found: Verification) -> str:
    name = f"journal {found.journal}" if found.journal else "journal"
    if found.ok:
        return f"{name}: whole; last number {found.seq}, digest {found.digest}"
    return f"{name}: number {found.first_bad} does not hold: {found.why}; good up to {found.seq}, digest {found.digest}"


def _open_part(event: Event) -> dict[str, Any]:
    return {
        "journal": event.journal,
        "seq": event.seq,
        "id": event.id,
        "kind": event.kind,
        "at": iso(event.at),
        "clock": asdict(event.clock),
        "open": event.open,
        "digest": event.digest,
    }


def _line(event: Event, zone: tzinfo) -> str:
    at = event.at.astimezone(zone)
    said = [
        str(event.open[name])
        for name in ("lane", "direction", "method", "verdict", "alert", "day", "why")
        if event.open.get(name)
    ]
    rules = [str(reason.get("rule")) for reason in event.open.get("reasons", ())]
    return f"{event.seq:>7}  {at:%m-%d %H:%M:%S}  {event.kind:<15}  {' '.join([*said, *rules])}".rstrip()
