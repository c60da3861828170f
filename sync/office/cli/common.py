"""What the office's commands share: options, the opened office, how things are printed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sync.office import settings
from sync.office.errors import NotFound, OfficeError
from sync.office.values import EVERYTHING, Gate, Unit

if TYPE_CHECKING:
    from sync.office.office import Office

WHO = "cli"  # as the audit names the person at the office's own machine

Url = Annotated[
    str | None,
    typer.Option("--url", help="Database: sqlite:///PATH or postgresql://… (else GATEHOUSE_OFFICE_URL)."),
]
Var = Annotated[
    Path | None, typer.Option("--var", help="Folder of keys and the default database (else GATEHOUSE_OFFICE_VAR).")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a script.")]
PageNumber = Annotated[int, typer.Option("--page", min=1, help="Which page.")]
PageSize = Annotated[int, typer.Option("--size", min=1, max=500, help="How many on a page.")]
OfficeUrl = Annotated[str, typer.Option("--office-url", help="The office's address as phones reach it.")]
OFFICE_URL = "http://127.0.0.1:8700"
CommunityId = Annotated[str | None, typer.Option("--community", help="Community by id or name; needed with several.")]


@contextmanager
def opened(url: str | None, var: Path | None) -> Iterator[Office]:
    """The office on its database, closed again at the end. Raises GatehouseError."""
    from sync.office.office import Office  # the process that only supervises servers does without

    office = Office.open(settings.load(url=url, var=var))
    try:
        yield office
    finally:
        office.close()


def show(rows: Sequence[Mapping[str, Any]] | Mapping[str, Any], *, as_json: bool, line: str) -> None:
    """`rows` as JSON, or each one as `line` says it (a format string over its keys)."""
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, default=str))
        return
    for row in [rows] if isinstance(rows, Mapping) else rows:
        typer.echo(line.format_map({key: "-" if value is None else value for key, value in row.items()}))


def community(office: Office, named: str | None) -> Unit:
    """The community that `named` (id or name) means; without it the office's only one. Raises OfficeError."""
    units = office.units.communities(EVERYTHING)
    if named is not None:
        found = [unit for unit in units if named in (unit.id, unit.name)]
    else:
        found = [unit for unit in units if not unit.demo] or list(units)
    if len(found) == 1:
        return found[0]
    if not units:
        raise OfficeError("there is no community yet: python -m sync.office init")
    known = ", ".join(f"{unit.name} ({unit.id})" for unit in units)
    raise OfficeError(f"say which community with --community: {known}")


def gate(office: Office, named: str) -> Gate:
    """The gate that `named` (id or name) means. Raises NotFound, OfficeError when two have that name."""
    found = [gate for gate in office.gates.list(EVERYTHING) if named in (gate.id, gate.name)]
    if not found:
        raise NotFound(f"no gate {named!r}; see: python -m sync.office gate list")
    if len(found) > 1:
        raise OfficeError(f"several gates are named {named!r}: give the id")
    return found[0]
