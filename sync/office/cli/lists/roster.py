"""roster import | add | end | list | template: who lives and works here (row C1)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from kiosk.lists.roster import KINDS, SPECIAL
from sync.office.cli import files
from sync.office.cli.asking import Yes
from sync.office.cli.common import AsJson, CommunityId, PageNumber, PageSize, Url, Var
from sync.office.cli.lists import people
from sync.office.lists import sheet
from sync.office.lists.values import ListedFilter
from sync.office.lists.wanted import ROSTER, Wanted, spelt

app = typer.Typer(help="Who lives and works here: import, add, end, list.", no_args_is_help=True)


@app.command("import")
def import_list(
    file: people.File,
    replace: Annotated[bool, typer.Option("--replace", help="Drop whoever is not in the file.")] = False,
    check: people.Check = False,
    yes: Yes = False,
    in_community: CommunityId = None,
    url: Url = None,
    var: Var = None,
    as_json: AsJson = False,
) -> None:
    """Put a list of people on the roster: shows every problem by row and column, asks, takes the rest at once.

    Example: python -m sync.office roster import residents.xlsx --community 幸福社区
    """
    how = people.How(replaces=replace, check=check, yes=yes, as_json=as_json)
    people.imported(ROSTER, file, in_community, url, var, how)


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="Whom")],
    kind: Annotated[str, typer.Option(help=f"One of {', '.join(KINDS)}.")] = "resident",
    id_number: people.IdNumber = "",
    phone: people.Phone = "",
    plate: people.Plate = "",
    household: Annotated[str, typer.Option(help="For example 3-2-501; needed for residents.")] = "",
    special: Annotated[str, typer.Option(help=f"One of {', '.join(SPECIAL)}.")] = "",
    birth_year: Annotated[str, typer.Option("--birth-year", help="Out of the ID number when left out.")] = "",
    grid: Annotated[str, typer.Option(help="Which grid.")] = "",
    in_community: CommunityId = None,
    url: Url = None,
    var: Var = None,
    as_json: AsJson = False,
) -> None:
    """Put one person on the roster and hand it down; whoever is on it already is brought up to date.

    Example: python -m sync.office roster add 李小梅 --phone 13712340000 --household 3-2-501
    """
    words: dict[str, Any] = {"why": spelt(ROSTER, "why", kind), "special": spelt(ROSTER, "special", special)}
    wanted = Wanted(name, id_number, phone, plate, household=household, birth_year=birth_year, grid=grid, **words)
    people.added(ROSTER, wanted, in_community, url, var, as_json=as_json)


@app.command("end")
def end(entry: people.Entry, why: people.Why, url: Url = None, var: Var = None, as_json: AsJson = False) -> None:
    """Take somebody off the roster and hand it down.

    Example: python -m sync.office roster end 01a20250-f443-701d-8626-cf5322aa9df9 --why moved
    """
    people.ended(entry, why, url, var, as_json=as_json)


@app.command("list")
def list_all(
    find: Annotated[str, typer.Option(help="A whole name, a number, a plate or a household.")] = "",
    kind: Annotated[str, typer.Option(help=f"One of {', '.join(KINDS)}.")] = "",
    state: people.State = "current",
    page: PageNumber = 1,
    size: PageSize = 100,
    url: Url = None,
    var: Var = None,
    as_json: AsJson = False,
) -> None:
    """The roster, newest first, names masked.

    Example: python -m sync.office roster list --find 3-2-501
    """
    people.listed(ListedFilter(ROSTER, find, kind, state), page, size, url, var, as_json=as_json)


@app.command("template")
def template(out: Annotated[Path, typer.Argument(help="File to write.")]) -> None:
    """Write an empty list to fill in.

    Example: python -m sync.office roster template residents.xlsx
    """
    files.save(out, sheet.template(ROSTER))
