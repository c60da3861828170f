"""gate add | list | token | cut-off: the gates and the one-time tokens they enrol with."""

from __future__ import annotations

from typing import Annotated

import typer

from kiosk.model import iso
from sync.office.cli.common import WHO, AsJson, CommunityId, Url, Var, community, gate, opened, show
from sync.office.values import EVERYTHING

app = typer.Typer(help="Gates and their one-time enrolment tokens.", no_args_is_help=True)

TOKEN_LINE = """\
{name} ({gate})
token {token}   good once, for 24 hours
python -m kiosk enroll http://{listen} {token}"""  # noqa: S105 - no token, only its place


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="What people call this entrance")],
    in_community: CommunityId = None,
    url: Url = None,
    var: Var = None,
    as_json: AsJson = False,
) -> None:
    """Add a gate and print the token it enrols with, this once.

    Example: python -m sync.office gate add 东门
    """
    with opened(url, var) as office:
        new, token = office.enrolment.create_gate(community(office, in_community).id, name, who=WHO)
        listen = office.settings.listen
    row = {"gate": new.id, "name": new.name, "community": new.community, "token": token, "listen": listen}
    show(row, as_json=as_json, line=TOKEN_LINE)


@app.command("token")
def token(
    named: Annotated[str, typer.Argument(help="The gate's id or name")],
    url: Url = None,
    var: Var = None,
    as_json: AsJson = False,
) -> None:
    """Print a new token for a gate, for example after its machine was replaced.

    Example: python -m sync.office gate token 东门
    """
    with opened(url, var) as office:
        found = gate(office, named)
        fresh = office.enrolment.new_token(found.id, EVERYTHING, who=WHO)
        listen = office.settings.listen
    row = {"gate": found.id, "name": found.name, "community": found.community, "token": fresh, "listen": listen}
    show(row, as_json=as_json, line=TOKEN_LINE)


@app.command("cut-off")
def cut_off(
    named: Annotated[str, typer.Argument(help="The gate's id or name")],
    url: Url = None,
    var: Var = None,
) -> None:
    """Refuse a gate from now on, for example when its machine was stolen; `gate token` lets it in again.

    Example: python -m sync.office gate cut-off 东门
    """
    with opened(url, var) as office:
        found = gate(office, named)
        office.enrolment.cut_off(found.id, EVERYTHING, who=WHO)
    typer.echo(f"{found.name} ({found.id}) is cut off; let it in again with: gate token")


@app.command("list")
def list_all(url: Url = None, var: Var = None, as_json: AsJson = False) -> None:
    """Every gate with its last contact, its last number and what waits there.

    Example: python -m sync.office gate list --json
    """
    with opened(url, var) as office:
        gates = office.gates.list(EVERYTHING)
    rows = [
        {
            "gate": item.id,
            "name": item.name,
            "community": item.community_name,
            "enrolled_at": item.enrolled_at and iso(item.enrolled_at),
            "last_contact_at": item.last_contact_at and iso(item.last_contact_at),
            "through": item.through,
            "gate_seq": item.gate_seq,
            "waiting": item.waiting,
            "clock_error_ms": item.clock_error_ms,
            "camera": item.camera,
            "thermometer": item.thermometer,
            "software": item.software,
            "bundle": item.bundle,
            "demo": item.demo,
        }
        for item in gates
    ]
    show(
        rows,
        as_json=as_json,
        line="{gate}  {name}  {community}  last contact {last_contact_at}  through {through}  waiting {waiting}",
    )
