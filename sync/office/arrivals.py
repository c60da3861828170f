"""Parcels that were handed in on a page: taken in by a thread, followed from every worker process.

All that a page needs stands in a small file beside the parcel. A run whose process is gone falls silent and counts as
broken off: handing the parcel in once more is harmless.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import msgspec
import structlog
from msgspec import structs
from uuid_utils import uuid7

from kiosk import logs
from kiosk.errors import GatehouseError
from kiosk.model import from_iso, iso
from sync import parcel
from sync.office.courier import Courier
from sync.office.db.types import is_id
from sync.office.errors import NotFound
from sync.office.office import Office
from sync.office.values import Scope

RUNNING, DONE, FAILED = "running", "done", "failed"
TOLD_EVERY_S = 0.5
SILENT = timedelta(minutes=2)  # a run that has not told for so long is no more
KEPT = timedelta(days=1)  # what came of a parcel

log = structlog.get_logger(__name__)


class Arrival(msgspec.Struct, frozen=True):
    """What has come of a parcel so far: of its `parts` so many were `taken`; `events` were in them, `new` not here."""

    id: str
    who: str
    gate: str
    gate_name: str
    made_at: str
    told_at: str
    parts: int
    state: str = RUNNING
    taken: int = 0
    events: int = 0
    new: int = 0
    troubles: list[str] = []


class Arrivals:
    """Those of one office. It holds nothing open: every process makes its own."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._courier = Courier(office)
        self._folder = office.settings.var / "courier"

    def begin(self, save: Callable[[Path], None], scope: Scope, *, who: str) -> Arrival:
        """Have a parcel saved, looked at, and taken in the background. Raises ParcelError as `Courier.look` does."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._tidy()
        name = str(uuid7())
        path = self._parcel(name)
        try:
            save(path)
            path.chmod(0o600)
            looked, parts = self._courier.look(path, scope), parcel.count(path)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        gate = looked.gate
        arrival = Arrival(name, who, gate.id, gate.name, looked.made_at, iso(self._office.now()), parts)
        self._tell(arrival)
        threading.Thread(target=self._run, args=(arrival,), name="courier", daemon=True).start()
        return arrival

    def get(self, name: str, *, who: str) -> Arrival:
        """Raises NotFound for what somebody else handed in, too."""
        try:
            arrival = msgspec.json.decode(self._said(name).read_bytes() if is_id(name) else b"", type=Arrival)
        except (OSError, ValueError) as error:
            raise NotFound(f"no parcel {name}") from error
        if arrival.who != who:
            raise NotFound(f"no parcel {name}")
        silent = arrival.state == RUNNING and self._office.now() - from_iso(arrival.told_at) > SILENT
        return structs.replace(arrival, state=FAILED) if silent else arrival

    def _run(self, arrival: Arrival) -> None:
        path = self._parcel(arrival.id)
        try:
            done = self._courier.take(path, who=arrival.who, progress=self._progress(arrival))
            end = {"events": done.events, "new": done.new, "troubles": list(done.troubles), "taken": arrival.parts}
            self._tell(structs.replace(arrival, state=DONE, **end))
        except GatehouseError as error:
            log.error("courier", trouble=str(error))
            self._tell(structs.replace(arrival, state=FAILED))
        except Exception as error:
            log.error("courier", fault=logs.origin(error))
            self._tell(structs.replace(arrival, state=FAILED))
        finally:
            path.unlink(missing_ok=True)

    def _progress(self, arrival: Arrival) -> Callable[[int], None]:
        taken, told = 0, time.monotonic()

        def progress(events: int) -> None:
            nonlocal taken, told
            taken += 1
            if time.monotonic() - told >= TOLD_EVERY_S:
                told = time.monotonic()
                self._tell(structs.replace(arrival, taken=taken, events=events, told_at=iso(self._office.now())))

        return progress

    def _tell(self, arrival: Arrival) -> None:
        draft = self._folder / f".{arrival.id}.json"
        draft.write_bytes(msgspec.json.encode(arrival))
        draft.replace(self._said(arrival.id))

    def _parcel(self, name: str) -> Path:
        return self._folder / f"{name}.parcel"

    def _said(self, name: str) -> Path:
        return self._folder / f"{name}.json"

    def _tidy(self) -> None:
        """Remove what is a day old, parcels of a process that is gone among it."""
        for file in self._folder.iterdir():
            with contextlib.suppress(OSError):
                if time.time() - file.stat().st_mtime > KEPT.total_seconds():
                    file.unlink()
