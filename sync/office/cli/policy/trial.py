"""policy try: the past judged once more at the command line, with a progress bar."""

from __future__ import annotations

import json
from typing import Any

import typer
from rich.console import Console
from rich.table import Table

from kiosk.model import from_iso, iso
from kiosk.screening import Policy
from sync.office.cli.bars import progress
from sync.office.office import Office
from sync.office.policy.past import Outcome, spelt, week
from sync.office.policy.vocabulary import VERDICTS
from sync.office.values import EVERYTHING, Unit

STEP = 200  # passages between two moves of the bar


def run(office: Office, unit: Unit, rules: Policy, days: int, *, as_json: bool) -> None:
    """Judges, then prints what would change; progress goes to standard error."""
    since, until = week(office.now(), days)
    outcome, changes = Outcome(), []
    with progress(f"{rules.name} on {days} days", office.past.count(unit.id, since, until)) as advance:
        for passage in office.past.passages(unit.id, since, until):
            outcome.add(passage, rules)
            if outcome.seen % STEP == 0:
                advance(outcome.seen)
    gates = {gate.id: gate.name for gate in office.gates.list(EVERYTHING)}
    for one, new in outcome.take():
        changes.append({"event": one.event, "gate": one.gate, "at": iso(one.at), "old": one.verdict, "new": new})
    found: dict[str, Any] = {
        "policy": rules.name,
        "since": iso(since),
        "until": iso(until),
        "passages": outcome.seen,
        "without_facts": outcome.gone,
        "changed": outcome.count,
        "hours": [{**row, "gate_name": gates.get(row["gate"], row["gate"])} for row in spelt(outcome.tally)],
    }
    if as_json:
        typer.echo(json.dumps({**found, "changes": changes}, ensure_ascii=False))
        return
    _print(found, office)


def _print(found: dict[str, Any], office: Office) -> None:
    console = Console(width=None if Console().is_terminal else 120)
    table = Table(box=None, pad_edge=False)
    for name in ("gate", "hour", "recorded", "with the draft"):
        table.add_column(name)
    table.add_column("passages", justify="right")
    zone = office.settings.zone
    for row in found["hours"]:
        hour = from_iso(row["hour"]).astimezone(zone).strftime("%m-%d %H:00")
        words = [f"{VERDICTS[row[key]].zh} {row[key]}" for key in ("old", "new")]
        table.add_row(row["gate_name"], hour, *words, str(row["count"]))
    if found["hours"]:
        console.print(table)
    judged = found["passages"] - found["without_facts"]
    typer.echo(
        f"{found['policy']}: {found['changed']} of {judged} verdicts change; "
        f"{found['without_facts']} passages have no facts any more and were not judged"
    )
