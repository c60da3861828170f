"""The gate's line to its office, by hand: python -m sync …"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from kiosk import logs
from kiosk.cli import runner
from kiosk.cli.opening import existing, opening
from kiosk.cli.options import CONFIG, AsJson, ConfigPath
from kiosk.config import Settings, load
from kiosk.errors import JournalError, SyncError
from kiosk.handdown import HandDown
from kiosk.identity import Identity, Keys
from kiosk.journal import Journal
from kiosk.keyring import KeyRing
from kiosk.model import iso
from sync import calling, rollover
from sync.bar import bar
from sync.courier import Courier
from sync.mailbox import leave
from sync.uplink import Uplink

app = typer.Typer(
    name="sync",
    help="The gate's line to its street office. The gate calls by itself; these are for trying it, and for scripts.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


carry = typer.Typer(help="Parcels on a stick, for when no line works.", no_args_is_help=True)
app.add_typer(carry, name="carry")
app.command("rollover")(rollover.rollover)


@dataclass(frozen=True, slots=True)
class Opened:
    """A gate's line. `kept_out` says why the journal can only be read, most likely because a gate is running."""

    identity: Identity
    journal: Journal
    handdown: HandDown
    uplink: Uplink
    courier: Courier
    kept_out: str | None


@app.command("now")
def call_now(config: ConfigPath = CONFIG, as_json: AsJson = False) -> None:
    """Have the gate call its office at once, outside its windows too, and wait until all is sent and fetched.

    Where no gate is running this command does it itself.

    Example: python -m sync now
    """
    settings = load(config)
    with _opened(settings) as gate, bar("calling") as shown:
        if gate.kept_out is None:
            done = calling.from_here(gate.uplink, shown, datetime.now(UTC))
        else:
            done = calling.through_the_gate(settings.gate.var, shown, settings.zone)
    said = asdict(done) | {"synced_at": iso(done.synced_at)}
    _say(said, done.words(settings.zone), as_json=as_json)


@app.command()
def push(config: ConfigPath = CONFIG, as_json: AsJson = False) -> None:
    """Send every event the office lacks, and check its receipts. Works while the gate runs.

    Example: python -m sync push --json
    """
    with _opened(load(config)) as gate, bar("sending") as shown:
        result = gate.uplink.push(shown.show)
        said = {
            "sent": result.sent,
            "through": result.through,
            "journal": gate.journal.id,
            "noted": gate.kept_out is None,
        }
    words = f"sent {result.sent}; the office holds everything up to {result.through}"
    later = f"; not noted here, the gate does so at its own next push ({gate.kept_out})" if gate.kept_out else ""
    _say(said, words + later, as_json=as_json)


@app.command()
def pull(config: ConfigPath = CONFIG, as_json: AsJson = False) -> None:
    """Fetch what the office hands down, and put it in force whole. A running gate fetches for itself as well.

    Example: python -m sync pull
    """
    with _opened(load(config), reading=True) as gate:
        changed = gate.uplink.pull()
        version = gate.handdown.bundle.version
    words = f"bundle {version} is in force now" if changed else f"nothing new; bundle {version} stays in force"
    _say({"changed": changed, "version": version}, words, as_json=as_json)


@app.command()
def status(config: ConfigPath = CONFIG, as_json: AsJson = False) -> None:
    """Say what waits and what is in force, without calling the office.

    Example: python -m sync status --json
    """
    settings = load(config)
    now = datetime.now(UTC)
    with _opened(settings, reading=True) as gate:
        queue, outbox, bundle = gate.uplink.queue(), gate.journal.outbox(), gate.handdown.bundle
        said = {
            "gate": gate.identity.gate,
            "community": gate.identity.community_name,
            "office": gate.identity.office_url,
            "journal": outbox.journal,
            "through": outbox.through,
            "waiting": queue.waiting,
            "oldest_at": queue.oldest_at and iso(queue.oldest_at),
            "last_synced_at": queue.synced_at and iso(queue.synced_at),
            "bundle": bundle.version,
            "footing": bundle.footing(now).value,
            "handdown_trouble": gate.handdown.trouble,
        }
    width = max(map(len, said))
    lines = "\n".join(f"{key:{width}}  {'-' if value is None else value}" for key, value in said.items())
    _say(said, lines, as_json=as_json)


@carry.command("out")
def carry_out(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The parcel to write; it must not exist")],
    config: ConfigPath = CONFIG,
    everything: Annotated[
        bool, typer.Option("--all", help="Also what the office has acknowledged, where it lost what it had.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Write what the office lacks, sealed so that only the office can read it. Works while the gate runs.

    Example: python -m sync carry out /media/stick/east-gate.parcel
    """
    with _opened(load(config), reading=True) as gate, bar("writing") as shown:
        done = gate.courier.out(file, shown.show, everything=everything)
    words = f"{file}: {done.events} events; take it to the office, and bring what it gives back"
    _say({"file": str(file), "events": done.events, "journals": done.journals}, words, as_json=as_json)


@carry.command("in")
def carry_in(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What the office gave back")],
    config: ConfigPath = CONFIG,
    as_json: AsJson = False,
) -> None:
    """Take what the office gave back: its acknowledgements and what it hands down. A running gate takes it itself.

    Example: python -m sync carry in /media/stick/answer.parcel
    """
    settings = load(config)
    with _opened(settings) as gate:
        if gate.kept_out is not None:
            gate.courier.look(file)
            leave(file, settings.gate.var)
            _say({"left": True}, "in order; the gate that is running takes it within seconds", as_json=as_json)
            return
        done = gate.courier.take(file)
    words = f"{done.acknowledged} more acknowledged, {done.waiting} still wait; bundle {done.bundle} is in force"
    _say({"left": False, **asdict(done)}, words, as_json=as_json)


@contextmanager
def _opened(settings: Settings, *, reading: bool = False) -> Iterator[Opened]:
    var = settings.gate.var
    if (identity := Identity.load(var)) is None:
        raise SyncError("this gate is not enrolled yet: python -m kiosk enroll URL TOKEN")
    keys = Keys.load(var)
    journal, kept_out = _journal(settings, reading=reading)
    handdown = HandDown(var / "handdown", identity.office_key, identity.community)
    now = partial(datetime.now, UTC)
    common = {"journal": journal, "handdown": handdown, "identity": identity, "sign_key": keys.sign, "now": now}
    uplink = Uplink(**common, settings=settings.sync, keeps=kept_out is None, keys=KeyRing(keys.sign, var))  # type: ignore[arg-type]
    courier = Courier(**common)  # type: ignore[arg-type]
    try:
        yield Opened(identity, journal, handdown, uplink, courier, kept_out)
    finally:
        uplink.close()
        journal.close()


def _journal(settings: Settings, *, reading: bool) -> tuple[Journal, str | None]:
    """The journal, to write in if no gate is running; else why it can only be read."""
    path, opened = existing(settings), opening(settings)
    if reading:
        return opened(path), "opened for reading"
    try:
        return opened(path, writer=True), None
    except JournalError as error:
        return opened(path), str(error)


def _say(said: dict[str, object], words: str, *, as_json: bool) -> None:
    print(json.dumps(said, ensure_ascii=False) if as_json else words)


def run(arguments: Sequence[str] | None = None) -> None:
    """Run a command, by default the command line's; a fault is one message on standard error and exit code 2."""
    runner.run(app, "sync", arguments)


if __name__ == "__main__":
    logs.configure()
    run()
