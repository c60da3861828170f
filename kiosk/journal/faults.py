"""What SQLite and the disk complain about, as one JournalError that says what to do."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from kiosk.errors import JournalError

_ADVICE = {
    sqlite3.SQLITE_FULL: "the disk is full; free some space",
    sqlite3.SQLITE_READONLY: "it cannot be written; check the owner of the folder and whether the disk is read-only",
    sqlite3.SQLITE_BUSY: "another program is writing to it; close that program",
    sqlite3.SQLITE_LOCKED: "another program is writing to it; close that program",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened; check that its folder exists and who owns it",
    sqlite3.SQLITE_IOERR: "the disk reports an error; check the disk and its free space",
    sqlite3.SQLITE_CORRUPT: "it is damaged (see `python -m kiosk journal verify`); restart the gate: it sets it aside",
    sqlite3.SQLITE_NOTADB: "it is damaged or no journal at all; keep the file and restart the gate: it sets it aside",
    sqlite3.SQLITE_CONSTRAINT: "it was changed by somebody else; see what `python -m kiosk journal verify` says",
}


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn every database or disk error inside into a JournalError about `path`."""
    try:
        yield
    except sqlite3.Error as error:
        raise JournalError(_message(path, error)) from error
    except DBAPIError as error:
        raise JournalError(_message(path, error.orig or error)) from error
    except SQLAlchemyError as error:
        raise JournalError(f"{path}: {error}") from error
    except OSError as error:
        raise JournalError(f"{path}: {error.strerror or error}; check the folder, its owner and the disk") from error


def _message(path: Path, error: BaseException) -> str:
    primary = getattr(error, "sqlite_errorcode", 0) & 0xFF
    advice = _ADVICE.get(primary)
    return f"{path}: {advice} ({error})" if advice else f"{path}: {error}"
