"""The office of a history: real, on a database of its own, behind one listener that stays while it comes and goes."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast
from wsgiref.types import StartResponse, WSGIEnvironment

from sqlalchemy.engine import URL
from werkzeug.serving import WSGIRequestHandler, make_server

from sync.office.office import Office
from sync.office.settings import OfficeSettings
from sync.office.values import Unit
from tests.faults.drive import Drive, Loss
from tests.faults.stores import PostgresStore, SqliteStore, Store
from tests.faults.vfs import IOERR_WRITE, Shim
from web import setup
from web.api import create_api


class _OneRequest(WSGIRequestHandler):
    protocol_version = "HTTP/1.0"

    def log(self, type: str, message: str, *args: Any) -> None:
        pass


class _Now:
    """Whichever office is open now: one application serves all of them, which is only quicker."""

    def __init__(self, side: OfficeSide) -> None:
        self._side = side

    def __getattr__(self, name: str) -> Any:
        return getattr(self._side.office, name)


class OfficeSide:
    """Listens on loopback from __enter__ on; `begin` starts a history with a fresh office."""

    def __init__(self, store: Store, var: Path, community: Unit) -> None:
        self.office: Office
        self.ahead = timedelta()
        self.community = community
        self.kept = False
        self.spoil: Callable[[Office], Office] = lambda office: office  # plants a defect, to see that it is found
        self._store = store
        self.var = var
        self._open = False
        self._app = setup.make_app("office", domains=("common", "office"), secret_key=b"k" * 32, cookie="office")
        self._app.register_blueprint(create_api(cast(Office, _Now(self)), "10000 per minute"))
        self._server = make_server("127.0.0.1", 0, self._answer, threaded=True, request_handler=_OneRequest)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        return self._server.server_port

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def open(self) -> None:
        """Open the database as it is."""
        self._store.look()
        self._start()

    def begin(self) -> None:
        self._stop()
        self._store.begin()
        self.ahead, self.kept = timedelta(), False
        self._start()

    def close(self) -> None:
        self._stop()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def token(self, name: str) -> str:
        return self.office.enrolment.create_gate(self.community.id, name, who="test")[1]

    # --- faults ------------------------------------------------------------------------------------------------

    def restart(self) -> None:
        self._stop()
        self._start()

    def crash(self, loss: Loss, chance: random.Random) -> None:
        """Down at once, at the moment its disk was told to fail where it was, and up again."""
        left = self._store.left(loss, chance)
        self._stop()
        self._store.write(left)
        self._start()

    def keep(self) -> None:
        self._stop()
        self._store.keep()
        self.kept = True
        self._start()

    def put_back(self) -> None:
        self._stop()
        self._store.put_back()
        self._start()

    @contextmanager
    def in_other_hands(self) -> Iterator[None]:
        """Another process has the database meanwhile."""
        self._stop()
        yield
        self._store.look()
        self._start()

    def fail_disk(self, after: int, code: int = IOERR_WRITE, *, cut: bool = False) -> None:
        if self._store.drive:
            self._store.drive.fail(after, code, cut=cut)

    def mend_disk(self) -> bool:
        """Whether the fault had struck."""
        return bool(self._store.drive and self._store.drive.mend())

    @property
    def path(self) -> Path | None:
        """The database, where it is a file."""
        return self._store.path if isinstance(self._store, SqliteStore) else None

    @property
    def drive(self) -> Drive | None:
        return self._store.drive

    def _start(self) -> None:
        self.office = self.spoil(Office.open(OfficeSettings(url=self._store.url, var=self.var), now=self.now))
        self._open = True

    def _stop(self) -> None:
        if self._open:
            self._open = False
            self.office.close()

    def _answer(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        return self._app(environ, start)


def template(var: Path, url: str) -> Unit:
    """Make the database that every history begins with; its community."""
    office = Office.open(OfficeSettings(url=url, var=var))
    try:
        street = office.units.add("street", "测试街道", "110101001", None, who="test")
        community = office.units.add("community", "幸福社区", "110101001001", street.id, who="test")
        office.publish.ensure(community.id)
        return community
    finally:
        office.close()


def sqlite_side(folder: Path, shim: Shim) -> OfficeSide:
    """An office on a file in `folder`."""
    file = folder / "template.db"
    community = template(folder / "office", f"sqlite:///{file}")
    return OfficeSide(SqliteStore(folder, shim, file), folder / "office", community)


def postgres_side(folder: Path, server: URL) -> OfficeSide:
    """An office on the PostgreSQL `server`."""
    store = PostgresStore(server, "faults_template")
    store.run(["DROP DATABASE IF EXISTS faults_template WITH (FORCE)", "CREATE DATABASE faults_template"])
    url = server.set(database="faults_template").render_as_string(hide_password=False)
    return OfficeSide(store, folder / "office", template(folder / "office", url))
