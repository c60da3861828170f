"""python -m kiosk backup, restore: a copy of the journal, and the way back."""

from __future__ import annotations

import base64
import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from kiosk import beside
from kiosk.cli.opening import opening
from kiosk.cli.options import CONFIG, AsJson, ConfigPath
from kiosk.config import load
from kiosk.errors import GatehouseError, JournalError
from kiosk.folder import prepare
from kiosk.identity import Keys, put_private, tidy
from kiosk.journal import backup as copies
from kiosk.journal import enclosed

_WARNING = """\
{keys} holds this gate's keys: whoever has it can read what {file} says of people and can speak for this gate. Keep it
apart from the copy, under lock and key."""


def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The copy to make; it must not exist")],
    config: ConfigPath = CONFIG,
    with_keys: Annotated[
        bool, typer.Option("--with-keys", help="Also write the gate's keys, into FILE.keys: keep that one safe.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Copy the journal while the gate runs, and verify the copy. The volunteers and the hand-down go along.

    Nobody can be named from it without the gate's keys.

    Example: python -m kiosk backup /media/stick/east-gate.db
    """
    settings = load(config)
    var = settings.gate.var
    keys = file.with_name(f"{file.name}.keys")
    along = beside.gathered(var)
    if with_keys and not file.exists():
        _write_keys(var, keys)  # first: a copy is there only with what was asked for beside it
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("copying", total=None)
        found = copies.backup(
            var / "journal.db",
            file,
            opening(settings),
            lambda done, total: bar.update(task, completed=done, total=total),
            enclose=lambda copy: enclosed.put(copy, Keys.load(var).gate, along),
        )
    if with_keys:
        typer.echo(_WARNING.format(keys=keys, file=file), err=True)
    words = f"{file}: journal {found.journal}, last number {found.seq}, digest {found.digest}: verified"
    print(json.dumps(asdict(found)) if as_json else words)


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A copy that `backup` made")],
    config: ConfigPath = CONFIG,
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Also where the journal has events that the copy lacks: it is set aside.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Put a copy of the journal back; the gate must not be running. It goes on under a new journal, from number 1.

    Volunteers and hand-down are put back where there are none. The keys must be there: from FILE.keys, where the
    folder has none yet.

    Example: python -m kiosk restore /media/stick/east-gate.db
    """
    settings = load(config)
    prepare(settings.gate.var)
    tidy(settings.gate.var)
    keys = file.with_name(f"{file.name}.keys")
    if keys.exists():
        _put_keys(settings.gate.var, keys)
    back: list[str] = []

    def put_back(copy: Path) -> None:
        """Before the journal takes its place: what is lacking then is the journal, and it can be put back once more."""
        back.extend(beside.put_back(settings.gate.var, enclosed.take_out(copy, Keys.load(settings.gate.var).gate)))

    done = copies.restore(
        file,
        settings.gate.var / "journal.db",
        opening(settings),
        anyway=anyway,
        take_out=put_back,
    )
    words = f"restored; it goes on under journal {done.journal}"
    words += f"; what was there before lies in {done.aside}" if done.aside else ""
    words += f"; put back: {', '.join(back)}" if back else ""
    said = {"journal": done.journal, "aside": done.aside and str(done.aside), "put_back": back}
    print(json.dumps(said) if as_json else words)


_KEPT = ("keys/gate.key", "keys/sign.key", "identity.json")


def _write_keys(var: Path, target: Path) -> None:
    """Whole or not at all; what a backup that was broken off has written stays. JournalError for any other file."""
    said = {
        name: base64.b64encode((var / name).read_bytes()).decode("ascii") for name in _KEPT if (var / name).exists()
    }
    content, draft = json.dumps(said, indent=1).encode(), target.with_name(f".{target.name}.part")
    try:
        draft.unlink(missing_ok=True)
        if target.exists():
            if target.read_bytes() != content:
                raise JournalError(f"{target}: exists already; name another file")
            return
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(target)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise GatehouseError(f"{target}: cannot be written ({error.strerror})") from error


def _put_keys(var: Path, file: Path) -> None:
    """The keys of a gate that is put on another machine, where none of another gate's lies: whatever of them is there
    already was put there by a restore that was broken off. Raises GatehouseError for a file that is none."""
    try:
        said = {name: base64.b64decode(text, validate=True) for name, text in json.loads(file.read_text()).items()}
        known = [(name, said[name]) for name in _KEPT if name in said]
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise GatehouseError(f"{file}: does not hold a gate's keys ({error})") from error
    try:
        if any((var / name).exists() and (var / name).read_bytes() != content for name, content in known):
            return
        for name, content in known:
            put_private(var / name, content)
    except OSError as error:
        raise GatehouseError(f"{var}: cannot be written ({error.strerror})") from error
