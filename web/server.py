"""Gate and office behind gunicorn: the application is made inside the worker, a fault at start is one clear message."""

from __future__ import annotations

import contextlib
import ctypes
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter

from kiosk.errors import GatehouseError

M_ARENA_MAX = -8  # <malloc.h>


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
    _Server(make, listening).run()


def _share_memory() -> None:
    """Have all threads take their memory from two heaps (glibc): many keep far more than they use."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, 2)


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
        return app
