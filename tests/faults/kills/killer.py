"""A process that kills itself with SIGKILL at its n-th step.

A step is the moment before whatever leaves a trace outside: each write, sync, truncation and removal that SQLite makes
of a file; each file or folder made, fsync, rename, link, removal and write of our own, each piece sent or heard on a
socket. Behind one of them is before the next one, but where a file was made and nothing is in it yet; an answer of an
office has steps before it is made, before it is sent and when it was sent.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from unittest.mock import patch

from kiosk import logs
from tests.faults.drive import Act, Drive, Image
from tests.faults.vfs import Shim

PATIENCE_S = 120.0
CALLS: tuple[tuple[Any, str], ...] = (
    *((os, name) for name in ("fsync", "replace", "rename", "link", "pwrite", "mkdir", "rmdir")),
    *((socket.socket, name) for name in ("sendall", "recv_into")),
)

PROCESSES = get_context("forkserver")  # each life is a process of its own that need not import everything anew
PROCESSES.set_forkserver_preload(["tests.faults.kills.everything"])


@dataclass
class Killer:
    """Kills this process at step `at`; 0 is never."""

    at: int
    steps: int = 0

    def step(self) -> None:
        self.steps += 1
        if self.steps == self.at:
            os.kill(os.getpid(), signal.SIGKILL)

    @contextmanager
    def armed(self) -> Iterator[Shim]:
        """From here on everything that leaves a trace is a step."""
        with ExitStack() as stack:
            for where, name in CALLS:
                stack.enter_context(patch.object(where, name, self._before(getattr(where, name))))
            stack.enter_context(patch.object(os, "unlink", self._before(os.unlink, _is_there)))
            stack.enter_context(patch.object(os, "open", self._around(os.open)))
            yield stack.enter_context(Shim(self._drive))

    def _before(self, real: Callable[..., Any], counts: Callable[..., bool] = lambda *_, **__: True) -> Any:
        def before(*words: Any, **more: Any) -> Any:
            if counts(*words, **more):
                self.step()
            return real(*words, **more)

        return before

    def _around(self, opening: Callable[..., int]) -> Callable[..., int]:
        def around(path: Any, flags: int, *words: Any, **more: Any) -> int:
            makes = bool(flags & os.O_CREAT) and not Path(os.fsdecode(path)).exists()
            if makes:
                self.step()
            handle = opening(path, flags, *words, **more)
            if makes:
                self.step()
            return handle

        return around

    def _drive(self, files: Image) -> Drive:
        killer = self

        class Deadly(Drive):
            def tell(self, act: Act, name: str, offset: int = 0, data: bytes = b"") -> int:
                killer.step()
                return super().tell(act, name, offset, data)

        return Deadly(files)


def _is_there(path: Any, *, dir_fd: int | None = None) -> bool:
    return dir_fd is not None or Path(os.fsdecode(path)).exists()


@dataclass(frozen=True)
class Life:
    """What a process that may be killed has: the file system to watch its folders by, and whom to tell."""

    killer: Killer
    shim: Shim
    told: Connection


def live(work: Callable[..., None], at: int, told: Connection, *words: Any) -> None:
    """Do `work(life, *words)` and tell how many steps that were."""
    logs.configure(logging.CRITICAL)
    killer = Killer(at)
    with killer.armed() as shim:
        work(Life(killer, shim, told), *words)
    told.send(killer.steps)


class Victim:
    """A process that may be killed, as seen by whoever started it."""

    def __init__(self, work: Callable[..., None], at: int, *words: Any) -> None:
        self._told, telling = PROCESSES.Pipe()
        self._process = PROCESSES.Process(target=live, args=(work, at, telling, *words), daemon=True)
        self._process.start()
        telling.close()

    def says(self, most: int = 1_000_000) -> Iterator[Any]:
        """What it says, until it ends."""
        for _ in range(most):
            assert self._told.poll(PATIENCE_S), "it neither goes on nor ends"
            try:
                yield self._told.recv()
            except (EOFError, ConnectionResetError):
                return

    def until_the_end(self) -> list[Any]:
        """All that it says until it has ended, with every lock it held; the last is how many steps it had, if it
        lived."""
        with self._told:
            said = list(self.says())
        self._process.join()
        return said

    def enough(self) -> None:
        """Have it tell its steps and end, if it still lives."""
        with suppress(BrokenPipeError):
            self._told.send("enough")
