"""declarations list | add | cancel | link: who was announced beforehand (row C2)."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

import typer

from kiosk.lists.declarations import KINDS
from kiosk.model import iso
from sync.office.cli.common import (
    OFFICE_URL,
    WHO,
    AsJson,
    CommunityId,
    OfficeUrl,
    PageNumber,
    PageSize,
    Url,
    Var,
    community,
    opened,
    show,
)
from sync.office.cli.lists import people
from sync.office.declarations.store import Declared
from sync.office.declarations.wanted import Wanted
from sync.office.office import Office
from sync.office.values import EVERYTHING

app = typer.Typer(help="Who was announced beforehand: list, add, call off; households' links.", no_args_is_help=True)

LINE = "{id}  {code}  {name}  {kind}  {from} to {until}  {state}  {household}"


@app.command("list")
def list_all(
    everything: Annotated[bool, typer.Option("--all", help="Also used, expired and cancelled ones.")] = False,
    page: PageNumber = 1,
    size: PageSize = 100,
    url: Url = None,
    var: Var = None,
    as_json: AsJson = False,
) -> None:
    """The announcements, newest first, names masked.

    Example: python -m sync.office declarations list
    """
    with opened(url, var) as office:
        found = office.declarations.list(EVERYTHING, page, size, only_open=not everything).rows
        rows = [_row(office, item) for item in found]
    show(rows, as_json=as_json, line=LINE)


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="Who comes")],
    kind: Annotated[str, typer.Option(help=f"One of {', '.join(KINDS)}.")] = "visitor",
    phone: people.Phone = "",
    id_number: people.IdNumber = "",
    plate: people.Plate = "",
    household: Annotated[str, typer.Option(help="To which household, for example 3-2-501.")] = "",
    purpose: Annotated[str, typer.Option(help="What for.")] = "",
    days: Annotated[int, typer.Option(min=1, max=7, help="Good for so many days from now.")] = 1,
    in_community: CommunityId = None,
    url: Url = None,
    var: Var = None,
    as_json: AsJson = False,
) -> None:
    """Announce somebody, and print the short code for the gate.

    Example: python -m sync.office declarations add 张三 --phone 13812348000 --household 3-2-501 --days 2
    """
    with opened(url, var) as office:
        begins = office.now()
        wanted = Wanted(kind, name, begins, begins + timedelta(days=days), id_number, phone, plate, purpose, household)
        made = office.declarations.declare(community(office, in_community).id, wanted, EVERYTHING, who=WHO)
        said = _row(office, made)
    show(said, as_json=as_json, line=LINE)


@app.command("cancel")
def cancel(
    declaration: Annotated[str, typer.Argument(metavar="ID", help="See: declarations list")],
    url: Url = None,
    var: Var = None,
    as_json: AsJson = False,
) -> None:
    """Call an announcement off and hand that down.

    Example: python -m sync.office declarations cancel 01a20250-f443-701d-8626-cf5322aa9df9
    """
    with opened(url, var) as office:
        office.declarations.cancel(office.declarations.get(declaration, EVERYTHING), who=WHO)
        said = _row(office, office.declarations.get(declaration, EVERYTHING))
    show(said, as_json=as_json, line=LINE)


@app.command("link")
def link(
    household: Annotated[str, typer.Argument(help="For example 3-2-501")],
    office_url: OfficeUrl = OFFICE_URL,
    in_community: CommunityId = None,
    url: Url = None,
    var: Var = None,
    as_json: AsJson = False,
) -> None:
    """Make a household's link for announcing visitors on a phone; it is good for a year and voids an older one.

    Example: python -m sync.office declarations link 3-2-501 --office-url https://office.example
    """
    with opened(url, var) as office:
        made, secret = office.households.make(community(office, in_community).id, household, EVERYTHING, who=WHO)
    row = {"link": f"{office_url.rstrip('/')}/phone#{secret}", "expires_at": iso(made.expires_at)}
    show(row, as_json=as_json, line="{link}\ngood until {expires_at}")


def _row(office: Office, item: Declared) -> dict[str, Any]:
    names = ("id", "community_name", "kind", "name", "household", "purpose", "code", "made_by", "used_gate")
    times = {"from": item.begins, "until": item.ends, "made_at": item.made_at, "used_at": item.used_at,
             "cancelled_at": item.cancelled_at}  # fmt: skip
    said = {name: getattr(item, name) for name in names} | {name: at and iso(at) for name, at in times.items()}
    return said | {"state": item.state(office.now())}
