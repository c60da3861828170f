"""What a screen shows of personal data before anybody gave a reason to see it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kiosk.model import mask_name, mask_number

HIDDEN = ("tokens", "token", "code_token")  # of no use to a reader


def masked(personal: Mapping[str, Any]) -> dict[str, Any]:
    """A personal part, or a tree of facts, with every identifying text masked: by its key or as part of `person`."""
    return {key: _masked(key, value, False) for key, value in personal.items() if _last(key) not in HIDDEN}


def _masked(key: str, value: Any, under_person: bool) -> Any:
    under_person = under_person or "person" in key.split(".")
    if isinstance(value, Mapping):
        return {name: _masked(name, item, under_person) for name, item in value.items() if _last(name) not in HIDDEN}
    if isinstance(value, list | tuple):
        return [_masked(key, item, under_person) for item in value]
    mask = MASKS.get(_last(key), mask_number if under_person else None)
    return mask(str(value)) if mask and value and not isinstance(value, bool) else value


def _last(key: str) -> str:
    return key.rpartition(".")[2]


def _year_only(birth_date: str) -> str:
    return birth_date[:4] + "-**-**"[: max(len(birth_date) - 4, 0)]


def _as_is(text: str) -> str:
    return text


MASKS: Mapping[str, Callable[[str], str]] = {
    "name": mask_name,
    "id_number": mask_number,
    "id_last4": _as_is,
    "phone": mask_number,
    "household": mask_number,
    "birth_date": _year_only,
    "serial": mask_number,
    "pass_number": mask_number,
    "plate": mask_number,
    "address": mask_number,
}
