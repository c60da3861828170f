"""policy …: screening policies at the command line."""

from __future__ import annotations

import typer

from sync.office.cli.policy import documents, rules, steps

app = typer.Typer(help="Screening policies: drafts, approval, hand-down, history.", no_args_is_help=True)
for part in (documents, rules, steps):
    app.add_typer(part.app)
