"""person search | ask | requests | approve | cancel: what is held of somebody, and deletion on their own request.

The number is typed or piped in, never an argument: other programs see those, and shells keep them.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from kiosk.model import iso
from sync.office.cli.asking import Yes, agreed
from sync.office.cli.common import WHO, AsJson, CommunityId, Url, Var, community, opened, show
from sync.office.retention.erasing import REASONS
from sync.office.retention.finding import Holding, Number, number
from sync.office.retention.requests import Erasure, Preview
from sync.office.values import EVERYTHING

app = typer.Typer(help="What is held of somebody, and deletion on their own request.", no_args_is_help=True)

LINE = "{id}  {community_name}  {state}  {reason}  asked by {made_by}  waiting for {waiting}"
FOUND = (
    "{community_name}: {passages} passages, {other} other events, {alerts} alerts, {listed} list entries,"
    " {declarations} announcements, {passes} passes, {forks} of forks"
)


@app.command("search")
def search(
    why: Annotated[str, typer.Option(help="The reason; it is recorded.")],
    url: Url = None,
    var: Var = None,
    as_json: AsJson = False,
) -> None:
    """Show what the office holds of a person, by ID number or phone, typed when asked or from standard input.

    Example: python -m sync.office person search --why 本人查询
    """
    wanted = _typed()
    with opened(url, var) as office:
        found = office.finding.search(wanted, why, EVERYTHING, who=WHO)
        rows = [_held(one) | {"entries": _entries(one)} for one in found]
    show(rows, as_json=as_json, line=FOUND)
    if not rows and not as_json:
        typer.echo("nothing that can be read is held of this person")


@app.command("ask")
def ask(
    reason: Annotated[str, typer.Option(help=f"One of {', '.join(REASONS)}.")] = REASONS[0],
    yes: Yes = False,
    in_community: CommunityId = None,
    url: Url = None,
    var: Var = None,
    as_json: AsJson = False,
) -> None:
    """Ask for the deletion of what a community holds of a person: shows what would go; somebody else approves it.

    Example: python -m sync.office person ask --reason own-request
    """
    wanted = _typed()
    with opened(url, var) as office:
        unit = community(office, in_community)
        _tell(office.erasures.preview(unit.id, wanted, EVERYTHING))
        if not agreed("Ask for this deletion?", yes=yes):
            return
        made = office.erasures.ask(unit.id, wanted, reason, EVERYTHING, who=WHO)
    show(_row(made), as_json=as_json, line=LINE)


@app.command("requests")
def requests(url: Url = None, var: Var = None, as_json: AsJson = False) -> None:
    """The requests, newest first, and which gates have yet to do them.

    Example: python -m sync.office person requests
    """
    with opened(url, var) as office:
        office.erasures.settle()
        rows = [_row(one) for one in office.erasures.list(EVERYTHING)]
    show(rows, as_json=as_json, line=LINE)


@app.command("approve")
def approve(
    named: Annotated[str, typer.Argument(metavar="ID", help="See: person requests")],
    sole: Annotated[
        bool, typer.Option("--sole", help="Nobody else could: the office has no more than one user.")
    ] = False,
    yes: Yes = False,
    url: Url = None,
    var: Var = None,
    as_json: AsJson = False,
) -> None:
    """Delete what was asked for, after showing what goes and what has to stay. It cannot be taken back.

    Example: python -m sync.office person approve 01a20250-f443-701d-8626-cf5322aa9df9 --sole
    """
    with opened(url, var) as office:
        _tell(office.erasures.asked(named, EVERYTHING))
        if not agreed("Delete it for good?", yes=yes):
            return
        done = office.erasures.approve(named, EVERYTHING, who=WHO, sole=sole)
    show(_row(done), as_json=as_json, line=LINE)


@app.command("cancel")
def cancel(
    named: Annotated[str, typer.Argument(metavar="ID", help="See: person requests")],
    url: Url = None,
    var: Var = None,
    as_json: AsJson = False,
) -> None:
    """Drop a request that was not approved yet; who it was about is forgotten.

    Example: python -m sync.office person cancel 01a20250-f443-701d-8626-cf5322aa9df9
    """
    with opened(url, var) as office:
        done = office.erasures.cancel(named, EVERYTHING, who=WHO)
    show(_row(done), as_json=as_json, line=LINE)


def _typed() -> Number:
    if sys.stdin.isatty():
        return number(typer.prompt("ID number or phone (not shown)", hide_input=True, err=True))
    return number(sys.stdin.readline())


def _tell(preview: Preview) -> None:
    typer.echo("goes:   " + FOUND.format_map(_held(preview.going)), err=True)
    kept = f"{preview.kept_parts} of open alerts or held days, {preview.kept_entries} running watch entries"
    typer.echo(f"stays:  {kept}", err=True)


def _held(holding: Holding) -> dict[str, Any]:
    return {"community": holding.community, "community_name": holding.community_name, **holding.counts()}


def _entries(holding: Holding) -> list[Mapping[str, Any]]:
    passages = (part for part in holding.parts if part.kind == "passage")
    return [{"event": part.event, "at": iso(part.at), "gate": part.gate} for part in passages]


def _row(one: Erasure) -> dict[str, Any]:
    names = ("id", "community_name", "state", "reason", "made_by", "approved_by", "certificate")
    waiting = ", ".join(gate.name for gate in one.gates if gate.done_at is None)
    times = {"made_at": iso(one.made_at), "done_at": one.done_at and iso(one.done_at)}
    return {name: getattr(one, name) for name in names} | times | {"waiting": waiting or None}
