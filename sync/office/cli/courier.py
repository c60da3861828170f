"""carry in | out: a stick between a gate without a line and the office."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from sync.office.cli.common import WHO, AsJson, Url, Var, gate, opened, show
from sync.office.courier import Courier

app = typer.Typer(help="Parcels on a stick, for gates without a line.", no_args_is_help=True)

IN_LINE = "{gate_name} ({gate}): {events} events written {made_at}, {new} of them new"
OUT_LINE = "{file}: for {name} ({gate}), with bundle {bundle}"


@app.command("in")
def carry_in(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What the gate wrote")],
    url: Url = None,
    var: Var = None,
    as_json: AsJson = False,
) -> None:
    """Take in what a gate wrote with `carry out`; twice is harmless. Exit code 1 when some of it could not be taken.

    Example: python -m sync.office carry in /media/stick/east-gate.parcel
    """
    console = Console(stderr=True)
    with opened(url, var) as office, Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("taking in", total=None)
        done = Courier(office).take(file, who=WHO, progress=lambda events: bar.update(task, completed=events))
    show(asdict(done), as_json=as_json, line=IN_LINE)
    for trouble in done.troubles:
        typer.echo(f"not taken: {trouble}; have the gate write all of it: python -m sync carry out --all", err=True)
    if done.troubles:
        raise typer.Exit(1)


@app.command("out")
def carry_out(
    named: Annotated[str, typer.Argument(metavar="GATE", help="The gate's id or name")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The parcel to write; it must not exist")],
    url: Url = None,
    var: Var = None,
    as_json: AsJson = False,
) -> None:
    """Write for a gate what is acknowledged and what is handed down, sealed so that only this gate can read it.

    Example: python -m sync.office carry out 东门 /media/stick/answer.parcel
    """
    with opened(url, var) as office:
        found = gate(office, named)
        manifest = Courier(office).answer(found.id, file, who=WHO)
    row = {"gate": found.id, "name": found.name, "file": str(file), "bundle": manifest.version if manifest else 0}
    show(row, as_json=as_json, line=OUT_LINE)
