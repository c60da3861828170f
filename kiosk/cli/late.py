"""Commands whose modules are loaded when they are called: a process that only supervises servers stays small for ever.

app = typer.Typer(cls=late.commands({"doctor": "kiosk.cli.doctor:doctor", "journal": "kiosk.cli.journal:app"}))
"""

from __future__ import annotations

from collections import UserDict
from collections.abc import Collection, Mapping
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup


def commands(where: Mapping[str, str], hidden: Collection[str] = ()) -> type[TyperGroup]:
    """For `typer.Typer(cls=…)`: beside its own commands it has those that `where` names, each by a function or a Typer
    as `module:attribute`. Those in `hidden` are not listed."""

    class Late(TyperGroup):
        def __init__(self, **attributes: Any) -> None:
            super().__init__(**attributes)
            self.commands = _Commands(self.commands, where, hidden)

    return Late


class _Commands(UserDict[str, Any]):
    """Commands by name; one that is still words becomes what they name when it is looked at."""

    def __init__(self, own: Mapping[str, Any], where: Mapping[str, str], hidden: Collection[str]) -> None:
        self._hidden = hidden
        super().__init__({**own, **where})

    def __getitem__(self, name: str) -> Any:
        found = super().__getitem__(name)
        if isinstance(found, str):
            found = self[name] = _loaded(name, found)
            found.hidden = name in self._hidden
        return found


def _loaded(name: str, words: str) -> Any:
    module, _, attribute = words.partition(":")
    found = getattr(import_module(module), attribute)
    if not isinstance(found, typer.Typer):
        alone = typer.Typer(add_completion=False)
        alone.command(name)(found)
        return typer.main.get_command(alone)
    group = typer.main.get_group(found)
    group.name = name
    return group
