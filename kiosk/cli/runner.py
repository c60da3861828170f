"""How every command line of Gatehouse ends when something cannot be done."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import typer

from kiosk.errors import GatehouseError


def run(app: typer.Typer, name: str, arguments: Sequence[str] | None = None) -> None:
    """Run a command of `app`, by default the one the process was started with.

    A fault is one message on standard error and exit code 2; a traceback would only frighten a volunteer.
    """
    try:
        app(arguments, prog_name=f"python -m {name}")
    except GatehouseError as error:
        print(f"gatehouse: {error}", file=sys.stderr)
        raise SystemExit(2) from None
