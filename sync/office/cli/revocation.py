"""revocation import | cards | status: what issuers revoked, certificates by hash and cards one by one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from kiosk.model import iso
from sync.office.cli import files
from sync.office.cli.asking import Yes, close, to_apply
from sync.office.cli.bars import Advance, progress
from sync.office.cli.common import WHO, AsJson, Url, Var, opened, show
from sync.office.errors import Refused
from sync.office.office import Office
from sync.office.revocation import cards, reading
from sync.office.revocation.cards import CardChanges, CardLists
from sync.office.revocation.reading import Given
from sync.office.revocation.store import Plan
from sync.office.trust import files as published

app = typer.Typer(help="What issuers revoked: EU certificates by the million, health cards.", no_args_is_help=True)

Replace = Annotated[
    bool, typer.Option("--replace", help="The files are the whole list: what is not in them is revoked no longer.")
]
Remove = Annotated[bool, typer.Option("--remove", help="What is in the files is revoked no longer.")]


@app.command("import")
def import_hashes(
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="FILES...", help="One hash a line in hex or base64, or the EU's batches as JSON"),
    ],
    replace: Replace = False,
    remove: Remove = False,
    yes: Yes = False,
    url: Url = None,
    var: Var = None,
    as_json: AsJson = False,
) -> None:
    """Import lists of revoked hashes of EU certificates: shows what would change, asks, and hands the list down.

    Example: python -m sync.office revocation import batch.json --yes
    """
    mode = _mode(replace=replace, remove=remove)
    with opened(url, var) as office:
        given, plan = _planned(office, paths, mode)
        said = _said(plan, given)
        if not as_json:
            _tell(said)
        applied = to_apply("Hand this down?", nothing=plan.nothing, yes=yes, as_json=as_json)
        if applied:
            office.revocation.apply(plan, files.names(paths), who=WHO)
    close(said, applied=applied, as_json=as_json)


@app.command("cards")
def import_cards(
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="FILES...", help="Card revocation lists, as issuers publish them, or a folder of them"),
    ],
    replace: Replace = False,
    remove: Remove = False,
    yes: Yes = False,
    url: Url = None,
    var: Var = None,
    as_json: AsJson = False,
) -> None:
    """Import lists of revoked SMART Health Cards: shows what would change, asks, and hands them down.

    Example: python -m sync.office revocation cards 3Kfdg-XwP-7gXyywtUfUADwBumDOPKMQx-iELL11W9s.json --yes
    """
    mode, given = _mode(replace=replace, remove=remove), cards.read(published.gather(paths))
    with opened(url, var) as office:
        changes = office.revocation.cards.compare(given, mode)
        known = {held.kid_text for held in office.issuers.list(cards.SCHEME)}
        said = _of_cards(changes, given, known)
        if not as_json:
            _tell_cards(said)
        applied = to_apply("Hand this down?", nothing=changes.nothing, yes=yes, as_json=as_json)
        if applied:
            office.revocation.cards.take(given, mode, files.names(paths), who=WHO)
    close(said, applied=applied, as_json=as_json)


@app.command("status")
def status(url: Url = None, var: Var = None, as_json: AsJson = False) -> None:
    """How many hashes are in force, since when and by whom, and how many revoked cards.

    Example: python -m sync.office revocation status
    """
    with opened(url, var) as office:
        listed, held = office.revocation.listed(), office.revocation.cards.count()
    row = {
        "count": listed.count if listed else 0,
        "sha256": listed.sha256 if listed else None,
        "changed_at": iso(listed.changed_at) if listed else None,
        "changed_by": listed.changed_by if listed else None,
        "cards": held,
    }
    line = "{count} hashes, section {sha256}, changed {changed_at} by {changed_by}; {cards} revoked cards"
    show(row, as_json=as_json, line=line)


def _mode(*, replace: bool, remove: bool) -> str:
    if replace and remove:
        raise Refused("--replace and --remove exclude each other")
    return "replace" if replace else "remove" if remove else "add"


def _planned(office: Office, paths: list[Path], mode: str) -> tuple[Given, Plan]:
    with progress("reading", sum(path.stat().st_size for path in paths if path.exists())) as advance:
        given = reading.read(paths, _summing(advance))
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


def _of_cards(changes: CardChanges, given: CardLists, known: set[str]) -> dict[str, Any]:
    return {
        "lists": len(given.kids),
        "unknown": [kid for kid in given.kids if kid not in known],
        "added": len(changes.added),
        "removed": len(changes.removed),
        "duplicates": given.duplicates,
        "count": changes.count,
    }


def _tell_cards(said: dict[str, Any]) -> None:
    for kid in said["unknown"]:
        typer.echo(f"no imported key is {kid}: gates do not believe its cards anyway; see trust import")
    line = "{lists} lists; added {added}, removed {removed}; duplicates {duplicates}; then {count} revoked cards"
    typer.echo(line.format_map(said))


def _summing(advance: Advance) -> Callable[[int], None]:
    """What moves a bar by so much more at each call."""
    moved = 0

    def more(count: int) -> None:
        nonlocal moved
        moved += count
        advance(moved)

    return more
