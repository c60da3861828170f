"""A policy document out of a file that somebody wrote: TOML or JSON, told apart by how it begins."""

from __future__ import annotations

import tomllib
from typing import Any

from kiosk.errors import PolicyError
from kiosk.screening import policy


def document(content: bytes | str) -> dict[str, Any]:
    """Raises PolicyError for what is neither; whether it is a good policy, `checks` tells."""
    try:
        text = content.decode("utf-8-sig") if isinstance(content, bytes) else content
    except UnicodeDecodeError as error:
        raise PolicyError([f"the policy is not UTF-8 text: {error}"]) from error
    if len(text) > policy.LONGEST:
        raise PolicyError([f"the policy is longer than {policy.LONGEST} characters"])
    found = policy.document(text) if text.lstrip().startswith(("{", "[{")) else _toml(text)
    if not isinstance(found, dict):
        raise PolicyError(["the policy must be a table"])
    return found


def _toml(text: str) -> Any:
    try:
        return tomllib.loads(text.replace("\r\n", "\n"))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise PolicyError([f"the policy is neither JSON nor TOML: {error}"]) from error
