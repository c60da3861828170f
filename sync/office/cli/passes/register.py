"""pass issue | household | reissue | revoke | list | link: signed office passes (row G15)."""

from __future__ import annotations

from typing import Annotated, Any

import typer

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
from sync.office.errors import NotFound, OfficeError, Refused
from sync.office.office import Office
from sync.office.passes.batches import people
from sync.office.passes.wanted import Wanted
from sync.office.values import EVERYTHING, IssuedPass, Pass, PassFilter

app = typer.Typer()

Household = Annotated[str, typer.Option(help="For example 3-2-501")]
Kind = Annotated[str, typer.Option(help="resident, visitor, worker or returnee")]
Days = Annotated[int, typer.Option(help="How many days it is good for")]
Medium = Annotated[str, typer.Option(help="What it is made for: paper or phone")]
Named = Annotated[str, typer.Argument(help="The pass's serial or its number")]
Why = Annotated[str, typer.Option(help="Why; it stands in the register.")]

ISSUED = "{text}\n{name}: number {number}, serial {serial}, good until {valid_until}"
LISTED = "{serial}  {number}  {name}  {kind}  {medium}  until {valid_until}  {state} {revoked_why}"


@app.command("issue")
def issue(
    name: Annotated[str, typer.Argument(help="Whom it names")],
    id_last4: Annotated[
        str, typer.Option("--id-last4", "--document", help="Number of an identity document, or its last four")
    ] = "",
    household: Household = "",
    kind: Kind = "resident",
    days: Days = 14,
    medium: Medium = "paper",
    in_community: CommunityId = None,
    url: Url = None,
    var: Var = None,
    as_json: AsJson = False,
) -> None:
    """Issue a pass and print its text, which is what the symbol says.

    Example: python -m sync.office pass issue 张三 --id-last4 1234 --household 3-2-501
    """
    with opened(url, var) as office:
        place = community(office, in_community).id
        new = office.passes.issue(place, name, id_last4, household, kind, days, medium=medium, who=WHO)
    show(_issued(new), as_json=as_json, line=ISSUED)


@app.command("household")
def household(
    home: Annotated[str, typer.Argument(metavar="HOUSEHOLD", help="For example 3-2-501")],
    persons: Annotated[list[str], typer.Argument(metavar="NAME[:DOCUMENT]…", help="Its people, for example 张三:123X")],
    kind: Kind = "resident",
    days: Days = 14,
    medium: Medium = "paper",
    in_community: CommunityId = None,
    url: Url = None,
    var: Var = None,
    as_json: AsJson = False,
) -> None:
    """Issue a pass to each of a household's people, all or none.

    Example: python -m sync.office pass household 3-2-501 张三:123X 李四:0042
    """
    basis = Wanted("", household=home, kind=kind, medium=medium, days=days)
    wanted = [line.wanted for line in people(persons, basis)]
    with opened(url, var) as office:
        new = office.passes.issue_all(community(office, in_community).id, wanted, who=WHO)
    show([_issued(each) for each in new], as_json=as_json, line=ISSUED)


@app.command("reissue")
def reissue(
    named: Named,
    why: Why = "",
    medium: Annotated[str, typer.Option(help="paper or phone; as the old one without it.")] = "",
    days: Annotated[int | None, typer.Option(help="Good for so many days; as long as the old one without it.")] = None,
    url: Url = None,
    var: Var = None,
    as_json: AsJson = False,
) -> None:
    """Issue a pass anew to the same person, with a new serial; the old one is revoked.

    Example: python -m sync.office pass reissue 4821-0937-1166 --why lost
    """
    with opened(url, var) as office:
        serial = one(office, named).serial
        new = office.passes.reissue(serial, why, EVERYTHING, who=WHO, medium=medium, days=days)
    show(_issued(new), as_json=as_json, line=ISSUED)


@app.command("revoke")
def revoke(
    named: Annotated[str | None, typer.Argument(help="The pass's serial or its number")] = None,
    household: Annotated[str, typer.Option(help="Instead of one pass, all valid ones of this household.")] = "",
    why: Why = "",
    in_community: CommunityId = None,
    url: Url = None,
    var: Var = None,
    as_json: AsJson = False,
) -> None:
    """Revoke a pass, or a household's; gates learn it with their next hand-down.

    Example: python -m sync.office pass revoke fc4d17dc3ae1777c28e35ae0d317069f --why lost
    """
    if bool(named) == bool(household):
        raise Refused("name one pass, or a household with --household")
    with opened(url, var) as office:
        if named:
            gone = office.passes.revoke(one(office, named).serial, EVERYTHING, who=WHO, why=why)
            show(_row(office, gone), as_json=as_json, line="{serial} revoked at {revoked_at}")
            return
        place = community(office, in_community).id
        count = office.passes.revoke_household(place, household, EVERYTHING, who=WHO, why=why)
    show({"household": household, "revoked": count}, as_json=as_json, line="{revoked} passes of {household} revoked")


@app.command("list")
def list_all(
    find: Annotated[str, typer.Option(help="A whole name, a household, a pass number or a serial.")] = "",
    state: Annotated[str, typer.Option(help="valid, expired or revoked")] = "",
    kind: Annotated[str, typer.Option(help="resident, visitor, worker or returnee")] = "",
    medium: Annotated[str, typer.Option(help="paper or phone")] = "",
    batch: Annotated[str | None, typer.Option(help="The id of a list that was issued in bulk.")] = None,
    page: PageNumber = 1,
    size: PageSize = 100,
    url: Url = None,
    var: Var = None,
    as_json: AsJson = False,
) -> None:
    """The passes, newest first, names masked.

    Example: python -m sync.office pass list --find 3-2-501 --state valid
    """
    wanted = PassFilter(find, state, kind, medium, batch=batch)
    with opened(url, var) as office:
        rows = [_row(office, item) for item in office.passes.list(EVERYTHING, page, size, wanted).rows]
    show(rows, as_json=as_json, line=LISTED)


@app.command("link")
def link(
    named: Named,
    office_url: OfficeUrl = OFFICE_URL,
    url: Url = None,
    var: Var = None,
    as_json: AsJson = False,
) -> None:
    """Make a link that shows a phone pass on its holder's phone; it is good for a day and voids an older one.

    Example: python -m sync.office pass link 4821-0937-1166 --office-url https://office.example
    """
    with opened(url, var) as office:
        made = office.links.make(one(office, named).serial, EVERYTHING, who=WHO)
    row = {"link": f"{office_url.rstrip('/')}/my-pass#{made.secret}", "expires_at": iso(made.expires_at)}
    show(row, as_json=as_json, line="{link}\ngood until {expires_at}")


def one(office: Office, named: str) -> Pass:
    """The pass that a serial or a number means. Raises NotFound, OfficeError when two have that number."""
    found = office.passes.list(EVERYTHING, 1, 3, PassFilter(words=named)).rows if named.strip() else ()
    if not found:
        raise NotFound(f"no pass {named!r}; see: python -m sync.office pass list")
    if len(found) > 1:
        raise OfficeError(f"several passes answer to {named!r}: give the serial; see: python -m sync.office pass list")
    return found[0]


def _issued(new: IssuedPass) -> dict[str, Any]:
    return {
        "text": new.text,
        "serial": new.serial,
        "number": new.number,
        "name": new.name,
        "household": new.household,
        "medium": new.medium,
        "community": new.community_name,
        "valid_from": iso(new.valid_from),
        "valid_until": iso(new.valid_until),
    }


def _row(office: Office, item: Pass) -> dict[str, Any]:
    return {
        "serial": item.serial,
        "number": item.number,
        "community": item.community_name,
        "name": item.name,
        "household": item.household,
        "kind": item.kind,
        "medium": item.medium,
        "state": item.state(office.now()),
        "issued_at": iso(item.issued_at),
        "valid_from": iso(item.valid_from),
        "valid_until": iso(item.valid_until),
        "revoked_at": item.revoked_at and iso(item.revoked_at),
        "revoked_why": item.revoked_why,
        "replaces": item.replaces,
        "batch": item.batch,
        "printed_at": item.printed_at and iso(item.printed_at),
        "demo": item.demo,
    }
