"""What `watch` and `roster` have in common on the command line: options; import, add, end, list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from kiosk.model import iso
from sync.office.cli import files
from sync.office.cli.asking import agreed
from sync.office.cli.bars import progress
from sync.office.cli.common import WHO, community, opened, show
from sync.office.lists import sheet
from sync.office.lists.columns import column
from sync.office.lists.imports import Draft
from sync.office.lists.values import Listed, ListedFilter
from sync.office.lists.wanted import Wanted
from sync.office.office import Office
from sync.office.values import EVERYTHING

SHOWN = 50  # problems; --json has all of them

File = Annotated[Path, typer.Argument(help="A list as `template` makes it (.xlsx), or a .csv.")]
Check = Annotated[bool, typer.Option("--check", help="Only say what is wrong; change nothing.")]
IdNumber = Annotated[str, typer.Option("--id-number", help="Number of an identity document.")]
Phone = Annotated[str, typer.Option(help="A phone number.")]
Plate = Annotated[str, typer.Option(help="A number plate.")]
Entry = Annotated[str, typer.Argument(metavar="ENTRY", help="The entry's id, as `list` shows it")]
Why = Annotated[str, typer.Option(help="Why it ends.")]
State = Annotated[str, typer.Option(help="current or past; all of them with an empty one.")]


@dataclass(frozen=True, slots=True)
class How:
    """An import: whether it drops whoever is not in the file, only checks, asks nobody, prints JSON."""

    replaces: bool = False
    check: bool = False
    yes: bool = False
    as_json: bool = False


def imported(register: str, file: Path, named: str | None, url: str | None, var: Path | None, how: How) -> None:
    """Takes a list out of a file and says so; exit code 1 when nothing was taken and something was wrong."""
    with opened(url, var) as office:
        said = _take(office, register, file, community(office, named).id, how)
    line = "new {new}, merged {merged}, same {same}, gone {gone}; handed down" if said["taken"] else (
        "{good} could be taken, {bad} have a problem; nothing was changed"
    )  # fmt: skip
    show(said, as_json=how.as_json, line=line)
    if not said["taken"] and said["bad"]:
        raise typer.Exit(1)


def _take(office: Office, register: str, file: Path, place: str, how: How) -> dict[str, Any]:
    """Reads, checks and shows a list, asks, and takes it. Raises OfficeError."""
    with progress("reading") as advance:
        found = sheet.read(register, files.load(file, sheet.MOST_BYTES), advance)
    with progress("checking") as advance:
        draft = office.imports.draft(
            register,
            place,
            file.name,
            found.lines,
            who=WHO,
            replaces=how.replaces,
            ignored=found.ignored,
            advance=advance,
        )
    if not how.as_json:
        _tell(draft)
    blocked = not draft.good or (how.replaces and bool(draft.bad))
    if how.check or blocked or not agreed(f"take {len(draft.good)} people?", yes=how.yes):
        office.imports.discard(draft.id, EVERYTHING, who=WHO)
        return _summary(draft) | {"taken": False}
    with progress("taking") as advance:
        done = office.imports.confirm(draft.id, EVERYTHING, who=WHO, advance=advance)
    counts = {name: getattr(done, name) for name in ("new", "merged", "same", "gone")}
    return _summary(draft) | counts | {"taken": True}


def added(
    register: str, wanted: Wanted, named: str | None, url: str | None, var: Path | None, *, as_json: bool
) -> None:
    with opened(url, var) as office:
        listed, merged = office.people.add(register, community(office, named).id, wanted, who=WHO)
        said = row(office, listed) | {"merged": merged}
    show(said, as_json=as_json, line="{id}  {name}  {why}  until {until}; handed down")


def ended(listed: str, why: str, url: str | None, var: Path | None, *, as_json: bool) -> None:
    with opened(url, var) as office:
        said = row(office, office.people.end(listed, why, EVERYTHING, who=WHO))
    show(said, as_json=as_json, line="{id}  {name} ended at {ended_at}; handed down")


def listed(wanted: ListedFilter, page: int, size: int, url: str | None, var: Path | None, *, as_json: bool) -> None:
    with opened(url, var) as office:
        rows = [row(office, item) for item in office.people.list(EVERYTHING, page, size, wanted).rows]
    line = "{id}  {name}  {id_number}  {phone}  {plate}  {why}  until {until}  {state}  {worker}  {household}"
    show(rows, as_json=as_json, line=line)


def row(office: Office, item: Listed) -> dict[str, Any]:
    names = ("id", "community_name", "name", "id_number", "phone", "plate", "why", "worker", "worker_phone", "do",
             "household", "special", "birth_year", "grid", "source", "made_by", "ended_by", "ended_why")  # fmt: skip
    times = {"from": item.begins, "until": item.ends, "made_at": item.made_at, "ended_at": item.ended_at}
    said = {name: getattr(item, name) for name in names} | {name: at and iso(at) for name, at in times.items()}
    return said | {"state": item.state(office.now())}


def _tell(draft: Draft) -> None:
    problems = _problems(draft)
    for problem in problems[:SHOWN]:
        typer.echo("row {row}, {column}: {zh} · {en}".format_map(problem), err=True)
    if len(problems) > SHOWN:
        typer.echo(f"and {len(problems) - SHOWN} more problems", err=True)
    for each in draft.twice[:SHOWN]:
        typer.echo(f"rows {', '.join(map(str, each.rows))}: the same person, merged", err=True)
    if draft.ignored:
        typer.echo(f"columns that were not read: {', '.join(draft.ignored)}", err=True)
    typer.echo(
        f"{len(draft.good)} people: {draft.new} new, {len(draft.good) - draft.new} on the list already", err=True
    )


def _problems(draft: Draft) -> Sequence[dict[str, Any]]:
    return [
        {"row": each.rows[-1], "column": column(draft.register, one.field), "zh": one.say.zh, "en": one.say.en}
        for each in draft.bad
        for one in each.problems
    ]


def _summary(draft: Draft) -> dict[str, Any]:
    return {
        "good": len(draft.good),
        "bad": len(draft.bad),
        "problems": _problems(draft),
        "ignored": list(draft.ignored),
    }
