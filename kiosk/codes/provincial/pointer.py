"""JSON from strangers, and places in it by JSON Pointer (RFC 6901)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import AfterValidator

MAX_WORD = 100  # characters of one value that is looked up or shown

_POINTER = re.compile(r"(?:/(?:[^/~]|~0|~1)*)+")
_INDEX = re.compile(r"0|[1-9][0-9]{0,3}")


def known_pointer(pointer: str) -> str:
    """`pointer` when it is one. Raises ValueError."""
    if not _POINTER.fullmatch(pointer):
        raise ValueError(f"{pointer!r} is no place in an answer; one looks like /data/level")
    return pointer


Pointer = Annotated[str, AfterValidator(known_pointer)]


def find(document: Any, pointer: str) -> Any:
    """What stands at `pointer`, None where nothing does (JSON's null counts as nothing)."""
    for step in pointer.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        if isinstance(document, dict):
            document = document.get(key)
        elif isinstance(document, list) and _INDEX.fullmatch(key) and int(key) < len(document):
            document = document[int(key)]
        else:
            return None
    return document


def word(value: object) -> str:
    """A text or whole number as a vendor's table writes it, "" for anything else."""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value).strip() if isinstance(value, str | int) else ""
    return text if len(text) <= MAX_WORD and text.isprintable() else ""


def decode(body: bytes, charset: str, inner: Iterable[str] = ()) -> dict[str, Any]:
    """The JSON object in `body`, with JSON texts at the `inner` places opened, in order.

    Raises ValueError for anything else: another type, a key twice, NaN, nesting without end.
    """
    document = _object(body.decode(charset))
    for pointer in inner:
        folder, _, key = pointer.rpartition("/")
        holder = find(document, folder) if folder else document
        if isinstance(holder, dict) and isinstance(text := holder.get(key), str) and text.strip():
            holder[key] = _json(text)
    return document


def _object(text: str) -> dict[str, Any]:
    document = _json(text.removeprefix("\ufeff"))
    if not isinstance(document, dict):
        raise ValueError("not a JSON object")
    return document


def _json(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) < len(pairs):
        raise ValueError("a key stands twice in one object")
    return table


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")
