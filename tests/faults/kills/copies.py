"""A copy of the journal and the way back, on the same machine and on another one."""

from __future__ import annotations

import shutil
from contextlib import redirect_stderr, redirect_stdout, suppress
from io import StringIO
from pathlib import Path
from typing import Any

from kiosk.cli import backup as commands
from kiosk.errors import JournalError
from kiosk.identity import Keys
from kiosk.journal import Journal
from tests.faults.gate_side import GateSide
from tests.faults.kills.errand import Errand
from tests.faults.kills.killer import Life
from tests.faults.truth import Finding
from tests.faults.world import World


def config(folder: Path, var: Path) -> Path:
    path = folder / "kiosk.toml"
    path.write_text(f'[gate]\nname = "东门"\nvar = "{var}"\n', encoding="utf-8")
    return path


def copy(life: Life | None, settings: Path, var: Path, file: Path) -> None:
    if life:
        for folder in (var, file.parent):
            life.shim.watch(folder)
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
        commands.backup(file, settings, with_keys=True, as_json=True)


def put_back(life: Life | None, settings: Path, var: Path, file: Path) -> None:
    if life:
        var.mkdir(exist_ok=True)
        life.shim.watch(var)
    with redirect_stdout(StringIO()):
        commands.restore(file, settings, anyway=True, as_json=True)


class Copying(Errand):
    """A gate, and a stick for the copy."""

    def __init__(self, here: World) -> None:
        super().__init__(here)
        self.gate.record(3, alert=True)
        self.gate.deliver()
        self.gate.record(2)
        self.stick = here.folder / "stick"
        self.stick.mkdir()
        self.file = self.stick / "east.db"
        self.settings = config(here.folder, self.gate.var)

    def salvaged(self, var: Path) -> GateSide:
        """The gate as it starts in `var`, and what lies beside its journal saved."""
        gate = self.again(var, self.gate.announced)
        for aside in sorted(var.glob("journal.replaced-*.db")):
            gate.journal.salvage(aside)
        assert not [path.name for path in var.glob("journal.resto*")]
        return gate


class Backup(Copying):
    """Of a gate that runs meanwhile."""

    name = "backup"
    work = staticmethod(copy)
    telling = (30,)

    def __init__(self, here: World) -> None:
        super().__init__(here)
        self.words = (self.settings, self.gate.var, self.file)

    def after(self, said: list[Any]) -> Finding:
        self.speaks(self.gate)
        if not self.file.exists():
            copy(None, *self.words)
        with Journal.open(self.file, self.gate.keys.gate, now=self.gate.now, writer=False) as held:
            assert held.verify().ok
        other = self.here.folder / "other" / "life-0"
        put_back(None, config(self.stick, other), other, self.file)
        assert Keys.load(other).gate == self.gate.keys.gate
        left = {path.name for path in self.stick.iterdir()} - {"east.db", "east.db.keys", "kiosk.toml"}
        assert not left, f"left beside the copy: {left}"
        return self.whole(self.gate)


class Restore(Copying):
    """Onto a gate that went on since, and was killed itself: part of what it recorded stands in its log alone."""

    name = "restore"
    work = staticmethod(put_back)
    telling = (69, 72)  # the log is aside, the file is not; the place is empty

    def __init__(self, here: World) -> None:
        super().__init__(here)
        copy(None, self.settings, self.gate.var, self.file)
        self.gate.record(2)
        var = self.gate.var.with_name("killed")
        shutil.copytree(self.gate.var, var)
        self.gate.stop()
        self.gate.var = var
        self.words = (config(here.folder, var), var, self.file)

    def after(self, said: list[Any]) -> Finding:
        self.gate = self.salvaged(self.gate.var)
        self.speaks(self.gate)
        self.gate.stop()
        put_back(None, *self.words)
        self.gate = self.salvaged(self.gate.var)
        return self.whole(self.gate)


class Move(Copying):
    """Onto another machine, where nothing is."""

    name = "restore elsewhere"
    work = staticmethod(put_back)
    telling = (8, 50)  # one of the keys is there; the copy is being verified

    def __init__(self, here: World) -> None:
        super().__init__(here)
        copy(None, self.settings, self.gate.var, self.file)
        self.gate.stop()
        self.var = here.folder / "other" / "life-0"
        self.var.parent.mkdir()
        self.words = (config(here.folder / "other", self.var), self.var, self.file)

    def after(self, said: list[Any]) -> Finding:
        with suppress(JournalError):  # where it was done, and the gate would go on with it
            put_back(None, *self.words)
        self.gate = self.salvaged(self.var)
        self.speaks(self.gate)
        self.one_key(self.gate)
        return self.whole(self.gate)
