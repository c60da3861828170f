"""A province's TOML file → Province. Reads to the end and names every problem with its place."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from importlib import resources
from typing import Any

from pydantic import ValidationError

from kiosk.codes.provincial.province import Province, flaws
from kiosk.errors import ConfigError

LONGEST = 100_000  # characters of a file
SHIPPED = ("bamin", "sukang", "suishen", "test-province")


def parse(document: Mapping[str, Any]) -> Province:
    """The province in `document`. Raises ConfigError: `form[0].pattern: not a pattern: …`."""
    try:
        province = Province.model_validate(document)
    except ValidationError as error:
        raise ConfigError([_problem(item) for item in error.errors()]) from error
    except RecursionError as error:
        raise ConfigError(["nested too deeply"]) from error
    if found := flaws(province):
        raise ConfigError(found)
    return province


def from_toml(text: str) -> Province:
    """Raises ConfigError."""
    if len(text) > LONGEST:
        raise ConfigError([f"longer than {LONGEST} characters"])
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigError([f"not TOML: {error}"]) from error
    return parse(document)


def shipped(name: str) -> Province:
    """One of SHIPPED."""
    file = resources.files("kiosk.codes.provincial").joinpath(f"shipped/{name}.toml")
    return from_toml(file.read_text(encoding="utf-8"))


def _problem(item: Any) -> str:
    place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in item["loc"]).lstrip(".")
    match item["type"]:
        case "extra_forbidden":
            return f"{place}: unknown key"
        case "missing":
            return f"{place}: missing"
        case _:
            message = re.sub("^Value error, ", "", item["msg"])
            given = f" (given: {item['input']!r})" if isinstance(item["input"], bool | int | float) else ""
            return f"{place}: {message}{given}"
