"""passes issue | revoke | list: signed office passes (row G15)."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from kiosk.codes import office_pass
from kiosk.model import iso
from sync.office.cli.common import WHO, AsJson, CommunityId, Url, Var, community, opened, show
from sync.office.values import EVERYTHING, IssuedPass, Pass

app = typer.Typer(help="Office passes: issue, revoke, list.", no_args_is_help=True)


@app.command("issue")
def issue(
    name: Annotated[str, typer.Argument(help="Whom it names")],
    id_last4: Annotated[str, typer.Option("--id-last4", help="Last four of the ID number")] = "",
    household: Annotated[str, typer.Option(help="For example 3-2-501")] = "",
    kind: Annotated[str, typer.Option(help="resident, visitor, worker or returnee")] = "resident",
    days: Annotated[int, typer.Option(help="How many days it is good for")] = 14,
    in_community: CommunityId = None,
    url: Url = None,
    var: Var = None,
    as_json: AsJson = False,
) -> None:
    """Issue a pass and print its text, which is what the symbol says.

    Example: python -m sync.office passes issue 张三 --id-last4 1234 --household 3-2-501
    """
    with opened(url, var) as office:
        place = community(office, in_community).id
        new = office.passes.issue(place, name, id_last4, household, kind, days, who=WHO)
    show(_issued(new), as_json=as_json, line="{text}\nnumber {number}, serial {serial}, good until {valid_until}")


@app.command("revoke")
def revoke(
    serial: Annotated[str, typer.Argument(help="The pass's serial, hexadecimal")],
    url: Url = None,
    var: Var = None,
    as_json: AsJson = False,
) -> None:
    """Revoke a pass; gates learn it with their next hand-down.

    Example: python -m sync.office passes revoke fc4d17dc3ae1777c28e35ae0d317069f
    """
    with opened(url, var) as office:
        revoked = office.passes.revoke(serial, EVERYTHING, who=WHO)
    show(_row(revoked), as_json=as_json, line="{serial} revoked at {revoked_at}")


@app.command("list")
def list_all(
    page: Annotated[int, typer.Option(min=1, help="Which page.")] = 1,
    size: Annotated[int, typer.Option(min=1, max=500, help="How many on a page.")] = 100,
    url: Url = None,
    var: Var = None,
    as_json: AsJson = False,
) -> None:
    """The passes, newest first, names masked."""
    with opened(url, var) as office:
        rows = [_row(item) for item in office.passes.list(EVERYTHING, page, size).rows]
    show(rows, as_json=as_json, line="{serial}  {number}  {name}  {kind}  until {valid_until}  revoked {revoked_at}")


def _issued(new: IssuedPass) -> dict[str, Any]:
    return {
        "text": new.text,
        "serial": new.serial,
        "number": office_pass.number(bytes.fromhex(new.serial)),
        "community": new.community_name,
        "valid_from": iso(new.valid_from),
        "valid_until": iso(new.valid_until),
    }


def _row(item: Pass) -> dict[str, Any]:
    return {
        "serial": item.serial,
        "number": office_pass.number(bytes.fromhex(item.serial)),
        "community": item.community_name,
        "name": item.name,
        "household": item.household,
        "kind": item.kind,
        "issued_at": iso(item.issued_at),
        "valid_from": iso(item.valid_from),
        "valid_until": iso(item.valid_until),
        "revoked_at": item.revoked_at and iso(item.revoked_at),
        "demo": item.demo,
    }
