"""parked retry: events that were kept although they could not be read."""

from __future__ import annotations

import typer

from sync.office.cli.common import WHO, AsJson, Url, Var, opened, show

app = typer.Typer(help="Events that were kept although they could not be read.", no_args_is_help=True)


@app.callback()
def parked() -> None:
    """Events that were kept although they could not be read."""


@app.command("retry")
def retry(url: Url = None, var: Var = None, as_json: AsJson = False) -> None:
    """Read every parked event again. The office does so by itself whenever its software has changed.

    Example: python -m sync.office parked retry
    """
    with opened(url, var) as office:
        done = office.parking.retry(who=WHO)
    show({"read": done.read, "still": done.still}, as_json=as_json, line="{read} read, {still} still cannot be")
