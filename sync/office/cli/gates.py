"""gate add | list | token | renew-key | revoke | suspend | resume | wipe: how gates enrol and how they are stopped."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import segno
import typer

from kiosk.codes import enrolment as enrolment_codes
from kiosk.model import iso
from sync.office.cli.common import WHO, AsJson, CommunityId, Url, Var, community, gate, opened, show
from sync.office.office import Office
from sync.office.values import EVERYTHING, Gate

app = typer.Typer(help="Gates: their tokens, and how they are stopped.", no_args_is_help=True)

TOKEN_LINE = """\
{symbol}
{name} ({gate})
token {token}   good once, for 24 hours; at the gate, hold the symbol before its camera, or type
  address  {address}
  check    {check}
python -m kiosk enroll {address} {token}"""  # noqa: S105 - no token, only its place

Named = Annotated[str, typer.Argument(help="The gate's id or name")]
Why = Annotated[str, typer.Option(help="In words; the gate shows them.")]
Address = Annotated[
    str | None, typer.Option("--address", help="Where gates reach this office, for example https://office.example.")
]


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="What people call this entrance")],
    in_community: CommunityId = None,
    address: Address = None,
    url: Url = None,
    var: Var = None,
    as_json: AsJson = False,
) -> None:
    """Add a gate and print the token it enrols with, this once, with the symbol that the gate's camera reads.

    Example: python -m sync.office gate add 东门
    """
    with opened(url, var) as office:
        new, token = office.enrolment.create_gate(community(office, in_community).id, name, who=WHO)
        row = _enrolment(office, new, token, address)
    _show(row, as_json=as_json)


@app.command("token")
def token(named: Named, address: Address = None, url: Url = None, var: Var = None, as_json: AsJson = False) -> None:
    """Print a new token for a gate, for example after its machine was replaced, with its symbol.

    Example: python -m sync.office gate token 东门
    """
    with _found(named, url, var) as (office, found):
        row = _enrolment(office, found, office.enrolment.new_token(found.id, EVERYTHING, who=WHO), address)
    _show(row, as_json=as_json)


def _enrolment(office: Office, gate: Gate, token: str, address: str | None) -> dict[str, str]:
    """What a kiosk needs to enrol as `gate`; `code` is the text of its symbol."""
    listen = office.settings.listen
    reached = (address or f"http://{listen}").rstrip("/")
    code = office.enrolment.code(reached, token)
    who = {"gate": gate.id, "name": gate.name, "community": gate.community}
    check = enrolment_codes.grouped(code.fingerprint)
    written = enrolment_codes.write(code)
    return {**who, "token": token, "listen": listen, "address": reached, "check": check, "code": written}


def _show(row: dict[str, str], *, as_json: bool) -> None:
    show(row if as_json else {**row, "symbol": _symbol(row["code"])}, as_json=as_json, line=TOKEN_LINE)


def _symbol(text: str) -> str:
    """A QR symbol of characters, for a terminal."""
    drawn = io.StringIO()
    segno.make(text, error="m", micro=False).terminal(drawn, border=2, compact=True)
    return drawn.getvalue()


@app.command("renew-key")
def renew_key(named: Named, url: Url = None, var: Var = None) -> None:
    """Have a gate make itself a new key at its next heartbeat; the one before is refused from then on.

    Example: python -m sync.office gate renew-key 东门
    """
    with _found(named, url, var) as (office, found):
        office.rollovers.ask(found.id, EVERYTHING, who=WHO)
    typer.echo(f"{found.name} ({found.id}) changes its key when it calls next")


@app.command("revoke")
@app.command("cut-off", hidden=True)  # as it was called first
def revoke(named: Named, url: Url = None, var: Var = None) -> None:
    """Refuse a gate from now on, for example when its machine was stolen; `gate token` lets it in again.

    Example: python -m sync.office gate revoke 东门
    """
    with _found(named, url, var) as (office, found):
        office.enrolment.cut_off(found.id, EVERYTHING, who=WHO)
    typer.echo(f"{found.name} ({found.id}) is revoked; let it in again with: gate token")


@app.command("list")
def list_all(url: Url = None, var: Var = None, as_json: AsJson = False) -> None:
    """Every gate with its last contact, its last number and what waits there.

    Example: python -m sync.office gate list --json
    """
    with opened(url, var) as office:
        gates = office.gates.list(EVERYTHING)
    rows = [_row(item) for item in gates]
    show(
        rows,
        as_json=as_json,
        line="{gate}  {name}  {community}  last contact {last_contact_at}  through {through}  waiting {waiting}",
    )


@app.command("suspend")
def suspend(named: Named, why: Why, url: Url = None, var: Var = None) -> None:
    """Hand a gate nothing down any more, until `gate resume`; what it recorded may still come in.

    Example: python -m sync.office gate suspend 东门 --why 设备送修
    """
    with _found(named, url, var) as (office, found):
        office.standings.suspend(found.id, EVERYTHING, why, who=WHO)
    typer.echo(f"{found.name} ({found.id}) is suspended: {why}")


@app.command("resume")
def resume(named: Named, url: Url = None, var: Var = None) -> None:
    """Lift a suspension, and a wipe that the gate was not told of yet.

    Example: python -m sync.office gate resume 东门
    """
    with _found(named, url, var) as (office, found):
        office.standings.resume(found.id, EVERYTHING, who=WHO)
    typer.echo(f"{found.name} ({found.id}) is in good standing")


@app.command("wipe")
def wipe(named: Named, why: Why, url: Url = None, var: Var = None) -> None:
    """Suspend a gate and have it forget its keys and its enrolment, once all that it recorded is here.

    Example: python -m sync.office gate wipe 东门 --why 撤岗
    """
    with _found(named, url, var) as (office, found):
        office.standings.wipe(found.id, EVERYTHING, why, who=WHO)
    typer.echo(f"{found.name} ({found.id}) will be wiped as soon as its journal has drained")


@contextmanager
def _found(named: str, url: str | None, var: Path | None) -> Iterator[tuple[Office, Gate]]:
    """The office and the gate that is named. Raises NotFound, OfficeError."""
    with opened(url, var) as office:
        yield office, gate(office, named)


def _row(item: Gate) -> dict[str, Any]:
    return {
        "gate": item.id,
        "name": item.name,
        "community": item.community_name,
        "enrolled_at": item.enrolled_at and iso(item.enrolled_at),
        "last_contact_at": item.last_contact_at and iso(item.last_contact_at),
        "due_at": item.due_at and iso(item.due_at),
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
