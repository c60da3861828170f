"""watch import | add | end | release | list | template: whom the gates watch for (rows O1, C3)."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from kiosk.lists.watch import CATEGORIES
from sync.office.cli import files
from sync.office.cli.asking import Yes, agreed
from sync.office.cli.common import WHO, AsJson, CommunityId, PageNumber, PageSize, Url, Var, opened, show
from sync.office.cli.lists import people
from sync.office.lists import sheet
from sync.office.lists.values import ListedFilter
from sync.office.lists.wanted import WATCH, Wanted, spelt
from sync.office.values import EVERYTHING

app = typer.Typer(help="Whom the gates watch for: import, add, end, release, list.", no_args_is_help=True)


@app.command("import")
def import_list(
    file: people.File,
    check: people.Check = False,
    yes: Yes = False,
    in_community: CommunityId = None,
    url: Url = None,
    var: Var = None,
    as_json: AsJson = False,
) -> None:
    """Put a list of people on the watch list: shows every problem by row and column, asks, takes the rest at once.

    Example: python -m sync.office watch import people.xlsx --community 幸福社区
    """
    how = people.How(check=check, yes=yes, as_json=as_json)
    people.imported(WATCH, file, in_community, url, var, how)


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="Whom")],
    category: Annotated[str, typer.Option(help=f"One of {', '.join(CATEGORIES)}, or its Chinese name.")],
    id_number: people.IdNumber = "",
    phone: people.Phone = "",
    plate: people.Plate = "",
    begins: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day.")] = None,
    ends: Annotated[datetime | None, typer.Option("--until", formats=["%Y-%m-%d"], help="Last day.")] = None,
    worker: Annotated[str, typer.Option(help="The grid worker who answers for this person.")] = "",
    worker_phone: Annotated[str, typer.Option("--worker-phone", help="The grid worker's phone.")] = "",
    do: Annotated[str, typer.Option("--do", help="What the gate is to do, one sentence.")] = "",
    in_community: CommunityId = None,
    url: Url = None,
    var: Var = None,
    as_json: AsJson = False,
) -> None:
    """Put one person on the watch list and hand it down; whoever is on it already is brought up to date.

    Example: python -m sync.office watch add 张三 --category observation --phone 13812348000 --until 2026-12-06
    """
    days = (begins and begins.date(), ends and ends.date())
    wanted = Wanted(name, id_number, phone, plate, spelt(WATCH, "why", category), *days, worker, worker_phone, do)
    people.added(WATCH, wanted, in_community, url, var, as_json=as_json)


@app.command("end")
def end(entry: people.Entry, why: people.Why, url: Url = None, var: Var = None, as_json: AsJson = False) -> None:
    """Take somebody off the watch list and hand it down.

    Example: python -m sync.office watch end 01a20250-f443-701d-8626-cf5322aa9df9 --why mistaken
    """
    people.ended(entry, why, url, var, as_json=as_json)


@app.command("release")
def release(entry: people.Entry, yes: Yes = False, url: Url = None, var: Var = None, as_json: AsJson = False) -> None:
    """Release somebody from observation (解除); gates say so for two weeks.

    Example: python -m sync.office watch release 01a20250-f443-701d-8626-cf5322aa9df9 --yes
    """
    with opened(url, var) as office:
        found = office.people.get(entry, EVERYTHING)
        if not agreed(f"release {found.name} from {found.why}?", yes=yes):
            typer.echo("nothing was changed", err=True)
            raise typer.Exit(1)
        said = people.row(office, office.people.release(entry, EVERYTHING, who=WHO))
    show(said, as_json=as_json, line="{id}  {name} released, told until {until}; handed down")


@app.command("list")
def list_all(
    find: Annotated[str, typer.Option(help="A whole name, a number or a plate.")] = "",
    category: Annotated[str, typer.Option(help=f"One of {', '.join(CATEGORIES)}.")] = "",
    state: people.State = "current",
    page: PageNumber = 1,
    size: PageSize = 100,
    url: Url = None,
    var: Var = None,
    as_json: AsJson = False,
) -> None:
    """The watch list, newest first, names masked.

    Example: python -m sync.office watch list --category observation
    """
    people.listed(ListedFilter(WATCH, find, category, state), page, size, url, var, as_json=as_json)


@app.command("template")
def template(out: Annotated[Path, typer.Argument(help="File to write.")]) -> None:
    """Write an empty list to fill in.

    Example: python -m sync.office watch template people.xlsx
    """
    files.save(out, sheet.template(WATCH))
