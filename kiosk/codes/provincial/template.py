"""Texts with places to fill: `https://…/{token}`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any

from pydantic import AfterValidator

_PLACE = re.compile(r"\{([a-z][a-z0-9_]*)\}")


def known_template(template: str) -> str:
    """`template` when its braces make sense. Raises ValueError."""
    if "{" in (rest := _PLACE.sub("", template)) or "}" in rest:
        raise ValueError(f"{template!r}: braces may only hold a name, like {{token}}")
    if not rest.isprintable():
        raise ValueError("may hold printable characters only")
    return template


Template = Annotated[str, AfterValidator(known_template)]


def names(template: Any) -> frozenset[str]:
    """Every name in a template, or in all texts of a table or list of them."""
    match template:
        case str():
            return frozenset(_PLACE.findall(template))
        case dict():
            return frozenset().union(*(names(value) for value in template.values()))
        case list() | tuple():
            return frozenset().union(*(names(value) for value in template))
        case _:
            return frozenset()


def fill(template: str, values: Mapping[str, str], quoted: Callable[[str], str] = str) -> str:
    """`template` with its places filled, each value passed through `quoted`."""
    return _PLACE.sub(lambda place: quoted(values[place[1]]), template)


def fill_all(template: Any, values: Mapping[str, str]) -> Any:
    """Every text in a table or list of templates filled; numbers and truth values as they stand."""
    match template:
        case str():
            return fill(template, values)
        case dict():
            return {key: fill_all(value, values) for key, value in template.items()}
        case list() | tuple():
            return [fill_all(value, values) for value in template]
        case _:
            return template
