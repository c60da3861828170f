"""The one connection that writes."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kiosk.errors import JournalError
from kiosk.journal import schema
from kiosk.journal.faults import translated

LEAST_FREE_BYTES = 1024 * 1024  # a small write may still succeed where the next event does not
CHECKPOINT_WAIT_MS = 200  # for readers; meanwhile nobody can be recorded


class Writer:
    """Transactions on one file. Not for two threads at once."""

    def __init__(self, path: Path, least_free: int = 0) -> None:
        self._path = path
        self._folder = str(path.parent)
        self._least_free = max(least_free, LEAST_FREE_BYTES)
        self._connection: sqlite3.Connection | None = None
        self._name = str(path)
        self._file = _identity(self._name)
        self._closed = False

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All that is done inside is durable at the end, or none of it. Raises JournalError when it cannot be."""
        try:
            connection = self._opened()
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")
        except BaseException as error:
            self._drop()  # undoes what was begun; after a disk fault the next act starts afresh
            with translated(self._path):
                raise error

    def check_room(self) -> None:
        """Raises JournalError when the disk is so full that the next event might not fit."""
        with translated(self._path):
            found = os.statvfs(self._folder)
        free = found.f_bavail * found.f_frsize
        if free < self._least_free:
            raise JournalError(f"{self._path}: the disk is full ({free // 1024} KB left); free some space")

    def truncate_log(self) -> bool:
        """Move the write-ahead log into the file and empty it, so that nothing destroyed lingers there.

        False when a reader is still looking at an older state; then it has to be tried again.
        """
        with translated(self._path):
            connection = self._opened()
            connection.execute(f"PRAGMA busy_timeout = {CHECKPOINT_WAIT_MS}")
            busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            connection.execute(f"PRAGMA busy_timeout = {int(schema.BUSY_S * 1000)}")
        return not busy

    def close(self) -> None:
        self._closed = True
        self._drop()

    def _opened(self) -> sqlite3.Connection:
        if self._closed:
            raise JournalError(f"{self._path}: was closed")
        if _identity(self._name) != self._file:
            raise JournalError(f"{self._path}: was moved or replaced while the gate runs; restart the gate")
        if self._connection is None:
            self._connection = schema.connect(self._path, writer=True)
        return self._connection

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def _identity(name: str) -> tuple[int, int] | None:
    """Which file lies under this name: writing on into one that was deleted would lose every event unnoticed."""
    try:
        found = os.stat(name)  # noqa: PTH116  # asked at every event, and four times as fast as Path.stat
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino
