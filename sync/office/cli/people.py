"""user add | list | reset: the people of the street office."""

from __future__ import annotations

from typing import Annotated

import typer

from kiosk.model import iso
from sync.office.cli.common import WHO, AsJson, Url, Var, opened, show
from sync.office.errors import NotFound
from sync.office.values import EVERYTHING, Scope

app = typer.Typer(help="People of the street office.", no_args_is_help=True)

PASSWORD_LINE = "{login} / {password} (shown only now)"  # noqa: S105 - no password, only its place


@app.command("add")
def add(
    login: Annotated[str, typer.Argument(help="What they type to log in")],
    name: Annotated[str, typer.Option(help="Their name")] = "",
    role: Annotated[str, typer.Option(help="clerk or admin")] = "clerk",
    unit: Annotated[str | None, typer.Option(help="Id or name of the branch they may see; all without it.")] = None,
    url: Url = None,
    var: Var = None,
    as_json: AsJson = False,
) -> None:
    """Add somebody and print the first password, this once.

    Example: python -m sync.office user add li --name 李梅 --unit 幸福社区
    """
    with opened(url, var) as office:
        scope = EVERYTHING
        if unit is not None:
            found = [item for item in office.units.tree(EVERYTHING) if unit in (item.id, item.name)]
            if len(found) != 1:
                raise NotFound(f"no single unit {unit!r}; see: python -m sync.office unit list")
            scope = Scope(found[0].id)
        password = office.users.add(login, name, role, scope, who=WHO)
    show({"login": login.strip().lower(), "password": password}, as_json=as_json, line=PASSWORD_LINE)


@app.command("reset")
def reset(
    login: Annotated[str, typer.Argument(help="Who lost the password or the second factor")],
    url: Url = None,
    var: Var = None,
    as_json: AsJson = False,
) -> None:
    """Give somebody a new first password; lock and second factor are lifted.

    Example: python -m sync.office user reset li
    """
    with opened(url, var) as office:
        password = office.users.reset_password(login, who=WHO)
    show({"login": login.strip().lower(), "password": password}, as_json=as_json, line=PASSWORD_LINE)


@app.command("list")
def list_all(url: Url = None, var: Var = None, as_json: AsJson = False) -> None:
    """Everybody who may log in."""
    with opened(url, var) as office:
        rows = [
            {
                "login": user.login,
                "name": user.name,
                "role": user.role,
                "unit": user.scope.unit,
                "totp": user.totp,
                "last_login_at": user.last_login_at and iso(user.last_login_at),
            }
            for user in office.users.list()
        ]
    show(rows, as_json=as_json, line="{login}  {name}  {role}  last log-in {last_login_at}")
