"""What goes along inside a copy of a journal: other files of the gate, sealed with the gate's key.

A table of its own in the copy, which the gate's journal never has: it is taken out before the copy becomes one.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from kiosk.journal.vault import Vault

_MAKE = "CREATE TABLE enclosed (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, size INTEGER NOT NULL, sealed BLOB)"
_PUT = "INSERT INTO enclosed (name, size, sealed) VALUES (?, ?, ?)"


def put(copy: Path, key: bytes, contents: Mapping[str, bytes]) -> None:
    """Put `contents`, by name, into a copy. Raises sqlite3.Error."""
    vault = Vault(key)
    with closing(sqlite3.connect(copy)) as file, file:
        file.execute(_MAKE)
        file.executemany(_PUT, ((name, len(content), vault.seal(name, content)) for name, content in contents.items()))


def take_out(copy: Path, key: bytes) -> dict[str, bytes]:
    """What went along, by name, and out of the copy; what does not open is left out. Raises sqlite3.Error."""
    vault = Vault(key)
    with closing(sqlite3.connect(copy)) as file:
        if not file.execute("SELECT count(*) FROM sqlite_master WHERE name = 'enclosed'").fetchone()[0]:
            return {}  # made before anything went along
        rows = file.execute("SELECT name, sealed FROM enclosed ORDER BY id").fetchall()
        file.execute("PRAGMA secure_delete = ON")
        file.execute("DROP TABLE enclosed")
    opened = {str(name): vault.open(str(name), bytes(sealed or b"")) for name, sealed in rows}
    return {name: content for name, content in opened.items() if content is not None}
