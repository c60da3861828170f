"""What `watch` and `roster` have in common on the command line: import, add, end, list, template."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from kiosk.model import iso
from sync.office.cli.asking import agreed
from sync.office.cli.common import WHO, community, opened, show
from sync.office.errors import OfficeError
from sync.office.lists import sheet
from sync.office.lists.columns import column
from sync.office.lists.imports import Draft
from sync.office.lists.values import Listed, ListedFilter
from sync.office.lists.wanted import Wanted
from sync.office.office import Office
from sync.office.values import EVERYTHING

SHOWN = 50  # problems; --json has all of them
Advance = Callable[[int, int], None]


def take(
    register: str,
    file: Path,
    named: str | None,
    *,
    replaces: bool,
    check: bool,
    yes: bool,
    office: Office,
    as_json: bool,
) -> dict[str, Any]:
    """Reads, checks and shows a list, asks, and takes it. Raises OfficeError."""
    place = community(office, named)
    with progress("reading") as advance:
        found = sheet.read(register, load(file, sheet.MOST_BYTES), advance)
    with progress("checking") as advance:
        draft = office.imports.draft(
            register,
            place.id,
            file.name,
            found.lines,
            who=WHO,
            replaces=replaces,
            ignored=found.ignored,
            advance=advance,
        )
    if not as_json:
        _tell(draft)
    blocked = not draft.good or (replaces and bool(draft.bad))
    if check or blocked or not (yes or agreed(f"take {len(draft.good)} people?", yes=yes)):
        office.imports.discard(draft.id, EVERYTHING, who=WHO)
        return _summary(draft) | {"taken": False}
    with progress("taking") as advance:
        done = office.imports.confirm(draft.id, EVERYTHING, who=WHO, advance=advance)
    counts = {name: getattr(done, name) for name in ("new", "merged", "same", "gone")}
    return _summary(draft) | counts | {"taken": True}


def told(said: dict[str, Any], *, as_json: bool) -> None:
    """What an import did; exit code 1 when nothing was taken and something was wrong."""
    line = "new {new}, merged {merged}, same {same}, gone {gone}; handed down" if said["taken"] else (
        "{good} could be taken, {bad} have a problem; nothing was changed"
    )  # fmt: skip
    show(said, as_json=as_json, line=line)
    if not said["taken"] and said["bad"]:
        raise typer.Exit(1)


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


def save(out: Path, data: bytes) -> None:
    """Raises OfficeError."""
    try:
        out.write_bytes(data)
    except OSError as error:
        raise OfficeError(f"{out}: cannot be written: {error.strerror}") from error


def load(file: Path, most: int) -> bytes:
    """At most one byte more than `most`. Raises OfficeError."""
    try:
        with file.open("rb") as stream:
            return stream.read(most + 1)
    except OSError as error:
        raise OfficeError(f"{file}: cannot be read: {error.strerror}") from error


def row(office: Office, item: Listed) -> dict[str, Any]:
    names = ("id", "community_name", "name", "id_number", "phone", "plate", "why", "worker", "worker_phone", "do",
             "household", "special", "birth_year", "grid", "source", "made_by", "ended_by", "ended_why")  # fmt: skip
    times = {"from": item.begins, "until": item.ends, "made_at": item.made_at, "ended_at": item.ended_at}
    said = {name: getattr(item, name) for name in names} | {name: at and iso(at) for name, at in times.items()}
    return said | {"state": item.state(office.now())}


@contextmanager
def progress(words: str) -> Iterator[Advance]:
    """A bar on standard error where somebody looks at it."""
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(words, total=None)
        yield lambda done, everybody: bar.update(task, completed=done, total=everybody or None)


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
