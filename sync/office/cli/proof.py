"""verify and export: that what gates recorded is all here and unaltered, for oneself and for an outsider."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from kiosk.errors import GatehouseError
from sync.office import proof
from sync.office.cli.common import WHO, AsJson, Url, Var, gate, opened, show
from sync.office.cli.log import day_of
from sync.office.errors import NotFound
from sync.office.values import JournalCheck

DAY_LINE = "journal {journal}  numbers {first} to {last}  {passages} passages  digest {digest}  {said}"


def verify(
    at_gate: Annotated[str | None, typer.Option("--gate", help="Gate by id or name; all without it.")] = None,
    day: Annotated[str | None, typer.Option(help="Only this day of the gate, for example 2026-11-22.")] = None,
    url: Url = None,
    var: Var = None,
    as_json: AsJson = False,
) -> None:
    """Check every stored journal from its first event; exit code 1 when one does not hold.

    With --gate and --day only what belongs to that day is checked, with the countersignatures before and after it.

    Example: python -m sync.office verify --json
    """
    with opened(url, var) as office:
        if day is None:
            rows = [_check(check) for check in office.verify(gate(office, at_gate).id if at_gate else None)]
            line = "{gate_name}  journal {journal}  number {seq}  digest {digest}  {said}"
        else:
            if at_gate is None:
                raise GatehouseError("--day needs --gate: say whose day it is")
            rows, line = _day(office, at_gate, day), DAY_LINE
    show(rows, as_json=as_json, line=line)
    if not all(row["ok"] for row in rows):
        raise typer.Exit(1)


def export(
    file: Annotated[Path, typer.Argument(help="The file to write, for example proof.zip")],
    at_gate: Annotated[str, typer.Option("--gate", help="Gate by id or name.")],
    day: Annotated[str, typer.Option(help="For example 2026-11-22.")],
    with_proof: Annotated[
        bool, typer.Option("--proof", help="What anybody can check; no other kind is known.")
    ] = False,
    url: Url = None,
    var: Var = None,
) -> None:
    """Write a gate's day into a file that an outsider can check without Gatehouse: open parts, seals, signatures.

    Nobody's name or number is in it. Example: python -m sync.office export --proof --gate 东门 --day 2026-11-22 p.zip
    """
    if not with_proof:
        raise GatehouseError("say --proof: no other kind of export is known")
    wanted = day_of(day)
    assert wanted is not None
    with opened(url, var) as office:
        content = proof.export(office, gate(office, at_gate), wanted, who=WHO)
    try:
        file.write_bytes(content)
    except OSError as error:
        raise GatehouseError(f"{file}: cannot be written ({error.strerror})") from error
    typer.echo(f"{file}: {len(content)} bytes; check it with: unzip {file.name} && python3 verify.py")


def _day(office: Any, at_gate: str, day: str) -> list[dict[str, Any]]:
    """Raises NotFound when nothing of the day is here."""
    found, wanted = gate(office, at_gate), day_of(day)
    assert wanted is not None
    checks = proof.check(office, found, wanted)
    if not checks:
        raise NotFound(f"nothing of {found.name} on {day} is here")
    return [
        {
            "journal": check.journal,
            "gate": found.id,
            "day": day,
            "first": check.first,
            "last": check.last,
            "digest": check.digest,
            "countersigned": check.countersigned,
            "passages": check.passages,
            "ok": check.ok,
            "faults": check.faults,
            "said": _said(check),
        }
        for check in checks
    ]


def _said(check: proof.DayCheck) -> str:
    if not check.ok:
        return "NOT OK: " + "; ".join(check.faults)
    return f"ok, countersigned at {check.countersigned}" if check.countersigned else "ok, not closed by the gate"


def _check(check: JournalCheck) -> dict[str, Any]:
    return {
        "journal": check.journal,
        "gate": check.gate,
        "gate_name": check.gate_name,
        "seq": check.seq,
        "digest": check.digest,
        "ok": check.ok,
        "first_bad": check.first_bad,
        "why": check.why,
        "said": "ok" if check.ok else f"NOT OK at number {check.first_bad}: {check.why}",
    }
