"""A gate and an office, each a process that kills itself with SIGKILL at its n-th step.

A step is whatever leaves a trace outside: each write, sync, truncation and removal that SQLite makes of a file; before
and behind each fsync, rename, link and write of our own, and each piece sent or heard on a socket; around each answer.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from unittest.mock import patch
from wsgiref.types import StartResponse, WSGIEnvironment

from werkzeug.wsgi import ClosingIterator

from kiosk import logs
from kiosk.errors import GatehouseError
from sync.office.values import Unit
from tests.faults.drive import Act, Drive, Image
from tests.faults.gate_side import ZONE, GateSide
from tests.faults.office_side import OfficeSide
from tests.faults.stores import SqliteStore
from tests.faults.truth import Announced
from tests.faults.vfs import Shim

CALLS: tuple[tuple[Any, str], ...] = (
    *((os, name) for name in ("fsync", "replace", "rename", "link", "unlink", "pwrite")),
    *((socket.socket, name) for name in ("sendall", "recv_into")),
)


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
                stack.enter_context(patch.object(where, name, self._around(getattr(where, name))))
            yield stack.enter_context(Shim(self._drive))

    def _around(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def around(*words: Any, **more: Any) -> Any:
            self.step()
            done = real(*words, **more)
            self.step()
            return done

        return around

    def _drive(self, files: Image) -> Drive:
        killer = self

        class Deadly(Drive):
            def tell(self, act: Act, name: str, offset: int = 0, data: bytes = b"") -> int:
                killer.step()
                return super().tell(act, name, offset, data)

        return Deadly(files)


class Announcing(list[Announced]):
    """A list whose items somebody else hears of as they are added."""

    def __init__(self, told: Connection) -> None:
        super().__init__()
        self._told = told

    def __iadd__(self, items: Iterable[Announced]) -> Announcing:  # type: ignore[override,misc]
        found = list(items)
        self.extend(found)
        self._told.send(found)
        return self


def gate(var: Path, url: str, at: int, told: Connection) -> None:
    """A day of the gate in `var` with all that it does to its files; tells what it announces, at the end its steps."""
    logs.configure(logging.CRITICAL)
    killer = Killer(at)
    with killer.armed() as shim:
        side = GateSide(var.parent, shim, url, var, Announcing(told))
        side.record(3, alert=True)
        side.deliver()
        with suppress(GatehouseError):
            side.uplink.pull()
        side.record(2)
        side.keep()
        side.ahead = timedelta(days=2)
        side.close_days()
        side.journal.forget_before((side.now() - timedelta(days=9)).astimezone(ZONE).date())
        side.journal.renew("fork", side.journal.head().seq)
        side.record(2)
        side.deliver()
        side.record(1)
        side.put_back(by_hand=False)
        side.record(1)
        side.deliver()
        side.stop()
    told.send(killer.steps)


class DyingOffice(OfficeSide):
    """Every answer is a step before it is made, before it is sent and when it was sent."""

    killer = Killer(0)

    def _answer(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        self.killer.step()
        answered = super()._answer(environ, start)
        self.killer.step()
        return ClosingIterator(answered, self.killer.step)


def office(path: Path, var: Path, community: Unit, at: int, told: Connection) -> None:
    """The office in the database `path`, until somebody hangs up or asks for its steps."""
    logs.configure(logging.CRITICAL)
    killer = Killer(at)
    with killer.armed() as shim:
        store = SqliteStore(path.parent.parent, shim, path)
        side = DyingOffice(store, var, community)
        side.killer = killer
        side.open()
        told.send(side.port)
        with suppress(EOFError):
            told.recv()
            told.send(killer.steps)
        os._exit(0)
