"""A stick instead of a line: written, taken and answered, each killed at any step."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sync.office.courier import Courier as OfficeCourier
from sync.office.office import Office
from sync.office.settings import OfficeSettings
from tests.faults.gate_side import GateSide
from tests.faults.kills.errand import Errand
from tests.faults.kills.killer import Life
from tests.faults.truth import Finding
from tests.faults.world import World

WHO = "test"


def carry_out(life: Life, var: Path, url: str, file: Path) -> None:
    side = GateSide(var.parent, life.shim, url, var, [])
    side.courier().out(file)
    side.stop()


def carry_in(life: Life, var: Path, url: str, file: Path) -> None:
    side = GateSide(var.parent, life.shim, url, var, [])
    side.courier().take(file)
    side.stop()


def taken(life: Life, path: Path, var: Path, gate: str, brought: Path, answer: Path) -> None:
    """The office takes a stick and writes its answer on it."""
    life.shim.watch(path.parent)
    office = Office.open(OfficeSettings(url=f"sqlite:///{path}", var=var))
    courier = OfficeCourier(office)
    courier.take(brought, who=WHO)
    courier.answer(gate, answer, who=WHO)
    office.close()


class Carrying(Errand):
    """A gate without a line; what waits goes out on a stick."""

    def __init__(self, here: World) -> None:
        super().__init__(here)
        self.gate.record(9, alert=True)
        self.stick = here.folder / "stick"
        self.stick.mkdir()
        self.brought, self.answer = self.stick / "east.parcel", self.stick / "answer.parcel"

    def out(self) -> None:
        if not self.brought.exists():
            self.gate.courier().out(self.brought)

    def taken(self) -> None:
        courier = OfficeCourier(self.here.office.office)
        courier.take(self.brought, who=WHO)
        if not self.answer.exists():
            courier.answer(self.gate.identity.gate, self.answer, who=WHO)

    def back(self) -> Finding:
        """The answer is taken, however often it was before; then the line is there again."""
        self.gate.courier().take(self.answer)
        assert self.gate.waiting == 0
        left = {path.name for path in self.stick.iterdir()} - {self.brought.name, self.answer.name}
        assert not left, f"left on the stick: {left}"
        return self.whole(self.gate)


class CarryOut(Carrying):
    name = "carry out"
    work = staticmethod(carry_out)
    telling = (6,)

    def __init__(self, here: World) -> None:
        super().__init__(here)
        self.gate.stop()
        self.words = (self.gate.var, here.proxy.url, self.brought)

    def after(self, said: list[Any]) -> Finding:
        self.gate = self.again(self.gate.var, self.gate.announced)
        self.out()
        self.taken()
        return self.back()


class CarryIn(Carrying):
    name = "carry in"
    work = staticmethod(carry_in)
    telling = (15,)

    def __init__(self, here: World) -> None:
        super().__init__(here)
        self.out()
        self.taken()
        self.gate.stop()
        self.words = (self.gate.var, here.proxy.url, self.answer)

    def after(self, said: list[Any]) -> Finding:
        self.gate = self.again(self.gate.var, self.gate.announced)
        return self.back()


class Stick(Carrying):
    end = "office"
    name = "stick"
    work = staticmethod(taken)
    telling = (60,)

    def __init__(self, here: World) -> None:
        super().__init__(here)
        self.out()
        path = here.office.path
        assert path
        self.words = (path, here.office.var, self.gate.identity.gate, self.brought, self.answer)

    def run(self, at: int) -> list[Any]:
        with self.here.office.in_other_hands():
            return super().run(at)

    def after(self, said: list[Any]) -> Finding:
        self.taken()
        return self.back()
