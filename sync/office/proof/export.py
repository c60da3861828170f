"""The proof of a gate's day as one file: open parts, seals and signatures, with the script that checks them."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Connection

from kiosk import signet
from kiosk.model import iso
from sync import protocol
from sync.office.days.older import wire_of
from sync.office.entries import day_bounds
from sync.office.errors import NotFound
from sync.office.office import Office
from sync.office.proof import runs
from sync.office.proof.runs import Run
from sync.office.values import Gate

FORMAT = "gatehouse-proof/1"
HERE = Path(__file__).resolve().parent
ENCLOSED = ("verify.py", "README.txt")


def export(office: Office, gate: Gate, day: date, *, who: str) -> bytes:
    """A zip of `proof.json`, `verify.py` and `README.txt`. Raises NotFound when nothing of the day is held."""
    with office.database.read() as tx:
        found = [_journal(tx, run) for run in runs.of_day(tx, gate, day)]
    if not found:
        raise NotFound(f"nothing of {gate.name} on {day} is here")
    office.audit.write(who, "day.proof", gate.id, day.isoformat(), gate.community)
    proof = json.dumps(_proof(office, gate, day, found), ensure_ascii=False, separators=(",", ":"))
    return _zipped({"proof.json": proof.encode(), **{name: (HERE / name).read_bytes() for name in ENCLOSED}})


def _proof(office: Office, gate: Gate, day: date, journals: list[dict[str, Any]]) -> dict[str, Any]:
    begins, ends = day_bounds(day, office.settings.zone)
    heads = [_head(part) for part in journals]
    statement = {"gate": gate.id, "day": day.isoformat(), "made_at": iso(office.now()), "journals": heads}
    return {
        "format": FORMAT,
        "office": {"name": office.settings.name, "public_key": base64.b64encode(office.office_key).decode()},
        "gate": {"id": gate.id, "name": gate.name, "community": gate.community_name},
        "day": day.isoformat(),
        "begins": iso(begins),
        "ends": iso(ends),
        "journals": journals,
        "statement": statement,
        "signature": signet.sign(office.sign_key, statement),
    }


def _journal(tx: Connection, run: Run) -> dict[str, Any]:
    return {
        "journal": run.journal,
        "before": {"seq": run.first - 1, "digest": run.before},
        "events": [_event(row) for row in runs.events(tx, run)],
        "seals": [msgspec.to_builtins(seal) for seal in run.seals],
    }


def _event(row: Any) -> dict[str, Any]:
    wire = wire_of(row)
    said: dict[str, Any] = msgspec.to_builtins(wire)
    return {name: said[name] for name in protocol.WireEvent.__struct_fields__ if name not in ("personal", "salt")}


def _head(part: dict[str, Any]) -> dict[str, Any]:
    before, events = part["before"], part["events"]
    last = events[-1] if events else before
    return {"journal": part["journal"], "first": before["seq"] + 1, "last": last["seq"], "digest": last["digest"]}


def _zipped(files: dict[str, bytes]) -> bytes:
    """The same bytes for the same content."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
