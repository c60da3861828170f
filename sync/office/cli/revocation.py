"""revocation import | status: certificates that their issuers revoked, by hash."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from kiosk.model import iso
from sync.office.cli.asking import Yes, agreed
from sync.office.cli.bars import Advance, progress
from sync.office.cli.common import WHO, AsJson, Url, Var, opened, show
from sync.office.errors import Refused
from sync.office.office import Office
from sync.office.revocation import reading
from sync.office.revocation.reading import Given
from sync.office.revocation.store import Plan

app = typer.Typer(help="Certificates that their issuers revoked, by the million.", no_args_is_help=True)


@app.command("import")
def import_hashes(
    files: Annotated[list[Path], typer.Argument(help="One hash a line in hex or base64, or the EU's batches as JSON")],
    replace: Annotated[
        bool, typer.Option("--replace", help="The files are the whole list: what is not in them is revoked no longer.")
    ] = False,
    remove: Annotated[bool, typer.Option("--remove", help="What is in the files is revoked no longer.")] = False,
    yes: Yes = False,
    url: Url = None,
    var: Var = None,
    as_json: AsJson = False,
) -> None:
    """Import lists of revoked hashes of EU certificates: shows what would change, asks, and hands the list down.

    Example: python -m sync.office revocation import batch.json --yes
    """
    if replace and remove:
        raise Refused("--replace and --remove exclude each other")
    mode = "replace" if replace else "remove" if remove else "add"
    with opened(url, var) as office:
        given, plan = _planned(office, files, mode)
        said = _said(plan, given)
        if not as_json:
            _tell(said)
        applied = not plan.nothing and (yes or not as_json) and agreed("Hand this down?", yes=yes)
        if applied:
            names = ", ".join(path.name for path in files[:3]) + (", …" if len(files) > 3 else "")
            office.revocation.apply(plan, names, who=WHO)
    if as_json:
        show(said | {"applied": applied}, as_json=True, line="")
    else:
        typer.echo("handed down" if applied else "nothing was changed")


@app.command("status")
def status(url: Url = None, var: Var = None, as_json: AsJson = False) -> None:
    """How many hashes are in force, since when and by whom.

    Example: python -m sync.office revocation status
    """
    with opened(url, var) as office:
        listed = office.revocation.listed()
    row = {
        "count": listed.count if listed else 0,
        "sha256": listed.sha256 if listed else None,
        "changed_at": iso(listed.changed_at) if listed else None,
        "changed_by": listed.changed_by if listed else None,
    }
    show(row, as_json=as_json, line="{count} hashes, section {sha256}, changed {changed_at} by {changed_by}")


def _planned(office: Office, files: list[Path], mode: str) -> tuple[Given, Plan]:
    with progress("reading", sum(path.stat().st_size for path in files if path.exists())) as advance:
        given = reading.read(files, _summing(advance))
    with progress("comparing", 256) as advance:
        return given, office.revocation.plan(given, mode, advance)


def _said(plan: Plan, given: Given) -> dict[str, Any]:
    return {
        "added": plan.added,
        "removed": plan.removed,
        "duplicates": plan.duplicates,
        "malformed": given.wrong,
        "places": given.malformed,
        "count": plan.count,
        "bytes": len(plan.section),
    }


def _tell(said: dict[str, Any]) -> None:
    for place in said["places"]:
        typer.echo(f"left out {place}")
    if said["malformed"] > len(said["places"]):
        typer.echo(f"left out and {said['malformed'] - len(said['places'])} more")
    line = "added {added}, removed {removed}; duplicates {duplicates}, malformed {malformed}; then {count} hashes"
    typer.echo(line.format_map(said) + f", {said['bytes'] / 1e6:.1f} MB for each gate")


def _summing(advance: Advance) -> Callable[[int], None]:
    """What moves a bar by so much more at each call."""
    moved = 0

    def more(count: int) -> None:
        nonlocal moved
        moved += count
        advance(moved)

    return more
