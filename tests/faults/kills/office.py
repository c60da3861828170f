"""An office that starts for the first time, and one that destroys what its time is over for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from kiosk import tokens
from kiosk.erasing import Erasing
from kiosk.model import Draft
from sync.office.office import Office
from sync.office.retention.certificates import ChainCheck
from sync.office.retention.finding import number
from sync.office.settings import OfficeSettings
from sync.office.values import EVERYTHING
from tests.faults.kills.errand import Errand, containing
from tests.faults.kills.killer import Life
from tests.faults.kills.leaving import wrapped_keys
from tests.faults.truth import Finding
from tests.faults.world import World
from tests.sync.office.gate_end import PERSON, passage

WHO = "test"
PHONE = "13900001111"
KEYS_MADE = 40  # steps
LATER = timedelta(days=40)


@contextmanager
def later(path: Path, var: Path) -> Iterator[Office]:
    """The office when all days of now are over."""
    office = Office.open(OfficeSettings(url=f"sqlite:///{path}", var=var), now=lambda: datetime.now(UTC) + LATER)
    try:
        yield office
    finally:
        office.close()


def destroy(life: Life, path: Path, var: Path) -> None:
    life.shim.watch(path.parent)
    with later(path, var) as office:
        office.retention.run(who=WHO, clock_is_right=True)


class Destroy(Errand):
    """Each key is certified once it is gone, and then it is gone from the file too, at the latest after a start."""

    end = "office"
    name = "retention"
    work = staticmethod(destroy)
    telling = (37, 60)  # a day's key destroyed, the log still holds it; both

    def __init__(self, here: World) -> None:
        super().__init__(here)
        self.gate.record(2)
        self.gate.ahead = timedelta(days=1)
        self.gate.record(2, alert=True)
        self.gate.deliver()
        path = here.office.path
        assert path
        self.path, self.words = path, (path, here.office.var)
        self.days = len(here.office.office.retention.readable(EVERYTHING))

    def run(self, at: int) -> list[Any]:
        with self.here.office.in_other_hands():
            self.keys = wrapped_keys(self.path, "day_key")
            said = super().run(at)
            self.here.office._store.look()
            with later(*self.words) as office:
                self._check(office)
        return said

    def _check(self, office: Office) -> None:
        status, gone = office.retention.status(), self.days - len(office.retention.readable(EVERYTHING))
        assert status.certificates_why == "", status
        assert status.certificates == gone
        office.retention.run_if_due()
        if gone:
            living = wrapped_keys(self.path, "day_key")
            assert not containing(self.path.parent, [key for key in self.keys if key not in living])
        office.retention.run(who=WHO, clock_is_right=True)
        status = office.retention.status()
        assert (status.keys, status.certificates, status.certificates_why) == (0, self.days, ""), status
        assert not containing(self.path.parent, self.keys)
        assert all(check.ok for check in office.verify())

    def after(self, said: list[Any]) -> Finding:
        self.gate.forgotten = {item.digest for item in self.gate.announced}
        return self.whole(self.gate)


def erase(life: Life, path: Path, var: Path, request: str) -> None:
    life.shim.watch(path.parent)
    office = Office.open(OfficeSettings(url=f"sqlite:///{path}", var=var))
    office.erasures.approve(request, EVERYTHING, who="leader")
    office.close()


class Erase(Errand):
    """Somebody's request to be forgotten: done or still to be done, and no gate is left untold."""

    end = "office"
    name = "a person forgotten"
    work = staticmethod(erase)
    telling = (40,)

    def __init__(self, here: World) -> None:
        super().__init__(here)
        office, community, path = here.office.office, here.office.community.id, here.office.path
        token = tokens.token(office.units.token_key(community), "phone", PHONE)
        somebody = {**PERSON, "phone": PHONE, "tokens": [token]}
        self.gate.tell(*self.gate.journal.append(Draft("passage", self.gate.now(), passage(), somebody)))
        self.gate.record(2)
        self.gate.deliver()
        self.token = token.encode()
        self.request = office.erasures.ask(community, number(PHONE), "own-request", EVERYTHING, who=WHO).id
        assert path
        self.words = (path, here.office.var, self.request)

    def run(self, at: int) -> list[Any]:
        with self.here.office.in_other_hands():
            return super().run(at)

    def after(self, said: list[Any]) -> Finding:
        erasures = self.here.office.office.erasures
        if erasures.get(self.request, EVERYTHING).state == "asked":
            erasures.approve(self.request, EVERYTHING, who="leader")
        erasures.settle()  # every quarter of an hour
        self.gate.uplink.pull()
        Erasing(self.gate.journal, self.gate.handdown, lambda: None).look()
        assert self.gate.deliver() == ""
        assert erasures.settle() == 1
        assert self.here.office.office.retention.certificates.check() == ChainCheck(1)
        assert not containing(self.words[0].parent, [self.token])
        self.gate.forgotten = {self.gate.announced[0].digest}
        return self.whole(self.gate)


def first_start(life: Life, var: Path) -> None:
    life.shim.watch(var)
    Office.open(OfficeSettings(url=f"sqlite:///{var / 'office.db'}", var=var)).close()


class FirstStart(Errand):
    """The next start makes what lacks, and no key stands in two places."""

    end = "office"
    name = "first start"
    work = staticmethod(first_start)
    telling = (6, 200)  # a key under two names; some of the tables

    def __init__(self, here: World) -> None:
        super().__init__(here)
        self.var = here.folder / "new office"
        self.var.mkdir()
        self.words = (self.var,)

    @classmethod
    def points(cls, steps: int) -> list[int]:
        """Each one while keys are made; of the tables, which are made in a few long transactions, each tenth."""
        return [step for step in super().points(steps) if step <= KEYS_MADE or step % 10 == 0]

    def after(self, said: list[Any]) -> Finding:
        settings = OfficeSettings(url=f"sqlite:///{self.var / 'office.db'}", var=self.var)
        office = Office.open(settings)
        street = office.units.add("street", "测试街道", "110101001", None, who=WHO)
        community = office.units.add("community", "幸福社区", "110101001001", street.id, who=WHO)
        office.publish.ensure(community.id)
        office.close()
        Office.open(settings).close()
        names = sorted(path.name for path in (self.var / "keys").iterdir())
        assert names == ["pass.key", "seal.key", "secret.key", "sign.key"]
        return Finding()
