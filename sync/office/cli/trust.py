"""trust import | list | remove: whose codes the gates believe."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from kiosk.codes import IssuerKey
from kiosk.model import iso
from sync.office.cli import files
from sync.office.cli.asking import Yes, agreed, close, to_apply
from sync.office.cli.common import WHO, AsJson, Url, Var, opened, show
from sync.office.errors import NotFound
from sync.office.trust import files as published
from sync.office.trust import reading
from sync.office.trust.changes import Changes
from sync.office.trust.found import SCHEMES, Found, Wish
from sync.office.trust.values import Held, kid_text
from sync.office.values import EVERYTHING

app = typer.Typer(help="Issuers whose codes the gates believe.", no_args_is_help=True)

SHOWN = 20  # of each kind of change; --json has all of them

Scheme = Annotated[str, typer.Option("--scheme", help=f"One of {', '.join(SCHEMES)}.")]


@app.command("import")
def import_keys(
    paths: Annotated[
        list[Path],
        typer.Argument(help="Certificates (PEM, DER), a folder of them, a signed list, a JWKS, a DID document"),
    ],
    scheme: Scheme,
    issuer: Annotated[str, typer.Option("--issuer", help="Whose JWKS this is: https://…")] = "",
    signed_by: Annotated[
        Path | None, typer.Option("--signed-by", help="Certificate or public key that signed the list.")
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Drop every key of that scheme that is not in the import.")
    ] = False,
    yes: Yes = False,
    url: Url = None,
    var: Var = None,
    as_json: AsJson = False,
) -> None:
    """Import issuers' keys: shows what would change, asks, and hands it down to every community.

    Example: python -m sync.office trust import dsc.txt --scheme eu-dcc --signed-by pubkey.pem --yes
    """
    wish = Wish(scheme, issuer, published.load(signed_by) if signed_by else None)
    found = reading.read(published.gather(paths), wish)
    with opened(url, var) as office:
        changes, now = office.issuers.compare(found, scheme, replaces=replace), office.now()
        if not as_json:
            _tell(changes, found, now)
        applied = to_apply("Hand this down?", nothing=changes.nothing, yes=yes, as_json=as_json)
        if applied:
            changes = office.issuers.take(found, scheme, files.names(paths), replaces=replace, who=WHO)
    close(_changes(changes, found, now), applied=applied, as_json=as_json)


@app.command("list")
def list_all(
    scheme: Annotated[str, typer.Option("--scheme", help="Only this one.")] = "",
    url: Url = None,
    var: Var = None,
    as_json: AsJson = False,
) -> None:
    """The imported keys with their validity, by scheme and issuer.

    Example: python -m sync.office trust list --scheme eu-dcc
    """
    with opened(url, var) as office:
        now = office.now()
        rows = [_held(held, now) for held in office.issuers.list(scheme)]
    show(rows, as_json=as_json, line="{scheme}  {issuer}  {kid_text}  {alg}  until {valid_until}  {state}")


@app.command("remove")
def remove(
    kid: Annotated[str, typer.Argument(help="The key's id, in hex or as text")],
    scheme: Annotated[str, typer.Option("--scheme", help="Only in this one.")] = "",
    yes: Yes = False,
    url: Url = None,
    var: Var = None,
) -> None:
    """Believe a key no longer; gates learn it with their next hand-down.

    Example: python -m sync.office trust remove d919375fc1e7b6b2 --yes
    """
    with opened(url, var) as office:
        found = office.issuers.find(kid, scheme)
        if not found:
            raise NotFound(f"no imported key {kid!r}; see: python -m sync.office trust list")
        for held in found:
            typer.echo(_line(held.scheme, held.issuer, held.kid_text, held.valid_until))
        gone = office.issuers.remove(found, who=WHO) if agreed("Remove?", yes=yes) else 0
    typer.echo(f"removed {gone}" if gone else "nothing was changed")


@app.command("lacking")
def lacking(url: Url = None, var: Var = None, as_json: AsJson = False) -> None:
    """Keys that codes at the gates asked for in the last 30 days and no gate knew, most asked for first.

    Example: python -m sync.office trust lacking
    """
    with opened(url, var) as office:
        rows: list[dict[str, Any]] = [
            {
                "scheme": item.scheme,
                "kid": item.kid,
                "kid_text": item.kid_text,
                "count": item.count,
                "first_at": iso(item.first_at),
                "last_at": iso(item.last_at),
                "gates": list(item.gates),
                "imported": item.held,
            }
            for item in office.issuers.lacking(EVERYTHING)
        ]
    if not as_json:
        rows = [row | {"gates": ", ".join(row["gates"])} for row in rows]
    show(rows, as_json=as_json, line="{count:5}  {scheme}  {kid_text}  {first_at} to {last_at}  {gates}")


def _tell(changes: Changes, found: Found, now: datetime) -> None:
    kinds = {"new": changes.new, "changed": changes.changed, "gone": changes.gone, "ends": changes.expiring(now)}
    for word, keys in kinds.items():
        for key in keys[:SHOWN]:
            typer.echo(f"{word:8} {_line(key.scheme, key.issuer, kid_text(key.kid.hex()), key.valid_until)}")
        if len(keys) > SHOWN:
            typer.echo(f"{word:8} and {len(keys) - SHOWN} more")
    for problem in found.problems[:SHOWN]:
        typer.echo(f"left out {problem}")
    if len(found.problems) > SHOWN:
        typer.echo(f"left out and {len(found.problems) - SHOWN} more")
    ending = f"{len(kinds['ends'])} have ended or end within 30 days"
    typer.echo(f"{changes}; left out {len(found.problems)}; {ending}")


def _line(scheme: str, issuer: str, kid: str, until: datetime | None) -> str:
    return f"{scheme}  {issuer or '-'}  {kid}  until {iso(until) if until else '-'}"


def _changes(changes: Changes, found: Found, now: datetime) -> dict[str, Any]:
    return {
        "new": _keys(changes.new),
        "changed": _keys(changes.changed),
        "gone": _keys(changes.gone),
        "same": len(changes.same),
        "expiring": _keys(changes.expiring(now)),
        "left_out": list(found.problems),
    }


def _keys(keys: Sequence[IssuerKey]) -> list[dict[str, Any]]:
    return [
        {
            "scheme": key.scheme,
            "kid": key.kid.hex(),
            "kid_text": kid_text(key.kid.hex()),
            "issuer": key.issuer,
            "alg": key.alg,
            "valid_from": key.valid_from and iso(key.valid_from),
            "valid_until": key.valid_until and iso(key.valid_until),
            "usage": sorted(key.usage),
        }
        for key in keys
    ]


def _held(held: Held, now: datetime) -> dict[str, Any]:
    return {
        "scheme": held.scheme,
        "kid": held.kid,
        "kid_text": held.kid_text,
        "issuer": held.issuer,
        "alg": held.alg,
        "valid_from": held.valid_from and iso(held.valid_from),
        "valid_until": held.valid_until and iso(held.valid_until),
        "usage": list(held.usage),
        "state": held.state(now),
        "source": held.source,
        "added_at": iso(held.added_at),
        "added_by": held.added_by,
    }
