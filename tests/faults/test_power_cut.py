"""The power goes at any write: the journal holds all that was announced, the hand-down is the old one or the new one.

What a disk may have kept is computed from what was written and what was synced (drive.py), not from what a cache held.
"""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from kiosk.handdown import HandDown
from kiosk.journal import Journal
from kiosk.model import Draft
from tests.faults.drive import Act, Drive, Image, Loss
from tests.faults.stores import memory
from tests.faults.vfs import Shim
from tests.sync.live import GateBox, LiveOffice
from tests.sync.office.gate_end import PERSON, passage

KEY = bytes(range(32))
CUTS = [Loss.ALL, Loss.TAIL, Loss.SOME]
SOME = 12  # the ordinary tests look at each twelfth operation
FEWEST = 20  # operations that were cut at


@pytest.fixture
def folder() -> Iterator[Path]:
    made = memory()
    yield made
    shutil.rmtree(made)


@dataclass
class Day:
    """What a gate's journal goes through, and the states in which a cut would have left it."""

    folder: Path
    every: int
    chance: random.Random = field(default_factory=lambda: random.Random(2026))
    now: datetime = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
    announced: list[str] = field(default_factory=list)
    marks: list[bytes] = field(default_factory=lambda: [b""])
    left: list[tuple[int, Loss, Image]] = field(default_factory=list)
    operations: int = 0

    def live(self) -> None:
        with Shim(self._drive) as shim:
            shim.watch(self.folder)
            for turn in range(3):
                with self.open(self.folder) as journal:
                    self._work(journal, turn)

    def open(self, folder: Path) -> Journal:
        return Journal.open(folder / "journal.db", KEY, now=lambda: self.now, heal=True)

    def _work(self, journal: Journal, turn: int) -> None:
        for count in (1, 3, 1, 20):
            self._record(journal, count)
            journal.acknowledge(journal.head().seq, journal.head().digest, self.now)
        self.now += timedelta(days=1)
        self.announced += [event.digest for event in journal.close_days(self.now.date())]
        journal.forget_before((self.now - timedelta(days=1)).date())
        if turn == 1:
            journal.renew("fork", journal.head().seq)
        self._record(journal, 1)
        assert journal.writable() is None

    def _record(self, journal: Journal, count: int) -> None:
        drafts = [Draft("passage", self.now, passage(), PERSON) for _ in range(count)]
        self.announced += [event.digest for event in journal.append(*drafts)]
        self.marks.append((self.folder / "journal.mark").read_bytes())

    def _drive(self, files: Image) -> Drive:
        day = self

        class Watched(Drive):
            def tell(self, act: Act, name: str, offset: int = 0, data: bytes = b"") -> int:
                code = super().tell(act, name, offset, data)
                day.operations += 1
                if day.operations % day.every == 0:
                    loss = CUTS[day.operations // day.every % len(CUTS)]
                    day.left.append((len(day.announced), loss, self.image(loss, day.chance)))
                return code

        return Watched(files)


def held(journal: Journal) -> set[str]:
    return {event.digest for name in journal.journals() for event in journal.after(0, 10_000, name)}


def check(folder: Path, every: int) -> int:
    """How many cuts were looked at."""
    live = folder / "live"
    live.mkdir()
    day = Day(live, every)
    day.live()
    for number, (announced, loss, image) in enumerate(day.left):
        after = folder / str(number)
        after.mkdir()
        for name, content in image.items():
            if ".db" in name:
                (after / name).write_bytes(content)
        if mark := day.chance.choice(day.marks[: announced + 1][-3:]):
            (after / "journal.mark").write_bytes(mark)
        with day.open(after) as journal:
            where = f"cut {number}, {loss.value}"
            assert set(day.announced[:announced]) <= held(journal), where
            assert journal.verify().ok, where
            assert not list(after.glob("*.damaged-*")), where
            assert journal.writable() is None, where
        shutil.rmtree(after)
    return len(day.left)


def test_after_a_power_cut_the_journal_holds_all_that_was_announced(folder: Path) -> None:
    assert check(folder, SOME) > FEWEST


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_at_every_single_operation_too(folder: Path) -> None:
    print(check(folder, 1), "cuts")


@dataclass
class Folder:
    """A folder that is written by our own calls: what of it is durable, and the states a cut may leave."""

    path: Path
    synced: dict[int, bytes] = field(default_factory=dict)  # inode → content
    names: dict[str, int] = field(default_factory=dict)  # as last synced
    left: list[Image] = field(default_factory=list)

    def watch(self, work: Callable[[], Any]) -> None:
        self.synced = {path.stat().st_ino: path.read_bytes() for path in self._files()}
        self.names = self._now()
        with ExitStack() as stack:
            for name in ("fsync", "replace", "unlink"):
                stack.enter_context(patch.object(os, name, self._around(getattr(os, name))))
            work()
        self._cut()

    def _around(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def around(what: Any, *words: Any, **more: Any) -> Any:
            self._cut()
            done = real(what, *words, **more)
            if isinstance(what, int):
                self._sync(what)
            return done

        return around

    def _sync(self, handle: int) -> None:
        opened = Path(f"/proc/self/fd/{handle}").resolve()
        if opened == self.path:
            self.names = self._now()
        elif opened.parent == self.path:
            self.synced[os.fstat(handle).st_ino] = opened.read_bytes()

    def _cut(self) -> None:
        """Old names or new ones, a rename more or less; what was not synced is empty."""
        now = self._now()
        for names in (self.names, now, self.names | now):
            self.left.append({name: self.synced.get(inode, b"") for name, inode in names.items()})

    def _now(self) -> dict[str, int]:
        return {path.name: path.stat().st_ino for path in self._files()}

    def _files(self) -> list[Path]:
        return [path for path in self.path.iterdir() if path.is_file()]


def test_after_a_power_cut_the_old_bundle_is_in_force_or_the_new_one(
    live: LiveOffice, gate: GateBox, folder: Path
) -> None:
    live.office.publish.ensure(live.community.id)
    gate.uplink().pull()
    before = gate.handdown.bundle.version
    live.office.publish.publish(live.community.id, {"watch": {"entries": []}}, who="test")
    kept = Folder(gate.var / "handdown")
    kept.watch(gate.uplink().pull)
    seen = set()
    for number, image in enumerate(kept.left):
        after = folder / str(number)
        after.mkdir()
        for name, content in image.items():
            (after / name).write_bytes(content)
        found = HandDown(after, gate.identity.office_key, gate.identity.community)
        assert found.trouble is None, f"cut {number}: {found.trouble}"
        seen.add(found.bundle.version)
    assert seen == {before, before + 1}
