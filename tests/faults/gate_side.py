"""A gate of a history: its real journal, keys, line and courier, and the plain list of what it announced."""

from __future__ import annotations

import random
import shutil
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from kiosk.config import Sync
from kiosk.errors import GatehouseError, JournalError
from kiosk.handdown import HandDown
from kiosk.identity import Identity, Keys
from kiosk.journal import Journal
from kiosk.journal.backup import backup, restore
from kiosk.keyring import KeyRing
from kiosk.model import Draft, Event
from sync.courier import Courier
from sync.enrolment import enroll
from sync.uplink import Uplink
from tests.faults.drive import Drive, Image, Loss
from tests.faults.office_side import OfficeSide
from tests.faults.truth import Announced
from tests.faults.vfs import Shim
from tests.sync.office.gate_end import PERSON, passage

LINE = Sync(timeout_s=10, batch=7)
IMPATIENT = Sync(timeout_s=0.15, batch=7)
ZONE = ZoneInfo("Asia/Shanghai")
MARK, DATABASE = "journal.mark", "journal.db"
PAGE = 4096


class GateSide:
    """`var` is where it lives now: after a crash it goes on in a folder of its own, as on a disk that was looked at."""

    def __init__(self, folder: Path, shim: Shim, url: str, var: Path, announced: list[Announced]) -> None:
        self.var = var
        self.announced = announced
        self.unannounced: set[str] = set()  # visits whose recording failed: they may be there or not
        self.written: set[str] = set()  # journals of the files it had before
        self.forgotten: set[str] = set()  # digests of events whose personal part may be gone
        self.ahead = timedelta()
        self.copy: Path | None = None
        self.wounded = False  # something was lost for good, and the office has not heard of it yet
        self.may_lack = False  # something may have been lost for good at all
        self.drive: Drive
        self._folder = folder
        self._shim = shim
        self._url = url
        self._lives = 0
        self._marks: list[bytes] = []
        self.start()

    @classmethod
    def enrolled(cls, folder: Path, shim: Shim, office: OfficeSide, url: str, name: str) -> GateSide:
        """A new gate at `office` that will reach it by `url`."""
        var = folder / "life-0"
        var.mkdir(parents=True)
        enroll(office.url, office.token(name), var, name)
        return cls(folder, shim, url, var, [])

    def clone(self, folder: Path) -> GateSide:
        """A second machine with a copy of this one's disk."""
        var = folder / "life-0"
        self.stop()
        shutil.copytree(self.var, var)
        self.start()
        other = GateSide(folder, self._shim, self._url, var, list(self.announced))
        other.forgotten, other.written, other.ahead = set(self.forgotten), set(self.written), self.ahead
        other.wounded, other.may_lack = self.wounded, self.may_lack
        return other

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    # --- its life ----------------------------------------------------------------------------------------------

    def start(self) -> None:
        """As `kiosk run` does. Raises JournalError."""
        self.keys = Keys.load(self.var)
        identity = Identity.load(self.var)
        assert identity
        self.identity = replace(identity, office_url=self._url)
        self.drive = self._shim.watch(self.var)
        self.journal = Journal.open(
            self.var / DATABASE, self.keys.gate, now=self.now, zone=ZONE, gate=self.identity.gate, heal=True
        )
        self.handdown = HandDown(self.var / "handdown", self.identity.office_key, self.identity.community)
        self.uplink = self.line(LINE)
        self._note_mark()

    def stop(self) -> None:
        with suppress(JournalError):
            self.written |= set(self.journal.journals())
        self.uplink.close()
        self.journal.close()

    def restart(self) -> None:
        self.stop()
        self.start()

    def line(self, settings: Sync) -> Uplink:
        return Uplink(
            journal=self.journal,
            handdown=self.handdown,
            identity=self.identity,
            sign_key=self.keys.sign,
            settings=settings,
            now=self.now,
            keys=KeyRing(self.keys.sign, self.var),
        )

    def crash(self, loss: Loss, chance: random.Random) -> None:
        """The machine, or with Loss.NOTHING the process, goes down at the moment the disk was told to fail, or now."""
        self._shim.forget(self.var)
        image = {name: content for name, content in self.drive.image(loss, chance).items() if ".db" in name}
        mark = self._mark_after(loss, chance)
        self.stop()
        self._lives += 1
        new = self._folder / f"life-{self._lives}"
        shutil.copytree(self.var, new, ignore=shutil.ignore_patterns("*.db", "*.db-*", MARK))
        self._put(new, image | mark)
        self.var = new
        self.start()

    def _mark_after(self, loss: Loss, chance: random.Random) -> Image:
        """The mark is never forced to the disk: any that was written may be there, or none."""
        if loss is Loss.NOTHING:
            self._note_mark()
            kept = self._marks[-1] if (self.var / MARK).exists() else b""
        else:
            kept = chance.choice([*self._marks[-3:], b""])
        return {MARK: kept} if kept else {}

    def _note_mark(self) -> None:
        with suppress(FileNotFoundError):
            self._marks.append((self.var / MARK).read_bytes())

    def _put(self, var: Path, image: Image) -> None:
        for name, content in image.items():
            (var / name).write_bytes(content)
            (var / name).chmod(0o600)

    # --- its work ----------------------------------------------------------------------------------------------

    def record(self, count: int, *, alert: bool = False, direction: str = "in") -> bool:
        """Record passages, and an alert with the last; whether that was announced."""
        drafts = [Draft("passage", self.now(), passage(direction=direction), self._person(n)) for n in range(count)]
        if alert:
            said = {"gate": "东门", "lane": "1", "alert": "fever", "visit": drafts[-1].open["visit"], "demo": False}
            drafts.append(Draft("alert", self.now(), {**said, "zh": "发热", "en": "Fever"}, {"name": "张三"}))
        try:
            self.tell(*self.journal.append(*drafts))
        except JournalError:
            self.unannounced |= {draft.open["visit"] for draft in drafts}
            return False
        return True

    def tell(self, *events: Event) -> None:
        self.announced += [
            Announced(event.journal, event.seq, event.digest, event.kind, event.at, event.open, event.personal or {})
            for event in events
        ]
        self._note_mark()

    def close_days(self) -> None:
        with suppress(JournalError):
            self.tell(*self.journal.close_days(self.now().astimezone(ZONE).date()))

    def forget(self, before: date) -> None:
        with suppress(JournalError):
            self.journal.forget_before(before)
            self.forgotten |= {item.digest for item in self.announced if item.at.astimezone(ZONE).date() < before}
            self._note_mark()

    def courier(self) -> Courier:
        return Courier(
            journal=self.journal,
            handdown=self.handdown,
            identity=self.identity,
            sign_key=self.keys.sign,
            now=self.now,
            batch=LINE.batch,
        )

    @property
    def waiting(self) -> int:
        return self.uplink.queue().waiting

    # --- what befalls it ---------------------------------------------------------------------------------------

    @contextmanager
    def busy(self) -> Iterator[None]:
        """Another program holds the file."""
        with closing(sqlite3.connect(self.var / DATABASE, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
            other.execute("ROLLBACK")

    def keep(self) -> None:
        """Take a backup while it runs."""
        copy = self._folder / "copy.db"
        copy.unlink(missing_ok=True)
        with suppress(JournalError):
            backup(self.var / DATABASE, copy, self._opened)
            self.copy = copy

    def put_back(self, *, by_hand: bool) -> None:
        """Put the backup in the journal's place: with the command and everything it saves, or by copying the file."""
        assert self.copy
        self.stop()
        if by_hand:
            self.wounded = self.may_lack = True
            for suffix in ("-wal", "-shm"):
                (self.var / f"{DATABASE}{suffix}").unlink(missing_ok=True)
            shutil.copyfile(self.copy, self.var / DATABASE)
            self.start()
            return
        aside = None
        with suppress(JournalError):
            aside = restore(self.copy, self.var / DATABASE, self._opened, anyway=True).aside
        self.start()
        if aside:
            self.journal.salvage(aside)
            self._note_mark()

    def damage(self, page: int, chance: random.Random) -> None:
        """A page of the journal is lost, as a bad sector loses it."""
        self.wounded = self.may_lack = True
        self.stop()
        path = self.var / DATABASE
        pages = path.stat().st_size // PAGE
        with path.open("r+b") as file:
            file.seek(page % pages * PAGE)
            file.write(bytes(PAGE) if chance.random() < 0.5 else chance.randbytes(PAGE))
        self.start()

    def deliver(self) -> str:
        """Push once; "" when the office has everything, else what hindered it."""
        try:
            self.uplink.push()
        except GatehouseError as error:
            return str(error)
        if self.waiting:
            return f"{self.waiting} wait"
        self.wounded = False
        return ""

    def _opened(self, path: Path, *, writer: bool = False, restored: bool = False) -> Journal:
        return Journal.open(
            path, self.keys.gate, now=self.now, zone=ZONE, gate=self.identity.gate, writer=writer, restored=restored
        )

    def _person(self, number: int) -> dict[str, Any]:
        return PERSON | {"name": f"张{number}丰", "serial": uuid.uuid4().hex}
