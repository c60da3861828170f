"""One thing that is done in a process of its own, which may be killed at any step of it, and done to the end after."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, ClassVar

from kiosk.identity import Keys, tidy
from kiosk.keyring import public_bytes
from tests.faults.gate_side import GateSide
from tests.faults.healing import compare, heal
from tests.faults.kills.killer import Victim
from tests.faults.truth import Announced, Finding
from tests.faults.world import World

CALLS = 3
KEYS = {"gate.key", "sign.key", "sign.next.key", "sign.old.key"}


class Errand(ABC):
    """Made, everything is as it is before. `work` is what the process does, called with a Life and `words`."""

    end: ClassVar[str] = "gate"
    name: ClassVar[str]
    work: ClassVar[Callable[..., None]]
    telling: ClassVar[tuple[int, ...]] = ()  # the steps that the ordinary tests take

    def __init__(self, here: World) -> None:
        self.here = here
        self.gate = here.begin()
        self.words: tuple[Any, ...] = ()

    def run(self, at: int) -> list[Any]:
        """What the process says; at last its steps, when it lived."""
        return Victim(type(self).work, at, *self.words).until_the_end()

    @abstractmethod
    def after(self, said: list[Any]) -> Finding:
        """Start again what was killed, finish what it was at, and compare. Raises AssertionError."""

    @classmethod
    def points(cls, steps: int) -> list[int]:
        """At which of its steps `make fault-steps` kills it."""
        return list(range(1, steps + 1))

    def close(self) -> None:
        """Stop whatever still runs."""
        self.gate.stop()

    def again(self, var: Path, announced: Iterable[Announced]) -> GateSide:
        """A gate as it starts after a kill."""
        tidy(var)
        return GateSide(var.parent, self.here.shim, self.here.proxy.url, var, list(announced))

    def speaks(self, gate: GateSide) -> None:
        """The office knows the gate by one of its keys, whichever that is. A gate that is not answered calls again; one
        that is not known is refused each time."""
        gate.record(1)
        troubles = [trouble for _ in range(CALLS) if (trouble := gate.deliver())]
        assert len(troubles) < CALLS, f"the office does not hear it: {troubles}"

    def one_key(self, gate: GateSide) -> None:
        """The key that the gate signs with is the one that the office knows, and there is no draft of any."""
        assert self.here.office.office.gates.public_key(gate.identity.gate) == public_bytes(Keys.load(gate.var).sign)
        left = [path.name for path in (gate.var / "keys").iterdir() if path.name not in KEYS]
        assert not left, f"left of keys: {left}"
        assert not list(gate.var.glob(".*")), "drafts are left"

    def whole(self, *gates: GateSide) -> Finding:
        """What is wrong once everything has healed."""
        troubles = heal(self.here, gates)
        finding = compare(self.here, gates)
        assert not troubles, troubles
        assert finding.known_missing == 0, f"{finding.known_missing} missing"
        assert all(gate.journal.verify().ok for gate in gates)
        return finding


def killed(here: World, kind: type[Errand], at: int) -> tuple[int, Finding]:
    """Kill at step `at` (0: never): to how many steps it came, when it lived, and what was found after."""
    errand = kind(here)
    try:
        said = errand.run(at)
        finding = errand.after(said)
    finally:
        errand.close()
    return (said[-1] if said and isinstance(said[-1], int) else 0), finding


def containing(folder: Path, secrets: Iterable[bytes]) -> list[str]:
    """The files anywhere in `folder` in which one of these stands."""
    wanted = list(secrets)
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path.name for path in files if any(secret in path.read_bytes() for secret in wanted)]
