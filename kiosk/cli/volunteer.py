"""python -m kiosk volunteer: who may sign on at this gate (row G14)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from kiosk.cli.options import AsJson, ConfigPath
from kiosk.config import load
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
    settings = load(config)
    settings.gate.var.mkdir(parents=True, exist_ok=True, mode=0o700)
    volunteer, pin = Staff.open(settings.gate.var / "gate.db").add(name)
    if as_json:
        print(json.dumps({"id": volunteer.id, "name": volunteer.name, "pin": pin}, ensure_ascii=False))
    else:
        print(f"{volunteer.name}: PIN {pin} (shown only now)")


@app.command("list")
def list_all(config: ConfigPath = Path("kiosk.toml"), as_json: AsJson = False) -> None:
    """Who may sign on."""
    people = Staff.open(load(config).gate.var / "gate.db").all()
    if as_json:
        print(json.dumps([{"id": person.id, "name": person.name} for person in people], ensure_ascii=False))
        return
    for person in people:
        print(f"{person.id}  {person.name}")
