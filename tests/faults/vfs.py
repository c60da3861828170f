"""A file system between SQLite and the disk: passes everything on, tells a Drive, and fails when the Drive says so.

Python's own sqlite3 and this module use one libsqlite3. What is registered here becomes SQLite's default file system
for the whole process: what is tested is what runs, with no change to it. Files outside watched folders go straight
through.

with Shim() as shim:
    drive = shim.watch(folder)
"""

from __future__ import annotations

import _sqlite3
import ctypes
import os
import sys
from collections.abc import Callable
from ctypes import CFUNCTYPE, POINTER, c_char_p, c_int, c_int64, c_void_p
from pathlib import Path
from types import TracebackType
from typing import Any

from tests.faults.drive import Act, Drive, Image

OK = 0
CREATE = 0x4  # a flag of xOpen
FULL = 13
READONLY = 8
IOERR = 10
IOERR_WRITE = IOERR | 3 << 8
IOERR_FSYNC = IOERR | 4 << 8

_OPEN = CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p, c_int, POINTER(c_int))
_DELETE = CFUNCTYPE(c_int, c_void_p, c_char_p, c_int)
_CLOSE = CFUNCTYPE(c_int, c_void_p)
_WRITE = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64)
_TRUNCATE = CFUNCTYPE(c_int, c_void_p, c_int64)
_SYNC = CFUNCTYPE(c_int, c_void_p, c_int)


class _Vfs(ctypes.Structure):
    """sqlite3_vfs, version 3 (https://www.sqlite.org/c3ref/vfs.html)."""

    _fields_ = [
        ("iVersion", c_int),
        ("szOsFile", c_int),
        ("mxPathname", c_int),
        ("pNext", c_void_p),
        ("zName", c_char_p),
        ("pAppData", c_void_p),
        ("xOpen", c_void_p),
        ("xDelete", c_void_p),
        ("others", c_void_p * 14),
    ]


class _Methods(ctypes.Structure):
    """sqlite3_io_methods, version 3 (https://www.sqlite.org/c3ref/io_methods.html)."""

    _fields_ = [
        ("iVersion", c_int),
        ("xClose", c_void_p),
        ("xRead", c_void_p),
        ("xWrite", c_void_p),
        ("xTruncate", c_void_p),
        ("xSync", c_void_p),
        ("others", c_void_p * 13),
    ]


class _File(ctypes.Structure):
    _fields_ = [("pMethods", POINTER(_Methods))]


def library() -> Any:
    """The very libsqlite3 that Python's sqlite3 uses. Raises OSError where it cannot be reached."""
    for name in (_sqlite3.__file__, "libsqlite3.so.0", None):
        found = ctypes.CDLL(name)
        if hasattr(found, "sqlite3_vfs_register"):
            found.sqlite3_vfs_find.restype = POINTER(_Vfs)
            return found
    raise OSError("this Python hides its SQLite: run the tests with Debian's python3")


class Shim:
    """SQLite's default file system from __enter__ to __exit__."""

    def __init__(self, make: Callable[[Image], Drive] = Drive) -> None:
        self._make = make
        self._library = library()
        self._real = self._library.sqlite3_vfs_find(None)
        self._drives: dict[str, Drive] = {}
        self._open: dict[int, tuple[Drive, str, _Methods]] = {}  # sqlite3_file → whose it is
        self._vfs = _Vfs.from_buffer_copy(self._real.contents)
        self._vfs.zName = b"faults"
        self._vfs.pNext = None
        real = self._real.contents
        self._real_open, self._real_delete = _OPEN(real.xOpen), _DELETE(real.xDelete)
        self._calls = [_OPEN(self._opened), _DELETE(self._deleted)]  # kept: C holds no reference
        self._vfs.xOpen, self._vfs.xDelete = (_address(call) for call in self._calls)
        self._tables: dict[int, _Methods] = {}
        self._own = {
            "xClose": _CLOSE(self._closed),
            "xWrite": _WRITE(self._written),
            "xTruncate": _TRUNCATE(self._truncated),
            "xSync": _SYNC(self._synced),
        }

    def __enter__(self) -> Shim:
        self._library.sqlite3_vfs_register(ctypes.byref(self._vfs), 1)
        _listening.append(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _listening.remove(self)
        self._library.sqlite3_vfs_unregister(ctypes.byref(self._vfs))
        self._library.sqlite3_vfs_register(self._real, 1)

    def watch(self, folder: Path) -> Drive:
        """The drive that `folder` lies on from now on; no file of it may be open."""
        folder = folder.resolve()
        files = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
        self._drives[str(folder)] = drive = self._make(files)
        return drive

    def moved(self, old: Path, new: Path | None) -> None:
        """Python moved or removed a file."""
        if drive := self._drives.get(str(old.parent)):
            drive.renamed(old.name, new.name if new and new.parent == old.parent else None)

    def forget(self, folder: Path) -> None:
        self._drives.pop(str(folder.resolve()), None)

    # --- sqlite3_vfs -------------------------------------------------------------------------------------------

    def _opened(self, _vfs: int, name: int | None, file: int, flags: int, out: Any) -> int:
        path = os.fsdecode(ctypes.string_at(name)) if name else ""
        folder, _, short = path.rpartition("/")
        drive = self._drives.get(folder)
        if drive is None or short.endswith("-shm"):
            return int(self._real_open(ctypes.addressof(self._real.contents), name, file, flags, out))
        if os.path.exists(path):  # noqa: PTH110
            drive.adopt(short, Path(path).read_bytes())
        elif flags & CREATE and (code := drive.tell(Act.CREATE, short)):
            return code
        code = int(self._real_open(ctypes.addressof(self._real.contents), name, file, flags, out))
        if code == OK:
            self._take(file, drive, short)
        return code

    def _deleted(self, _vfs: int, name: bytes, sync: int) -> int:
        folder, _, short = os.fsdecode(name).rpartition("/")
        drive = self._drives.get(folder)
        if drive and (code := drive.tell(Act.DELETE, short)):
            return code
        return int(self._real_delete(ctypes.addressof(self._real.contents), name, sync))

    def _take(self, file: int, drive: Drive, name: str) -> None:
        """Put our methods before those of a file that was just opened."""
        held = ctypes.cast(file, POINTER(_File)).contents
        real = held.pMethods.contents
        address = ctypes.addressof(real)
        if (table := self._tables.get(address)) is None:
            table = self._tables[address] = _Methods.from_buffer_copy(real)
            for method, call in self._own.items():
                setattr(table, method, _address(call))
        self._open[file] = drive, name, real
        held.pMethods = ctypes.pointer(table)

    # --- sqlite3_io_methods ------------------------------------------------------------------------------------

    def _closed(self, file: int) -> int:
        _, _, real = self._open.pop(file)
        return int(_CLOSE(real.xClose)(file))

    def _written(self, file: int, data: int, size: int, offset: int) -> int:
        drive, name, real = self._open[file]
        if code := drive.tell(Act.WRITE, name, offset, ctypes.string_at(data, size)):
            return code
        return int(_WRITE(real.xWrite)(file, data, size, offset))

    def _truncated(self, file: int, size: int) -> int:
        drive, name, real = self._open[file]
        if code := drive.tell(Act.TRUNCATE, name, size):
            return code
        return int(_TRUNCATE(real.xTruncate)(file, size))

    def _synced(self, file: int, flags: int) -> int:
        drive, name, real = self._open[file]
        if code := drive.tell(Act.SYNC, name):
            return IOERR_FSYNC if code & 0xFF == IOERR else code
        return int(_SYNC(real.xSync)(file, flags))


_listening: list[Shim] = []


def _heard(event: str, arguments: tuple[Any, ...]) -> None:
    """An audit hook: files that the product moves or removes itself."""
    if _listening and event in ("os.rename", "os.remove"):
        names = [Path(os.fsdecode(name)) for name in arguments[: 2 if event == "os.rename" else 1]]
        for shim in _listening:
            shim.moved(names[0], names[1] if len(names) > 1 else None)


sys.addaudithook(_heard)


def _address(call: Any) -> int | None:
    return ctypes.cast(call, c_void_p).value
