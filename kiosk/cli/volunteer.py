"""python -m kiosk volunteer: who may sign on at this gate (row G14)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from kiosk.cli.options import AsJson, ConfigPath
from kiosk.config import load
from kiosk.errors import GatehouseError
from kiosk.folder import prepare
from kiosk.staff import Staff

app = typer.Typer(help="Volunteers and their PINs.", no_args_is_help=True)


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="As colleagues call the volunteer")],
    config: ConfigPath = Path("kiosk.toml"),
    as_json: AsJson = False,
) -> None:
    """Add a volunteer and print the PIN, this once.

    Example: python -m kiosk volunteer add 王小明
    """
    var = load(config).gate.var
    prepare(var)
    volunteer, pin = _staff(var).add(name)
    if as_json:
        print(json.dumps({"id": volunteer.id, "name": volunteer.name, "pin": pin}, ensure_ascii=False))
    else:
        print(f"{volunteer.name}: PIN {pin} (shown only now)")


@app.command("list")
def list_all(config: ConfigPath = Path("kiosk.toml"), as_json: AsJson = False) -> None:
    """Who may sign on.

    Example: python -m kiosk volunteer list --json
    """
    people = _staff(load(config).gate.var).all()
    if as_json:
        print(json.dumps([{"id": person.id, "name": person.name} for person in people], ensure_ascii=False))
        return
    for person in people:
        print(f"{person.id}  {person.name}")


@app.command("remove")
def remove(
    volunteer: Annotated[str, typer.Argument(help="The id that `volunteer list` shows")],
    config: ConfigPath = Path("kiosk.toml"),
) -> None:
    """Let somebody sign on no more; what they recorded stays.

    Example: python -m kiosk volunteer remove v-1a2b3c4d
    """
    if not _staff(load(config).gate.var).remove(volunteer):
        raise GatehouseError(f"no volunteer {volunteer!r}; see: python -m kiosk volunteer list")
    print(f"{volunteer} may not sign on any more")


def _staff(var: Path) -> Staff:
    return Staff.open(var / "gate.db")
