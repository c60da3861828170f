"""Enrolment, enrolment anew and a new key, killed at either end: the office knows the gate by one of its keys."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kiosk.errors import GatehouseError
from kiosk.identity import Identity, Keys
from kiosk.keyring import KeyRing
from sync.clock import OfficeClock
from sync.enrolment import enroll
from sync.line import Credential, Line
from sync.office.values import EVERYTHING
from sync.rollover import roll_over
from tests.faults.gate_side import GateSide
from tests.faults.kills.days import Serving
from tests.faults.kills.errand import Errand
from tests.faults.kills.killer import Life
from tests.faults.truth import Finding
from tests.faults.world import World

TIMEOUT_S = 10.0


def enrol(_: Life | None, url: str, token: str, var: Path, *, again: bool = False) -> None:
    enroll(url, token, var, "西门", again=again)


def enrol_anew(_: Life | None, url: str, token: str, var: Path) -> None:
    enrol(_, url, token, var, again=True)


def new_key(_: Life | None, url: str, var: Path) -> None:
    identity = Identity.load(var)
    assert identity
    ring = KeyRing(Keys.load(var).sign, var)
    line = Line(url, TIMEOUT_S, Credential(identity.gate, ring, OfficeClock(lambda: datetime.now(UTC))))
    roll_over(line, ring, identity)


class Enrol(Errand):
    name = "enrolment"
    work = staticmethod(enrol)
    telling = (6, 17)  # a key under two names; the office's answer heard and not yet written

    def __init__(self, here: World) -> None:
        super().__init__(here)
        self.gate.stop()
        self.var = here.folder / "west" / "life-0"
        self.var.mkdir(parents=True)
        self.words = (here.proxy.url, here.office.token("西门"), self.var)

    def after(self, said: list[Any]) -> Finding:
        if Identity.load(self.var) is None:
            enrol(None, *self.words)  # somebody holds up the same code once more
        self.gate = self.again(self.var, [])
        self.speaks(self.gate)
        self.one_key(self.gate)
        return self.whole(self.gate)


class Known(Errand):
    """A gate that has handed in something and holds more that waits."""

    def __init__(self, here: World) -> None:
        super().__init__(here)
        self.gate.record(3, alert=True)
        self.gate.deliver()
        self.gate.record(2)
        self.gate.stop()
        self.before = self._in_force()

    def after(self, said: list[Any]) -> Finding:
        self.gate = self.again(self.gate.var, self.gate.announced)
        self.speaks(self.gate)  # as it is, before anybody does anything about it
        self.gate.stop()
        type(self).work(None, *self.words)
        self.gate = self.again(self.gate.var, self.gate.announced)
        self.speaks(self.gate)
        self.one_key(self.gate)
        assert self._in_force() != self.before
        return self.whole(self.gate)

    def _in_force(self) -> bytes | None:
        return self.here.office.office.gates.public_key(self.gate.identity.gate)


class EnrolAnew(Known):
    name = "enrolment anew"
    work = staticmethod(enrol_anew)
    telling = (11, 16)  # the answer heard; it is written who the gate is, the key is the one before

    def __init__(self, here: World) -> None:
        super().__init__(here)
        token = here.office.office.enrolment.new_token(self.gate.identity.gate, EVERYTHING, who="test")
        self.words = (here.proxy.url, token, self.gate.var)


class NewKey(Known):
    name = "new key"
    work = staticmethod(new_key)
    telling = (10, 14)  # the office has put it in force, nothing here; the old one set aside

    def __init__(self, here: World) -> None:
        super().__init__(here)
        self.words = (here.proxy.url, self.gate.var)


class Registry(Serving):
    """An office that enrols a new gate, has another one enrolled anew, and puts a new key of that one in force."""

    name = "enrolments and keys"
    telling = (25,)

    def __init__(self, here: World) -> None:
        super().__init__(here)
        self.gate.record(2)
        self.gate.stop()
        self.url = here.proxy.url
        self.new = here.folder / "west" / "life-0"
        self.new.mkdir(parents=True)
        self.other: GateSide | None = None
        self.tokens = (
            here.office.token("西门"),
            here.office.office.enrolment.new_token(self.gate.identity.gate, EVERYTHING, who="test"),
        )

    def calls(self) -> None:
        self._enrol()
        with suppress(GatehouseError):
            new_key(None, self.url, self.gate.var)

    def after(self, said: list[Any]) -> Finding:
        self._restart()
        self.speaks(self.gate)
        self.gate.stop()
        self._enrol()
        new_key(None, self.url, self.gate.var)
        self._restart()
        self.other = self.again(self.new, [])
        for gate in (self.gate, self.other):
            self.speaks(gate)
            self.one_key(gate)
        return self.whole(self.gate, self.other)

    def close(self) -> None:
        super().close()
        if self.other:
            self.other.stop()

    def _enrol(self) -> None:
        """As far as it goes; a code that was taken is taken again from the same key."""
        for token, var, again in zip(self.tokens, (self.new, self.gate.var), (False, True), strict=True):
            with suppress(GatehouseError):
                enroll(self.url, token, var, "西门", again=again)

    def _restart(self) -> None:
        self.gate = self.again(self.gate.var, self.gate.announced)
