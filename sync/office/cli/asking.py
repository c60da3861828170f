"""How a command shows what it would change and asks before it does."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from sync.office.errors import OfficeError

Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask: apply what is shown.")]


def agreed(question: str, *, yes: bool) -> bool:
    """Whether to go on. Raises OfficeError where nobody can be asked and nothing was said."""
    if yes:
        return True
    if not sys.stdin.isatty():
        raise OfficeError("nothing was changed: nobody is there to ask; say --yes to apply what is shown")
    return typer.confirm(question, err=True)
