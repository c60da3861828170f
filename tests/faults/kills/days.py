"""A day of a gate with all that it does to its files, and an office that takes in what a gate hands in."""

from __future__ import annotations

import os
from abc import abstractmethod
from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from werkzeug.wsgi import ClosingIterator

from kiosk.errors import GatehouseError
from sync.office.values import Unit
from tests.faults.gate_side import ZONE, GateSide
from tests.faults.kills.errand import Errand
from tests.faults.kills.killer import Killer, Life, Victim
from tests.faults.office_side import OfficeSide
from tests.faults.stores import SqliteStore
from tests.faults.truth import Announced, Finding
from tests.faults.world import World


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


def day(life: Life, var: Path, url: str) -> None:
    """Tells what it announces."""
    side = GateSide(var.parent, life.shim, url, var, Announcing(life.told))
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


class GateDay(Errand):
    name = "a day"
    work = staticmethod(day)

    def __init__(self, here: World) -> None:
        super().__init__(here)
        self.gate.record(4)
        self.gate.stop()
        self.words = (self.gate.var, here.proxy.url)

    def after(self, said: list[Any]) -> Finding:
        announced = [item for items in said if isinstance(items, list) for item in items]
        self.gate = self.again(self.gate.var, [*self.gate.announced, *announced])
        for aside in sorted(self.gate.var.glob("journal.replaced-*.db")):
            self.gate.journal.salvage(aside)
        return self.whole(self.gate)


class DyingOffice(OfficeSide):
    """Every answer is a step before it is made, before it is sent and when it was sent."""

    killer = Killer(0)

    def _answer(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        self.killer.step()
        answered = super()._answer(environ, start)
        self.killer.step()
        return ClosingIterator(answered, self.killer.step)


def serve(life: Life, path: Path, var: Path, community: Unit) -> None:
    """The office in the database `path`, until somebody hangs up or asks for its steps."""
    side = DyingOffice(SqliteStore(path.parent.parent, life.shim, path), var, community)
    side.killer = life.killer
    side.open()
    life.told.send(side.port)
    with suppress(EOFError):
        life.told.recv()
        life.told.send(life.killer.steps)
    os._exit(0)


class Serving(Errand):
    """An office that is killed while gates call it."""

    end = "office"
    work = staticmethod(serve)

    def __init__(self, here: World) -> None:
        super().__init__(here)
        assert here.office.path
        self.words = (here.office.path, here.office.var, here.office.community)

    def run(self, at: int) -> list[Any]:
        with self.here.office.in_other_hands():
            victim = Victim(type(self).work, at, *self.words)
            if port := next(victim.says(1), 0):
                self.here.proxy.port = port
                self.calls()
                victim.enough()
            said = victim.until_the_end()
        self.here.proxy.port = self.here.office.port
        return said[:1]

    @abstractmethod
    def calls(self) -> None:
        """What gates do meanwhile; any of it may fail."""


class Intake(Serving):
    name = "taking in"

    def __init__(self, here: World) -> None:
        super().__init__(here)
        self.gate.record(16, alert=True)

    def calls(self) -> None:
        self.gate.deliver()
        self.gate.record(3)
        self.gate.deliver()

    def after(self, said: list[Any]) -> Finding:
        return self.whole(self.gate)
