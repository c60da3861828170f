"""Where the published vectors lie."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest


def folder(name: str) -> Path:
    """A folder of published vectors; the test is skipped where they are not at hand."""
    if not (data := os.environ.get("GATEHOUSE_DATA")):
        pytest.skip("GATEHOUSE_DATA does not name a folder of published vectors")
    found = Path(data) / name
    assert found.is_dir(), f"{found} is missing"
    return found


def documents(name: str, pattern: str) -> Iterator[tuple[str, Any]]:
    """The JSON files below `name`, as (path within it without `.json`, document), in order."""
    root = folder(name)
    for path in sorted(root.glob(pattern)):
        yield path.relative_to(root).with_suffix("").as_posix(), json.loads(path.read_text(encoding="utf-8-sig"))
