"""places set | add | list: limits on people inside, gatherings, clinics and test sites (rows G8, C7, C13)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from sync.office.cli import files
from sync.office.cli.common import WHO, AsJson, CommunityId, Url, Var, community, gate, opened, show
from sync.office.lists import places
from sync.office.lists.sheet import MOST_BYTES
from sync.office.values import EVERYTHING

app = typer.Typer(help="Places with a limit on people inside, gatherings, clinics.", no_args_is_help=True)


@app.command("set")
def set_all(
    file: Annotated[Path, typer.Argument(help='JSON: {"places": […], "gatherings": […], "clinics": […]}')],
    in_community: CommunityId = None,
    url: Url = None,
    var: Var = None,
) -> None:
    """Replace a community's places, gatherings and clinics by those of a file and hand them down.

    Example: python -m sync.office places set places.json --community 幸福社区
    """
    found = places.read(files.load(file, MOST_BYTES))
    with opened(url, var) as office:
        office.places.set(community(office, in_community).id, found, EVERYTHING, who=WHO)
    typer.echo("handed down")


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="The place's name")],
    limit: Annotated[int | None, typer.Option(min=0, help="How many may be inside; any number without it.")] = None,
    gates: Annotated[list[str] | None, typer.Option("--gate", help="A gate that leads in, by id or name.")] = None,
    in_community: CommunityId = None,
    url: Url = None,
    var: Var = None,
) -> None:
    """Add a place and hand it down.

    Example: python -m sync.office places add 菜市场 --limit 80 --gate 东门
    """
    with opened(url, var) as office:
        ids = [gate(office, named).id for named in gates or ()]
        office.places.put_place(community(office, in_community).id, name, limit, ids, EVERYTHING, who=WHO)
    typer.echo("handed down")


@app.command("list")
def list_all(in_community: CommunityId = None, url: Url = None, var: Var = None, as_json: AsJson = False) -> None:
    """The places of a community; with --json the whole section as `places set` takes it.

    Example: python -m sync.office places list
    """
    with opened(url, var) as office:
        whole = office.places.document(community(office, in_community).id, EVERYTHING)
    if as_json:
        typer.echo(json.dumps(whole, ensure_ascii=False))
        return
    show([{"limit": None, **place} for place in whole["places"]], as_json=False, line="{id}  {name}  {limit}  {gates}")
