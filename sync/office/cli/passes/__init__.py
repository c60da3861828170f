"""pass …: signed office passes at the command line (row G15)."""

from __future__ import annotations

import typer

from sync.office.cli.passes import bulk, register

app = typer.Typer(help="Office passes: issue, in bulk too, print, issue anew, revoke, list.", no_args_is_help=True)
for part in (register, bulk):
    app.add_typer(part.app)
