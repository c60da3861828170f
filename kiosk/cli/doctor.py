"""python -m kiosk doctor: what works on this machine, what does not, and what to do about it."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import requests
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from kiosk import provinces
from kiosk.cli.options import CONFIG, AsJson, ConfigPath
from kiosk.config import Lane, Settings, load
from kiosk.errors import GatehouseError
from kiosk.folder import nearest, writable
from kiosk.identity import Identity, Keys
from kiosk.journal import Journal
from kiosk.provinces.lookup import Lookup

MAX_CLOCK_ERROR_S = 300  # what the office still accepts


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. `advice` says what to do when it is not well."""

    what: str
    ok: bool
    state: str
    advice: str = ""


def doctor(config: ConfigPath = CONFIG, as_json: AsJson = False) -> None:
    """Look at libraries, folders, devices, journal and office; exit 1 when something needs mending.

    Example: python -m kiosk doctor --json
    """
    findings = list(examine(load(config)))
    if as_json:
        print(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False, indent=2))
    else:
        _show(findings)
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


def examine(settings: Settings) -> Iterator[Finding]:
    """Every finding, the cheap and basic ones first."""
    var = settings.gate.var
    yield _library("zbar (libzbar0)", _zbar, "sudo apt-get install libzbar0")
    yield _library("OpenCV (libgl1, libglib2.0-0)", _opencv, "sudo apt-get install libgl1 libglib2.0-0")
    yield _folder(var)
    yield _disk(var, settings.gate.disk_warn_mb)
    if any(lane.kind == "camera" for lane in settings.lane):
        yield _reader()
    for lane in settings.lane:
        yield from _devices(lane)
    yield _journal(var)
    yield from _retention(settings)
    yield from _provinces(settings)
    yield from _office(var)


def _provinces(settings: Settings) -> Iterator[Finding]:
    """Whether the provinces that kiosk.toml gives access to can be asked; those without are only recognised."""
    wanted = settings.provinces.access
    for state in Lookup(provinces.load(settings.provinces), settings.provinces).state():
        if state["id"] in wanted:
            lacking = ", ".join(state["missing"])
            advice = f"see docs/provinces.md: still missing: {lacking}" if lacking else ""
            yield Finding(f"province {state['id']}", not lacking, "set up" if not lacking else "not set up", advice)


def _library(what: str, load_it: Callable[[], str], install: str) -> Finding:
    try:
        return Finding(what, True, load_it())
    except (ImportError, OSError) as error:
        return Finding(what, False, str(error).splitlines()[0], install)


def _zbar() -> str:
    from pyzbar import pyzbar

    return f"{len(pyzbar.ZBarSymbol)} symbologies"


def _opencv() -> str:
    import cv2

    return str(cv2.__version__)


def _folder(var: Path) -> Finding:
    ok = writable(nearest(var))
    return Finding("folder for data", ok, str(var), "" if ok else "change its owner or set [gate] var in kiosk.toml")


def _disk(var: Path, least_mb: int) -> Finding:
    free_mb = shutil.disk_usage(nearest(var)).free // 2**20
    ok = free_mb >= least_mb
    return Finding("disk", ok, f"{free_mb} MB free", "" if ok else f"free some: {least_mb} MB are needed")


def _reader() -> Finding:
    """The self-test that every camera lane begins with, in a decode process of its own."""
    from kiosk.devices.care import selftest
    from kiosk.devices.process import Decoder

    with Decoder() as decoder:
        done = selftest.run(decoder)
    if done.ok:
        return Finding("code reader", True, f"read {len(selftest.PROBES)} test pictures and their colours")
    return Finding("code reader", False, "; ".join(done.faults), "scripts/setup installs it anew; by hand works too")


def _devices(lane: Lane) -> Iterator[Finding]:
    if lane.kind == "camera":
        yield _camera(lane)
    for device, written in (("thermometer", lane.thermometer), ("scanner", lane.scanner)):
        if written.startswith("serial:"):
            port = written.removeprefix("serial:").partition("@")[0]
            ok = os.access(port, os.R_OK | os.W_OK)
            advice = "" if ok else "plug it in; the user needs the group dialout"
            yield Finding(f"lane {lane.name}: {device}", ok, port if ok else f"{port} cannot be opened", advice)


def _camera(lane: Lane) -> Finding:
    from kiosk.devices.camera import find_usb, open_camera, shown

    what = f"lane {lane.name}: camera"
    source = find_usb() if lane.camera == "auto" else lane.camera
    if source is None:
        return Finding(what, False, "no USB camera found", "plug one in, or name one in kiosk.toml; by hand works too")
    try:
        open_camera(source).close()
    except GatehouseError as error:
        return Finding(what, False, str(error), "check cable and address; while it runs, the gate may hold it itself")
    return Finding(what, True, shown(source))


def _journal(var: Path) -> Finding:
    path = var / "journal.db"
    if not path.exists():
        return Finding("journal", True, "not begun yet")
    try:
        with Journal.open(path, Keys.load(var).gate, now=lambda: datetime.now(UTC), writer=False) as journal:
            found = journal.verify()
    except GatehouseError as error:
        return Finding("journal", False, str(error), "python -m kiosk journal verify")
    if found.ok:
        return Finding("journal", True, f"{found.seq} events, head {found.digest[:12]}")
    return Finding("journal", False, f"broken at {found.first_bad}: {found.why}", "keep the file, call the office")


def _retention(settings: Settings) -> Iterator[Finding]:
    """The oldest day whose people can be read, and whether its time is over."""
    var, what = settings.gate.var, "retention"
    if not (var / "journal.db").exists():
        return
    try:
        with Journal.open(
            var / "journal.db", Keys.load(var).gate, now=lambda: datetime.now(UTC), zone=settings.zone, writer=False
        ) as journal:
            oldest, newest = journal.readable_from(), next(iter(journal.recent(1, ("journal.forget",))), None)
    except GatehouseError as error:
        yield Finding(what, False, str(error), "python -m kiosk journal verify")
        return
    kept_from = datetime.now(settings.zone).date() - timedelta(days=settings.retention.days)
    late_days = 0 if oldest is None else (kept_from - oldest).days
    destroyed = f"; destroyed before {newest.open.get('before')}" if newest else ""
    state = f"oldest readable day {oldest or 'none'}, kept for {settings.retention.days} days{destroyed}"
    if late_days <= 0:
        yield Finding(what, True, state)
    elif late_days == 1:
        yield Finding(what, True, f"{state}; destruction is due")
    else:
        advice = "start the gate; if it runs: is its clock right, and was it synced within a week?"
        yield Finding(what, False, f"{state}; destruction is {late_days - 1} days overdue", advice)


def _office(var: Path) -> Iterator[Finding]:
    try:
        identity = Identity.load(var)
    except GatehouseError as error:
        yield Finding("office", False, str(error), "then look again")
        return
    if identity is None:
        yield Finding("office", False, "not enrolled", "python -m kiosk enroll URL TOKEN")
        return
    yield Finding("office", True, f"gate {identity.gate} of {identity.community_name}")
    yield from _line(identity)


def _line(identity: Identity) -> Iterator[Finding]:
    try:
        answer = requests.get(f"{identity.office_url}/healthz", timeout=5)
        answer.raise_for_status()
    except requests.RequestException as error:
        yield Finding(
            "line to the office", False, type(error).__name__, f"is {identity.office_url} reachable from here?"
        )
        return
    yield Finding("line to the office", True, identity.office_url)
    if date := answer.headers.get("Date"):
        yield _clock(date)


def _clock(date: str) -> Finding:
    try:
        error_s = (datetime.now(UTC) - parsedate_to_datetime(date)).total_seconds()
    except (ValueError, TypeError):
        return Finding("clock", False, "the office tells no time that can be read", "is that address the office's?")
    ok = abs(error_s) < MAX_CLOCK_ERROR_S
    return Finding("clock", ok, f"{error_s:+.0f} s against the office", "" if ok else "set this machine's clock")


def _show(findings: list[Finding]) -> None:
    table = Table(box=None, pad_edge=False)
    for heading in ("", "looked at", "found", "what to do"):
        table.add_column(heading, overflow="fold")
    for finding in findings:
        mark = "[green]ok[/]" if finding.ok else "[red]!![/]"
        table.add_row(mark, *map(escape, (finding.what, finding.state, finding.advice)))
    Console().print(table)
