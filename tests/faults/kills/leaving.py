"""A gate that is wiped and a gate that forgets: what was to go is gone in the end, whenever it was killed."""

from __future__ import annotations

import base64
import signal
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from kiosk import service, wiping
from kiosk.config import Settings
from kiosk.identity import Identity, Keys
from kiosk.journal import Journal
from kiosk.staff import Staff
from sync.enrolment import enroll
from sync.office.values import EVERYTHING
from tests.faults.gate_side import DATABASE, ZONE, GateSide
from tests.faults.kills.errand import Errand, containing
from tests.faults.kills.killer import Life
from tests.faults.truth import Finding
from tests.faults.world import World

AT = datetime(2026, 11, 22, 4, tzinfo=UTC)
VOLUNTEER = "王小明"
LATER = timedelta(days=40)


def wiped(life: Life, var: Path) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # by which a gate that was wiped leaves
    life.shim.watch(var)
    journal = Journal.open(var / DATABASE, Keys.load(var).gate, now=lambda: datetime.now(UTC), heal=True)
    wiping.wipe_and_leave(var, AT, journal)


class Wipe(Errand):
    """Nothing was begun and the gate is what it was, or it begins as a new one and nothing of the old one is left."""

    name = "wipe"
    work = staticmethod(wiped)
    telling = (8, 24)  # one key is gone; all is gone but the note

    def __init__(self, here: World) -> None:
        super().__init__(here)
        self.gate.record(3)
        self.gate.uplink.pull()
        self.gate.deliver()
        self.gate.stop()
        staff = Staff.open(self.gate.var / "gate.db")
        staff.add(VOLUNTEER)
        staff.close()
        self.old = self.gate.identity.gate
        keys, token_key = self.gate.keys, self.gate.identity.token_key
        self.secrets = [keys.gate, keys.sign.private_bytes_raw(), base64.b64encode(token_key), VOLUNTEER.encode()]
        self.words = (self.gate.var,)

    def after(self, said: list[Any]) -> Finding:
        var = self.gate.var
        self._start()
        if Identity.load(var) is None:
            self._enrolled_anew(var)
        self.gate = self.again(var, self.gate.announced)
        self.speaks(self.gate)
        return self.whole(self.gate)

    def _start(self) -> None:
        service.build(Settings(gate={"name": "东门", "var": self.gate.var})).stop()

    def _enrolled_anew(self, var: Path) -> None:
        left = containing(var, self.secrets)
        assert not left, f"left of what was to be wiped: {left}"
        assert not list(var.glob("wiping-*"))
        token = self.here.office.office.enrolment.new_token(self.old, EVERYTHING, who="test")
        enroll(self.here.proxy.url, token, var, "东门")
        assert list(var.glob("journal.wiped-*.db")), "the journal is not there any more"


def forget(life: Life, var: Path, url: str) -> None:
    side = GateSide(var.parent, life.shim, url, var, [])
    forgotten(side)
    side.stop()


def forgotten(side: GateSide) -> None:
    """As the housekeeper does, long after."""
    before = (side.now() + LATER).astimezone(ZONE).date()
    side.journal.forget_before(before)
    side.journal.shred(before)


class Forget(Errand):
    """Once the journal says that days were forgotten, no file holds a key of theirs after the next start."""

    name = "retention"
    work = staticmethod(forget)
    telling = (16, 24)  # committed, the log still holds the keys; a file beside the journal shredded

    def __init__(self, here: World) -> None:
        super().__init__(here)
        self.gate.record(3, alert=True)
        self.gate.deliver()
        self.gate.keep()
        self.gate.put_back(by_hand=False)  # whose file beside the journal holds keys as well
        self.gate.record(2)
        self.gate.deliver()
        self.gate.stop()
        self.keys = wrapped_keys(self.gate.var / DATABASE)
        self.words = (self.gate.var, here.proxy.url)

    def after(self, said: list[Any]) -> Finding:
        self.gate = self.again(self.gate.var, self.gate.announced)
        assert self.gate.journal.writable() is None  # the housekeeper looks every few seconds
        if self.gate.journal.recent(1, ("journal.forget",)):
            assert not self._held("journal.db*")
        forgotten(self.gate)
        assert not self._held("journal*")
        self.gate.forgotten = {item.digest for item in self.gate.announced}
        return self.whole(self.gate)

    def _held(self, names: str) -> list[str]:
        files = {path.name for path in self.gate.var.glob(names)}
        return [name for name in containing(self.gate.var, self.keys) if name in files]


def wrapped_keys(database: Path, table: str = "day_keys") -> list[bytes]:
    """Every day's key as it lies in a database, wrapped."""
    with closing(sqlite3.connect(database)) as file:
        return [bytes(wrapped) for (wrapped,) in file.execute(f"SELECT wrapped FROM {table}")]
