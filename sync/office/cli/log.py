"""entries: what gates recorded."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import typer

from kiosk.errors import GatehouseError
from kiosk.model import Direction, Verdict, iso
from sync.office.cli.common import AsJson, PageNumber, PageSize, Url, Var, gate, opened, show
from sync.office.values import EVERYTHING, EntryFilter, EntryRow


def entries(
    day: Annotated[str | None, typer.Option(help="For example 2026-11-22, the office's own day.")] = None,
    at_gate: Annotated[str | None, typer.Option("--gate", help="Gate by id or name.")] = None,
    verdict: Annotated[Verdict | None, typer.Option(help="Only this verdict.")] = None,
    direction: Annotated[Direction | None, typer.Option(help="Only in or out.")] = None,
    page: PageNumber = 1,
    size: PageSize = 50,
    url: Url = None,
    var: Var = None,
    as_json: AsJson = False,
) -> None:
    """The entry log, newest first, names masked.

    Example: python -m sync.office entries --day 2026-11-22 --verdict isolate --json
    """
    with opened(url, var) as office:
        wanted = EntryFilter(
            day=day_of(day), gate=at_gate and gate(office, at_gate).id, verdict=verdict, direction=direction
        )
        found = office.entries.page(wanted, EVERYTHING, page, size)
        rows = [_entry(row) for row in found.rows]
    show(rows, as_json=as_json, line="{at}  {gate_name}/{lane}  {direction:3}  {verdict:7}  {celsius}  {name}  {rules}")
    if not as_json:
        typer.echo(f"{found.total} entries, page {found.page} of {found.pages}")


def day_of(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise GatehouseError(f"--day {text}: not a day; write it as 2026-11-22") from error


def _entry(row: EntryRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "kind": row.kind,
        "at": iso(row.at),
        "received_at": iso(row.received_at),
        "gate": row.gate,
        "gate_name": row.gate_name,
        "community": row.community_name,
        "lane": row.lane,
        "direction": row.direction.value,
        "method": row.method,
        "verdict": row.verdict.value if row.verdict else None,
        "name": row.name,
        "celsius": row.celsius,
        "scheme": row.scheme,
        "level": row.level,
        "verification": row.verification,
        "policy": row.policy,
        "footing": row.footing,
        "demo": row.demo,
        "rules": ", ".join(reason["rule"] for reason in row.reasons),
        "reasons": row.reasons,
        "journal": row.journal,
        "seq": row.seq,
    }
