"""What the gate holds about whoever stands there. Pure values, looked up by keyed person tokens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Known:
    """`copied` is True when this very code was let through in the same direction a moment ago: two phones, one code."""

    tokens: tuple[str, ...] = ()
    watch: tuple[Mapping[str, Any], ...] = ()
    copied: bool = False
