"""What the console's status bar and the recent list show: plain values, masked."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

import structlog

from kiosk.devices.care.troubles import WORDS, Trouble
from kiosk.devices.care.zone import WHOLE, Zone
from kiosk.disk import Room
from kiosk.errors import JournalError
from kiosk.model import Event, Saying, iso, mask_name, mask_number

if TYPE_CHECKING:
    from kiosk.camera_lane import CameraLane
    from kiosk.service import GateService

log = structlog.get_logger(__name__)

Known = TypeVar("Known")

SEVERAL = Saying("请一次出示一个码", "One code at a time please")
NOT_PROVEN = Saying(
    "识读自检未通过，请用扫码枪或手工登记", "The reader failed its self-test: use a scanner or register by hand"
)
NOT_ENROLLED = {"waiting": 0, "last_synced_at": None, "trouble": None, "office": None}


def of(service: GateService, now: datetime) -> dict[str, Any]:
    """One picture of the gate's health, cheap enough to make at every change."""
    identity = service.identity
    return {
        "gate": service.settings.gate.name,
        "community": identity.community_name if identity else "",
        "demo": service.demo,
        "enrolled": identity is not None,
        "time": iso(now),
        "footing": service.inforce.footing(now).value,
        "policy": service.inforce.policy(now).name,
        "handdown_trouble": _handdown_trouble(service),
        "recording": recording(service.housekeeper.trouble),
        "disk": _disk(service.housekeeper.room),
        "sync": service.scheduler.state() if service.scheduler else NOT_ENROLLED | _waiting(service),
        "clock_offset_ms": service.journal.offset_ms,
        "inside": _read(lambda: service.journal.inside(), None),
        "place": _place(service),
        "lanes": [_lane(service, info.name, info.kind) for info in service.lanes],
        "summons": service.summons.open(),
    }


def _place(service: GateService) -> dict[str, Any] | None:
    """The place behind this gate with its limit; None where the office names none."""
    place = service.inforce.lists.places.of_gate(service.identity.gate) if service.identity else None
    return {"name": place.name, "limit": place.limit} if place else None


def vitals(service: GateService) -> dict[str, Any]:
    """What a heartbeat tells the office: the worst state of all lanes' devices, and the room on the disk."""
    lanes = [_lane(service, info.name, info.kind) for info in service.lanes]
    return {
        "camera": _worst([lane["camera"] for lane in lanes], ("missing", "stalled", "frozen", "ended", "ok")),
        "thermometer": _worst([lane["thermometer"] for lane in lanes], ("missing", "silent", "ok")),
        "disk_free_mb": shutil.disk_usage(service.settings.gate.var).free // 2**20,
    }


def recording(trouble: str | None) -> dict[str, Any]:
    """Whether passages can be recorded; when not, nobody is admitted."""
    if trouble is None:
        return {"ok": True, "zh": "", "en": ""}
    return {"ok": False, "zh": "不能记录，禁止放行", "en": f"Nothing can be recorded: admit nobody ({trouble})"}


def _disk(room: Room) -> dict[str, Any]:
    """`level` is ok, low or full."""
    return {"level": room.level, "zh": room.zh, "en": room.en}


def recent(service: GateService, limit: int) -> list[dict[str, Any]]:
    """The newest passages and broken-off visits, masked."""
    events: list[Event] = _read(lambda: service.journal.recent(limit, ("passage", "visit.abandoned")), [])
    changes: list[Event] = _read(lambda: service.journal.recent(10 * limit, ("override",)), [])
    overrides = {event.open.get("visit"): event for event in reversed(changes)}
    return [row(event, overrides.get(event.open.get("visit"))) for event in events]


def row(event: Event, override: Event | None = None) -> dict[str, Any]:
    """One line of the recent list; `was` is the policy's verdict, where `override` changed it."""
    person: Mapping[str, Any] = event.personal or {}
    return {
        "seq": event.seq,
        "at": iso(event.at),
        "kind": event.kind,
        "lane": event.open.get("lane"),
        "direction": event.open.get("direction"),
        "method": event.open.get("method"),
        "visit": event.open.get("visit"),
        "verdict": override.open.get("to") if override else event.open.get("verdict"),
        "was": event.open.get("verdict") if override else None,
        "why": event.open.get("why", ""),
        "name": _shown_name(person),
        "celsius": event.open.get("celsius"),
        "reasons": event.open.get("reasons", []),
        "demo": event.open.get("demo", False),
        "staff": event.open.get("staff", ""),
    }


def _shown_name(person: Mapping[str, Any]) -> str:
    name, *numbers = (str(person.get(key, "")) for key in ("name", "phone", "pass_number"))
    return mask_name(name) or next((mask_number(number) for number in numbers if number), "")


def _worst(states: list[str], ranked: tuple[str, ...]) -> str:
    return next((state for state in ranked if state in states), "none")


def _handdown_trouble(service: GateService) -> dict[str, str]:
    """What is wrong with what the office handed down, by section; `bundle` is the whole of it."""
    damaged = {"bundle": service.handdown.trouble} if service.handdown.trouble else {}
    return damaged | service.inforce.trouble


def _waiting(service: GateService) -> dict[str, Any]:
    journal = service.journal
    return {"waiting": _read(lambda: sum(journal.outbox(life).waiting for life in journal.journals()), 0)}


def _read(ask: Callable[[], Known], otherwise: Known) -> Known:
    """What the journal says; a journal that cannot be read must not keep the screens from saying so."""
    try:
        return ask()
    except JournalError as error:
        log.error("journal", trouble=str(error))
        return otherwise


def _lane(service: GateService, name: str, kind: str) -> dict[str, Any]:
    camera, thermometer = service.cameras.get(name), service.thermometers.get(name)
    scanner = service.scanners.get(name)
    return {
        "name": name,
        "kind": kind,
        "camera": camera.feed.state if camera else "none",
        "thermometer": thermometer.state if thermometer else "none",
        "scanner": scanner.state if scanner else "none",
        "dropped": camera.lookout.decoder.dropped if camera else 0,
        "warnings": _warnings(camera) if camera else [],
        "hint": _notice(service, name) or (_hint(camera) if camera else None),
        "zone": _zone(camera.lookout.zone) if camera else None,
        "selftest": _selftest(camera) if camera else "none",
    }


def _warnings(camera: CameraLane) -> list[dict[str, str]]:
    """What is wrong with a lane's eye, the worst first, in the order of `Trouble`."""
    found = [{"id": "selftest"} | _words(NOT_PROVEN)] if _selftest(camera) == "failed" else []
    if camera.feed.state not in ("ok", "frozen"):  # a covered lens may look frozen: then why is worth knowing
        return found
    troubles = sorted(camera.lookout.condition.troubles, key=list(Trouble).index)
    return found + [{"id": trouble.value} | _words(WORDS[trouble]) for trouble in troubles]


def _hint(camera: CameraLane) -> dict[str, Any] | None:
    """What to ask of whoever stands there; `times` counts the occasions: a screen makes a sound once for each."""
    if camera.feed.state != "ok" or not camera.lookout.condition.several:
        return None
    return _words(SEVERAL) | {"times": camera.asked}


def _notice(service: GateService, lane: str) -> dict[str, Any] | None:
    """What a lane says of an enrolment code that it was shown."""
    notice = service.enrolling.notice(lane)
    return _words(notice[0]) | {"times": f"code-{notice[1]}"} if notice else None


def _selftest(camera: CameraLane) -> str:
    """pending, ok or failed."""
    if camera.selftest is None:
        return "pending"
    return "ok" if camera.selftest.ok else "failed"


def _zone(zone: Zone) -> list[float] | None:
    """x, y, width, height as shares of the picture; None for all of it."""
    return None if zone == WHOLE else [zone.x, zone.y, zone.width, zone.height]


def _words(say: Saying) -> dict[str, str]:
    return {"zh": say.zh, "en": say.en}
