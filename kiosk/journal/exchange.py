"""A copy takes the journal's place in several moves; one of them, the first, decides that it does.

From then on whoever writes here next makes the moves that are lacking: a gate that is killed or switched off between
two of them goes on with the copy, and what was there before lies beside it whole.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from kiosk.durable import settle

LOG, SHARED, ROLLBACK = "-wal", "-shm", "-journal"  # what SQLite puts beside a file


def draft_of(path: Path) -> Path:
    """Where a copy is made ready for the journal's place."""
    return path.with_name(f"{path.stem}.restoring.db")


def put(path: Path, draft: Path) -> Path | None:
    """The draft and its mark in the journal's place; where the file lies that was there, if any. Raises OSError."""
    ready = _ready(path)
    draft.with_suffix(".mark").replace(ready.with_suffix(".mark"))
    draft.rename(ready)
    settle(path.parent)
    return finish(path)


def finish(path: Path) -> Path | None:
    """Make the moves that lack, and remove a draft that was never ready; the caller holds the writer's lock."""
    ready, aside = _ready(path), None
    mark = ready.with_suffix(".mark")
    if ready.exists():
        aside = _set_aside(path) if path.exists() else None
        for suffix in (LOG, SHARED):
            path.with_name(f"{path.name}{suffix}").unlink(missing_ok=True)
        if mark.exists():
            mark.replace(path.with_suffix(".mark"))
        ready.rename(path)
        settle(path.parent)
    for left in [mark, *path.parent.glob(f"{draft_of(path).stem}.*")]:
        if left.exists():
            left.unlink()
    return aside


def remove(draft: Path) -> None:
    """A draft and whatever lies beside it."""
    for file in (draft, *(draft.with_name(f"{draft.name}{suffix}") for suffix in (LOG, SHARED, ROLLBACK))):
        file.unlink(missing_ok=True)
    for suffix in (".mark", ".lock"):
        draft.with_suffix(suffix).unlink(missing_ok=True)


def named(path: Path) -> str:
    """What the files are called that a copy took the place of."""
    return f"{path.stem}.replaced-*.db"


def _ready(path: Path) -> Path:
    return path.with_name(f"{path.stem}.restored.db")


def _set_aside(path: Path) -> Path:
    """The log first, which would else be taken for the copy's; under the same name where only the log was moved."""
    logs = (log.with_name(log.name.removesuffix(LOG)) for log in path.parent.glob(f"{named(path)}{LOG}"))
    now = path.with_name(f"{path.stem}.replaced-{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}.db")
    aside = next((file for file in logs if not file.exists()), now)
    for suffix in (LOG, ""):
        old = path.with_name(f"{path.name}{suffix}")
        if old.exists():
            old.rename(aside.with_name(f"{aside.name}{suffix}"))
    return aside
