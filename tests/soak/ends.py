"""An office and a gate as their users run them, set up in no time: each a process of its own on loopback."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from kiosk.config import Settings, load
from kiosk.identity import Identity, Keys
from kiosk.journal import Journal
from kiosk.staff import Staff
from sync.enrolment import enroll
from sync.office.office import Office
from sync.office.settings import OfficeSettings
from tests.soak.processes import Server

VOLUNTEER, PIN = "王小明", "246810"

KIOSK = """
[gate]
name = "东门"
[web]
listen = "127.0.0.1:{port}"
[sync]
interval_s = {interval_s}
[[lane]]
name = "1"
kind = "scanner"
"""


class OfficeEnd:
    """The office on the database `url`; SQLite in `var` where none is named."""

    def __init__(self, var: Path, url: str | None = None, *, workers: int = 2, core: int | None = None) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.settings = OfficeSettings(url or f"sqlite:///{var / 'office.db'}", var, f"127.0.0.1:{port}")
        words = ["sync.office", "serve", "--listen", self.settings.listen, "--workers", str(workers)]
        environ = {"GATEHOUSE_OFFICE_URL": self.settings.url, "GATEHOUSE_OFFICE_VAR": str(var)}
        self.server = Server(words, f"{self.url}/healthz", var / "office.log", environ, core)
        var.mkdir(parents=True, exist_ok=True)

    @contextmanager
    def inside(self) -> Iterator[Office]:
        """The office's stores, in this process."""
        office = Office.open(self.settings)
        try:
            yield office
        finally:
            office.close()

    def community(self) -> str:
        """A new community's id."""
        with self.inside() as office:
            street = office.units.add("street", "测试街道", "110101001", None, who="soak")
            return office.units.add("community", "幸福社区", "110101001001", street.id, who="soak").id


class GateEnd:
    """An enrolled gate with one lane and a volunteer, in the folder `folder`. The office must run meanwhile."""

    def __init__(
        self, folder: Path, office: OfficeEnd, community: str, *, core: int | None = None, interval_s: int = 1
    ) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.config = folder / "kiosk.toml"
        folder.mkdir(parents=True, exist_ok=True)
        self.config.write_text(KIOSK.format(port=port, interval_s=interval_s), encoding="utf-8")
        self.settings: Settings = load(self.config)
        var = self.settings.gate.var
        with office.inside() as stores:
            _, token = stores.enrolment.create_gate(community, "东门", who="soak")
        self.identity: Identity = enroll(office.url, token, var, "东门")
        staff = Staff.open(var / "gate.db")
        staff.add(VOLUNTEER, PIN)
        staff.close()
        words = ["kiosk", "run", "--config", str(self.config)]
        self.server = Server(words, f"{self.url}/healthz", folder / "gate.log", core=core)

    @property
    def path(self) -> Path:
        return self.settings.gate.var / "journal.db"

    def journal(self, *, writer: bool) -> Journal:
        """The gate's journal: to write while the gate does not run, or to read beside it."""
        return Journal.open(
            self.path,
            Keys.load(self.settings.gate.var).gate,
            now=lambda: datetime.now(UTC),
            zone=self.settings.zone,
            gate=self.identity.gate,
            writer=writer,
        )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
