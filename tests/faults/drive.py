"""What a disk keeps when the power goes: everything that was synced, and of the rest whatever it likes.

A Drive is told each write, truncation, creation, removal and sync of the files in one folder (vfs.py tells it), and
answers which contents those files may have after a cut. Pure but for the lock: it never touches a file itself.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import Enum

SECTOR = 512  # what a disk writes as a whole

Image = dict[str, bytes]  # file name → content


class Loss(Enum):
    """What of the writes that were not synced is there after a cut."""

    NOTHING = "nothing lost"  # the process was killed, the machine went on
    ALL = "all lost"
    TAIL = "tail lost"  # in order up to some write
    SOME = "some lost"  # any of them, in sectors: disks write in the order they like


class Act(Enum):
    CREATE = "create"
    WRITE = "write"
    TRUNCATE = "truncate"
    DELETE = "delete"
    SYNC = "sync"


@dataclass(frozen=True, slots=True)
class Op:
    """One change of one file. `file` tells files apart that had the same name one after the other."""

    act: Act
    name: str
    file: int
    offset: int = 0  # of a write; the size of a truncation
    data: bytes = b""


@dataclass(slots=True)
class State:
    """Names and contents of files."""

    names: dict[str, int] = field(default_factory=dict)
    contents: dict[int, bytearray] = field(default_factory=dict)

    def copy(self) -> State:
        return State(dict(self.names), {file: bytearray(content) for file, content in self.contents.items()})

    def apply(self, op: Op) -> None:
        content = self.contents.setdefault(op.file, bytearray())
        match op.act:
            case Act.CREATE:
                self.names[op.name] = op.file
            case Act.DELETE if self.names.get(op.name) == op.file:
                del self.names[op.name]
            case Act.WRITE:
                content.extend(bytes(max(0, op.offset - len(content))))
                content[op.offset : op.offset + len(op.data)] = op.data
            case Act.TRUNCATE:
                del content[op.offset :]

    @property
    def image(self) -> Image:
        return {name: bytes(self.contents[file]) for name, file in self.names.items()}


@dataclass(slots=True)
class Fault:
    """After `left` more operations all fail with SQLite's `code`; with `cut` the state of that moment counts."""

    left: int
    code: int
    cut: bool = False
    struck: bool = False


class Drive:
    """The files of one folder. With `lies` a sync is answered and not done."""

    def __init__(self, files: Image) -> None:
        self.lies = False
        self.fault: Fault | None = None
        self._lock = threading.Lock()
        self._count = 0
        self._durable = State()
        self._pending: list[Op] = []
        self._frozen: tuple[State, list[Op]] | None = None
        self._names: dict[str, int] = {}
        for name, content in files.items():
            self._names[name] = number = self._next()
            self._durable.names[name], self._durable.contents[number] = number, bytearray(content)

    # --- what happens ------------------------------------------------------------------------------------------

    def tell(self, act: Act, name: str, offset: int = 0, data: bytes = b"") -> int:
        """0 when the operation may go on, else SQLite's error code for it."""
        with self._lock:
            if act is Act.CREATE:
                self._names[name] = self._next()
            elif name not in self._names:
                return 0  # such as the removal of a file that is not there
            op = Op(act, name, self._names[name], offset, data)
            if code := self._strikes(op):
                return code
            if act is Act.SYNC:
                self._sync(op)
            else:
                self._pending.append(op)
            if act is Act.DELETE:
                del self._names[name]
            return 0

    def adopt(self, name: str, content: bytes) -> None:
        """A file that somebody else than SQLite put there, and made durable."""
        with self._lock:
            if name not in self._names:
                self._names[name] = number = self._next()
                self._durable.names[name], self._durable.contents[number] = number, bytearray(content)

    def renamed(self, old: str, new: str | None) -> None:
        """A closed file was moved, or removed (None), by somebody else than SQLite, durably."""
        with self._lock:
            if (number := self._names.pop(old, None)) is None:
                return
            for op in [op for op in self._pending if op.file == number]:
                self._durable.apply(op)
            self._pending = [op for op in self._pending if op.file != number]
            self._durable.names.pop(old, None)
            if new:
                self._names[new] = self._durable.names[new] = number

    def fail(self, after: int, code: int, *, cut: bool = False) -> None:
        """From the operation after the next `after` on everything fails, until it is mended."""
        self._frozen = None
        self.fault = Fault(after, code, cut)

    def mend(self) -> bool:
        """Whether the fault had struck."""
        fault, self.fault = self.fault, None
        return fault is not None and fault.struck

    def _strikes(self, op: Op) -> int:
        fault = self.fault
        if fault is None:
            return 0
        if fault.left > 0:
            fault.left -= 1
            return 0
        if not fault.struck and fault.cut:
            under_way = [] if op.act is Act.SYNC else [op]
            self._frozen = self._durable.copy(), [*self._pending, *under_way]
        fault.struck = True
        return fault.code

    def _sync(self, op: Op) -> None:
        if self.lies:
            return
        whole_folder = any(other.act is Act.CREATE and other.file == op.file for other in self._pending)
        kept = []
        for other in self._pending:
            if other.file == op.file or (whole_folder and other.act in (Act.CREATE, Act.DELETE)):
                self._durable.apply(other)
            else:
                kept.append(other)
        self._pending = kept

    def _next(self) -> int:
        self._count += 1
        return self._count

    # --- what is left ------------------------------------------------------------------------------------------

    def image(self, loss: Loss, chance: random.Random) -> Image:
        """The files after a cut: at the moment the fault struck, or now."""
        with self._lock:
            durable, pending = self._frozen or (self._durable, self._pending)
            state = durable.copy()
            for op in _kept(pending, loss, chance):
                state.apply(op)
            return state.image


def _kept(pending: list[Op], loss: Loss, chance: random.Random) -> Iterator[Op]:
    match loss:
        case Loss.NOTHING:
            yield from pending
        case Loss.TAIL:
            whole = chance.randint(0, len(pending))
            yield from pending[:whole]
            if whole < len(pending):
                yield from _torn(pending[whole], chance)
        case Loss.SOME:
            for op in pending:
                if chance.random() < 0.5:
                    yield from _torn(op, chance) if chance.random() < 0.5 else (op,)


def _torn(op: Op, chance: random.Random) -> Iterator[Op]:
    """Some sectors of a write; another operation is done or not."""
    if op.act is not Act.WRITE:
        return
    for start in range(0, len(op.data), SECTOR):
        if chance.random() < 0.5:
            yield replace(op, offset=op.offset + start, data=op.data[start : start + SECTOR])
