"""A real office listening on loopback, and real gates with their journals on disk."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from kiosk.config import Sync
from kiosk.handdown import HandDown
from kiosk.identity import Identity, Keys
from kiosk.journal import Journal
from kiosk.model import Draft, Event
from sync.enrolment import enroll
from sync.line import LineError
from sync.office.office import Office
from sync.office.settings import OfficeSettings
from sync.office.values import EVERYTHING, EntryFilter, Unit
from sync.uplink import Uplink
from tests.sync.office.gate_end import PERSON, passage
from web import setup
from web.api import create_api

PATIENT = Sync(timeout_s=10, interval_s=3600)


def utc_now() -> datetime:
    return datetime.now(UTC)


class _OneRequest(WSGIRequestHandler):
    """Closes after each answer, so that a stopped office has really left."""

    protocol_version = "HTTP/1.0"

    def log(self, type: str, message: str, *args: Any) -> None:
        pass


class LiveOffice:
    """An office on SQLite that can be stopped and started again on its port."""

    def __init__(self, url: str, var: Path) -> None:
        self.settings = OfficeSettings(url=url, var=var)
        self.office: Office
        self._server: BaseWSGIServer
        self._thread: threading.Thread
        self.port = 0
        self.start()
        street = self.office.units.add("street", "测试街道", "110101001", None, who="test")
        self.community = self.office.units.add("community", "幸福社区", "110101001001", street.id, who="test")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self.office = Office.open(self.settings)
        app = setup.make_app("office", domains=("common", "office"), secret_key=b"k" * 32, cookie="office")
        app.register_blueprint(create_api(self.office, "1000 per minute"))
        self._server = make_server("127.0.0.1", self.port, app, threaded=True, request_handler=_OneRequest)
        self.port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        self.office.close()

    def token(self, name: str, community: Unit | None = None) -> str:
        """A one-time token for a new gate."""
        return self.office.enrolment.create_gate((community or self.community).id, name, who="test")[1]

    def through(self, gate: GateBox) -> int:
        return self.office.gates.get(gate.identity.gate, EVERYTHING).through

    def passages(self, **wanted: Any) -> int:
        return self.office.entries.page(EntryFilter(**wanted), EVERYTHING).total

    def visits(self, gate: GateBox | None = None) -> list[str]:
        """The visits behind all entries (of one gate), in order, repeats included."""
        wanted = EntryFilter(gate=gate.identity.gate if gate else None)
        rows = self.office.entries.page(wanted, EVERYTHING, size=500).rows
        entries = [self.office.entries.get(row.id, EVERYTHING) for row in rows]
        return sorted(str(entry.open["visit"]) for entry in entries)


class GateBox:
    """A gate enrolled at an office: its folder, its journal, its line. Its clock is `ahead` of ours."""

    def __init__(self, var: Path, office: LiveOffice, name: str = "东门", ahead: timedelta = timedelta()) -> None:
        self.var = var
        self.ahead = ahead
        self.identity = enroll(office.url, office.token(name), var, name)
        self.visits: list[str] = []
        self.open()

    def now(self) -> datetime:
        return utc_now() + self.ahead

    def open(self) -> None:
        """Open the folder as a start of the gate does."""
        self.keys = Keys.load(self.var)
        self.identity = Identity.load(self.var) or self.identity
        self.journal = Journal.open(self.var / "journal.db", self.keys.gate, now=self.now)
        self.handdown = HandDown(self.var / "handdown", self.identity.office_key, self.identity.community)

    def close(self) -> None:
        self.journal.close()

    def copy(self, folder: Path) -> Path:
        """Copy the gate's folder as it is now."""
        self.close()
        shutil.copytree(self.var, folder)
        self.open()
        return folder

    def go_on_in(self, folder: Path) -> None:
        """Leave the folder as it is and run from another one."""
        self.close()
        self.var = folder
        self.open()

    def uplink(self, url: str | None = None, settings: Sync = PATIENT, **changes: Any) -> Uplink:
        """A line to the office, by way of `url` when one is given. `changes` are of the identity."""
        identity = replace(self.identity, **({"office_url": url} if url else {}), **changes)
        return Uplink(
            journal=self.journal,
            handdown=self.handdown,
            identity=identity,
            sign_key=self.keys.sign,
            settings=settings,
            now=self.now,
        )

    def record(self, count: int = 1, **changes: Any) -> list[Event]:
        """Record passages, and remember their visits."""
        parts = [passage(**changes) for _ in range(count)]
        self.visits += [part["visit"] for part in parts]
        return list(self.journal.append(*(Draft("passage", self.now(), part, PERSON) for part in parts)))

    def alert(self, kind: str) -> list[Event]:
        """Record an alert that no visit raised."""
        said = {"gate": self.identity.gate, "lane": "", "alert": kind, "visit": "", "zh": "", "en": "", "demo": False}
        return list(self.journal.append(Draft("alert", self.now(), said)))

    @property
    def waiting(self) -> int:
        return self.journal.outbox().waiting


class Impostor:
    """Something else that listens where an office was expected: gives every request the same answer."""

    def __init__(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        impostor = self
        self.heard: list[dict[str, str]] = []  # the headers of each request

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                impostor.heard.append(dict(self.headers))
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                self.send_response(status)
                for name, value in (headers or {}).items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_GET  # noqa: N815  the base class looks for this name

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def requests(self) -> int:
        return len(self.heard)

    def __enter__(self) -> Impostor:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def refused(act: Callable[[], object]) -> LineError:
    """What a call to the office was answered with."""
    with pytest.raises(LineError) as caught:
        act()
    return caught.value


@pytest.fixture
def live(sqlite_office_url: str, tmp_path: Path) -> Iterator[LiveOffice]:
    office = LiveOffice(sqlite_office_url, tmp_path / "office")
    yield office
    office.stop()


@pytest.fixture
def new_gate(live: LiveOffice, tmp_path: Path) -> Iterator[Callable[..., GateBox]]:
    """Makes enrolled gates, each in a folder of its own."""
    made: list[GateBox] = []

    def make(name: str = "东门", **changes: Any) -> GateBox:
        var = tmp_path / f"gate-{len(made)}"
        var.mkdir()
        made.append(GateBox(var, live, name, **changes))
        return made[-1]

    yield make
    for gate in made:
        gate.close()


@pytest.fixture
def gate(new_gate: Callable[..., GateBox]) -> GateBox:
    return new_gate()
