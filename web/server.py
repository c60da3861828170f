"""Gate and office behind gunicorn: the application is made inside the worker, a fault at start is one clear message."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter

from kiosk.errors import GatehouseError

if TYPE_CHECKING:
    from flask import Flask  # the process that watches over the workers does without

M_MMAP_THRESHOLD, M_ARENA_MAX = -3, -8  # <malloc.h>
LARGE_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Listening:
    """Where and how to serve. The gate runs one worker: it owns cameras, journal and clock-work."""

    address: str  # host:port
    workers: int = 1
    threads: int = 32  # every open event stream holds one
    certificate: Path | None = None
    key: Path | None = None

    @property
    def url(self) -> str:
        return f"{'https' if self.certificate else 'http'}://{self.address}"


def serve(make: Callable[[], tuple[Flask, Callable[[], None]]], listening: Listening) -> None:
    """Serve until SIGTERM or Ctrl-C. `make` runs in each worker and answers the application and what stops it.

    Raises GatehouseError when the address cannot be listened on.
    """
    _free(listening.address)
    _share_memory()
    _keep()
    _Server(make, listening).run()


def apart(act: Callable[[], None]) -> None:
    """Do something once before serving, in a process of its own: what it loads does not stay in the one that watches
    over the workers. A GatehouseError is told there; this one then ends as it did."""

    def told() -> None:
        try:
            act()
        except GatehouseError as error:
            print(f"gatehouse: {error}", file=sys.stderr, flush=True)  # noqa: T201 - the one message a person reads
            raise SystemExit(2) from None

    child = get_context("fork").Process(target=told)
    child.start()
    child.join()
    if child.exitcode:
        raise SystemExit(child.exitcode)


def _share_memory() -> None:
    """Have all threads take their memory from two heaps (glibc), many keep far more than they use; and what is large
    from neither, so that it goes back as soon as it is free."""
    with contextlib.suppress(OSError, AttributeError):
        libc = ctypes.CDLL(None)
        libc.mallopt(M_ARENA_MAX, 2)
        libc.mallopt(M_MMAP_THRESHOLD, LARGE_BYTES)


def _keep() -> None:
    """What was loaded by now stays until the end: the search for cycles passes over it. It is then short enough to
    happen often, and leaves alone the pages that a worker shares with the process that started it."""
    gc.collect()
    gc.freeze()


def _free(address: str) -> None:
    host, _, port = address.rpartition(":")
    with contextlib.closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, int(port)))
        except OSError as error:
            raise GatehouseError(
                f"{address}: cannot listen here ({error.strerror}); is another one running? "
                "Stop it or set another address"
            ) from error


class _Server(BaseApplication):  # type: ignore[misc]
    def __init__(self, make: Callable[[], tuple[Flask, Callable[[], None]]], listening: Listening) -> None:
        self._make = make
        self._listening = listening
        self._stop: Callable[[], None] = lambda: None
        super().__init__()

    def load_config(self) -> None:
        options: dict[str, Any] = {
            "bind": self._listening.address,
            "workers": self._listening.workers,
            "worker_class": "gthread",
            "threads": self._listening.threads,
            "graceful_timeout": 3,  # open event streams otherwise delay a stop by half a minute
            "timeout": 60,
            "loglevel": "warning",
            "control_socket_disable": True,
            "worker_exit": lambda _server, _worker: self._stop(),
        }
        if self._listening.certificate:
            options |= {"certfile": str(self._listening.certificate), "keyfile": str(self._listening.key)}
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        try:
            app, self._stop = self._make()
        except GatehouseError as error:
            print(f"gatehouse: {error}", file=sys.stderr, flush=True)  # noqa: T201 - the one message a person reads
            raise SystemExit(Arbiter.APP_LOAD_ERROR) from None  # the master then ends too, instead of trying for ever
        _keep()
        return app
