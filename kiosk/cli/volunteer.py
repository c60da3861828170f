"""python -m kiosk volunteer: who may sign on at this gate (row G14)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from kiosk.cli.options import CONFIG, AsJson, ConfigPath
from kiosk.config import load
from kiosk.errors import GatehouseError
from kiosk.folder import prepare
from kiosk.staff import SUPERVISOR, VOLUNTEER, Staff, Volunteer

app = typer.Typer(help="Volunteers and their PINs.", no_args_is_help=True)


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="As colleagues call the volunteer")],
    supervisor: Annotated[bool, typer.Option("--supervisor", help="May change what the policy refused")] = False,
    config: ConfigPath = CONFIG,
    as_json: AsJson = False,
) -> None:
    """Add a volunteer and print the PIN, this once.

    Example: python -m kiosk volunteer add 王小明 --supervisor
    """
    var = load(config).gate.var
    prepare(var)
    volunteer, pin = _staff(var).add(name, role=SUPERVISOR if supervisor else VOLUNTEER)
    if as_json:
        print(json.dumps(_shown(volunteer) | {"pin": pin}, ensure_ascii=False))
    else:
        print(f"{volunteer.name}: PIN {pin} (shown only now)")


@app.command("list")
def list_all(config: ConfigPath = CONFIG, as_json: AsJson = False) -> None:
    """Who may sign on.

    Example: python -m kiosk volunteer list --json
    """
    people = _staff(load(config).gate.var).all()
    if as_json:
        print(json.dumps([_shown(person) for person in people], ensure_ascii=False))
        return
    for person in people:
        print(f"{person.id}  {person.role:10}  {person.name}")


@app.command("remove")
def remove(
    volunteer: Annotated[str, typer.Argument(help="The id that `volunteer list` shows")],
    config: ConfigPath = CONFIG,
) -> None:
    """Let somebody sign on no more; what they recorded stays.

    Example: python -m kiosk volunteer remove v-1a2b3c4d
    """
    if not _staff(load(config).gate.var).remove(volunteer):
        raise GatehouseError(f"no volunteer {volunteer!r}; see: python -m kiosk volunteer list")
    print(f"{volunteer} may not sign on any more")


def _shown(person: Volunteer) -> dict[str, str]:
    return {"id": person.id, "name": person.name, "role": person.role}


def _staff(var: Path) -> Staff:
    return Staff.open(var / "gate.db")
