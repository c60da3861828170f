"""docs/commands.md names every command and every option, and nothing that is not there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

import kiosk.__main__
import sync.__main__
import sync.office.__main__

PROGRAMS = {
    "python -m kiosk": kiosk.__main__.app,
    "python -m sync": sync.__main__.app,
    "python -m sync.office": sync.office.__main__.app,
}
PAGE = (Path(__file__).parents[1] / "docs" / "commands.md").read_text(encoding="utf-8")
OPTION = re.compile(r"(?<![\w-])--?[a-z][a-z0-9-]*")


def commands(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    """Every command below `command` that does something, by its full name."""
    if hasattr(command, "commands"):
        for word, below in command.commands.items():
            if below.hidden:  # another name for a command that has its entry
                continue
            yield from commands(f"{name} {word}", below)
    else:
        yield name, command


COMMANDS = dict(found for name, app in PROGRAMS.items() for found in commands(name, typer.main.get_command(app)))
ENTRIES = {
    entry.partition("\n")[0].strip(): entry.partition("\n")[2] for entry in re.split(r"^#{1,3} ", PAGE, flags=re.M)
}


def options(command: Any) -> set[str]:
    """The spellings of a command's options; of `--demo/--no-demo` only the first."""
    return {name for param in command.params if param.param_type_name == "option" for name in param.opts}


def test_every_command_has_an_entry_and_every_entry_a_command() -> None:
    assert {name for name in ENTRIES if name.startswith("python")} == COMMANDS.keys()


@pytest.mark.parametrize("name", COMMANDS)
def test_an_entry_says_what_the_command_is_for_and_names_its_options_and_no_others(name: str) -> None:
    told, _, _ = ENTRIES[name].partition("```")
    assert re.match(r"\s*[A-Z]\w+", told), "begins with what it does"
    rows = [line.split("|")[1] for line in told.splitlines() if line.startswith("| `")]
    assert set(OPTION.findall(" ".join(rows))) == options(COMMANDS[name])


@pytest.mark.parametrize("name", COMMANDS)
def test_the_example_of_an_entry_is_a_call_the_command_takes(name: str) -> None:
    (example,) = re.findall(r"^```sh\n(.+?)\n```$", ENTRIES[name], flags=re.M | re.S)
    _, found, words = example.partition(name)
    assert found
    assert not words or words.startswith(" ")
    COMMANDS[name].make_context(name, words.split())


@pytest.mark.parametrize("name", COMMANDS)
def test_help_says_what_the_command_and_each_of_its_options_is_for(name: str) -> None:
    command = COMMANDS[name]
    assert command.help
    assert [param.name for param in command.params if not getattr(param, "help", None)] == []


@pytest.mark.parametrize("name", [name for name in COMMANDS if "--json" in options(COMMANDS[name])])
def test_json_is_spelt_alike_everywhere(name: str) -> None:
    (as_json,) = [param for param in COMMANDS[name].params if "--json" in param.opts]
    assert as_json.is_flag
    assert as_json.help == "Print JSON for a script."


@pytest.mark.parametrize("text", sorted(set(re.findall(r"\]\(([^)#]+)", PAGE))))
def test_every_page_that_is_pointed_to_is_there(text: str) -> None:
    assert (Path(__file__).parents[1] / "docs" / text).exists()
