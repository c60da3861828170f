"""How a command shows what it would change and asks before it does."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Annotated, Any

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


def to_apply(question: str, *, nothing: bool, yes: bool, as_json: bool) -> bool:
    """Whether to apply what was shown: never where it is nothing, for a script only with --yes, else as somebody says.

    Raises OfficeError where nobody can be asked.
    """
    return not nothing and (yes or not as_json) and agreed(question, yes=yes)


def close(said: Mapping[str, Any], *, applied: bool, as_json: bool) -> None:
    """An import's last word; for a script, all that was said and whether it was applied."""
    if as_json:
        typer.echo(json.dumps({**said, "applied": applied}, ensure_ascii=False))
    else:
        typer.echo("handed down" if applied else "nothing was changed")
