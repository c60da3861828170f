"""init and the tree of communities."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from sync.office.cli.common import WHO, AsJson, Url, Var, opened, show
from sync.office.office import Office
from sync.office.values import EVERYTHING, Unit

app = typer.Typer(help="Communities and the units above them.", no_args_is_help=True)

FIRST_COMMUNITY = "第一社区 Community 1"


def init(
    community: Annotated[str, typer.Option(help="Name of the first community.")] = FIRST_COMMUNITY,
    login: Annotated[str, typer.Option(help="Login of the first administrator.")] = "admin",
    url: Url = None,
    var: Var = None,
    as_json: AsJson = False,
) -> None:
    """Prepare the office: database, keys, one street with one community, one administrator. Harmless to repeat.

    Example: python -m sync.office init --community 幸福社区
    """
    with opened(url, var) as office:
        first = _first_community(office, community)
        office.publish.ensure(first.id)
        password = None
        if not office.users.list():
            password = office.users.add(login, "", "admin", EVERYTHING, who=WHO)
        login = login if password else next(user.login for user in office.users.list() if user.is_admin)
    row = {"login": login, "password": password, "community": first.id, "community_name": first.name}
    said = "{login} / {password} (shown only now)" if password else "ready; {login} has a password already"
    show(row, as_json=as_json, line="office: community {community_name} ({community})\noffice: log-in " + said)


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="What people call it")],
    level: Annotated[str, typer.Option(help="city, district, street or community")] = "community",
    code: Annotated[str, typer.Option(help="GB/T 2260 or statistical code")] = "",
    below: Annotated[
        str | None, typer.Option(help="Id or name of the unit above; the street when there is one.")
    ] = None,
    url: Url = None,
    var: Var = None,
    as_json: AsJson = False,
) -> None:
    """Add a unit to the tree.

    Example: python -m sync.office unit add 阳光社区 --below 测试街道
    """
    with opened(url, var) as office:
        unit = office.units.add(level, name, code, _above(office, level, below), who=WHO)
    show(_row(unit), as_json=as_json, line="{level} {name} ({id})")


@app.command("list")
def list_all(url: Url = None, var: Var = None, as_json: AsJson = False) -> None:
    """The whole tree."""
    with opened(url, var) as office:
        rows = [_row(unit) for unit in office.units.tree(EVERYTHING)]
    show(rows, as_json=as_json, line="{id}  {level:9}  {code:12}  {name}")


def _first_community(office: Office, name: str) -> Unit:
    if communities := office.units.communities(EVERYTHING):
        return next((unit for unit in communities if not unit.demo), communities[0])
    streets = [unit for unit in office.units.tree(EVERYTHING) if unit.level == "street"]
    street = streets[0] if streets else office.units.add("street", office.settings.name, "", None, who=WHO)
    return office.units.add("community", name, "", street.id, who=WHO)


def _above(office: Office, level: str, below: str | None) -> str | None:
    """The unit a new one goes below."""
    units = office.units.tree(EVERYTHING)
    if below is not None:
        return next((unit.id for unit in units if below in (unit.id, unit.name)), below)
    streets = [unit.id for unit in units if unit.level == "street"]
    return streets[0] if level == "community" and len(streets) == 1 else None


def _row(unit: Unit) -> dict[str, Any]:
    return {
        "id": unit.id,
        "level": unit.level,
        "code": unit.code,
        "name": unit.name,
        "parent": unit.parent,
        "demo": unit.demo,
    }
