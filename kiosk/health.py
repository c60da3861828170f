"""What the health page shows: each lane's eye in figures, and what a gate lives on. Plain values, no person in them."""

from __future__ import annotations

import shutil
import time
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from kiosk import status
from kiosk.disk import MB
from kiosk.errors import JournalError
from kiosk.model import iso

if TYPE_CHECKING:
    from kiosk.camera_lane import CameraLane
    from kiosk.lanes import ThermometerLane
    from kiosk.service import GateService


def of(service: GateService, now: datetime) -> dict[str, Any]:
    """The gate's status with each lane's figures (`eye`, `heat`), the journal's head and the room on the disk."""
    known = status.of(service, now)
    lanes = [
        lane | {"eye": _eye(service.cameras.get(lane["name"])), "heat": _heat(service.thermometers.get(lane["name"]))}
        for lane in known["lanes"]
    ]
    return known | {"lanes": lanes, "journal": _journal(service), "disk": known["disk"] | _disk(service)}


def _eye(camera: CameraLane | None) -> dict[str, Any] | None:
    """How a camera lane's reader is doing; None for a lane without a camera."""
    if camera is None:
        return None
    controls, proof = camera.feed.controls, camera.selftest
    return asdict(camera.lookout.tally.figures(time.monotonic())) | {
        "trouble": camera.feed.trouble,
        "awake": camera.lookout.watch.awake,
        "controls": [asdict(control) for control in controls.report] if controls else None,
        "selftest_ms": round(proof.ms) if proof else None,
        "selftest_faults": list(proof.faults) if proof else [],
    }


def _heat(thermometer: ThermometerLane | None) -> dict[str, Any] | None:
    """The last temperature a lane's thermometer took; None for a lane without one."""
    if thermometer is None:
        return None
    last = thermometer.last
    return {"device": last.device, "at": iso(last.taken_at)} if last else {"device": "", "at": None}


def _journal(service: GateService) -> dict[str, Any]:
    try:
        head = service.journal.head()
    except JournalError:
        return {"seq": None, "digest": ""}
    return {"seq": head.seq, "digest": head.digest[:12]}


def _disk(service: GateService) -> dict[str, Any]:
    usage = shutil.disk_usage(service.settings.gate.var)
    enough = usage.free >= service.settings.gate.disk_warn_mb * MB
    return {"free_gb": round(usage.free / 2**30, 1), "enough": enough}
