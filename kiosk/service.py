"""The composition root of a gate: the only place that chooses real or scripted parts and wires them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from kiosk import codes, health, provinces, status, wiping
from kiosk.apart import SetApart
from kiosk.beginning_anew import leave
from kiosk.checkpoint import Checkpoint, LaneTimes
from kiosk.codes.provincial import Province
from kiosk.codes.registry import UNKNOWN
from kiosk.config import Lane, Settings
from kiosk.disk import MB
from kiosk.equipment import equip, utc_now
from kiosk.erasing import Erasing
from kiosk.errors import ConfigError, GatehouseError, PolicyError
from kiosk.folder import prepare
from kiosk.handdown import HandDown
from kiosk.handheld_lane import ScannerLane
from kiosk.housekeeping import Housekeeper
from kiosk.hub import Hub
from kiosk.identity import Identity, Keys, tidy
from kiosk.inforce import InForce
from kiosk.journal import Journal
from kiosk.journal_past import JournalPast
from kiosk.lanes import Presenting, ThermometerLane
from kiosk.looking_back import LookingBack
from kiosk.lookups import Lookups
from kiosk.model import Draft, LaneInfo
from kiosk.provinces.lookup import Lookup
from kiosk.screening import Policy
from kiosk.screening import policy as policies
from kiosk.staff import Staff
from kiosk.summons import Summons
from kiosk.wiring import Wiring
from sync import gate_end
from sync.bell import Bell
from sync.enrolling import Enrolling
from sync.mailbox import Mailbox
from sync.schedule import Scheduler

if TYPE_CHECKING:
    from kiosk.camera_lane import CameraLane

log = structlog.get_logger(__name__)


@dataclass
class GateService:
    """A gate at work. Screens read it, lanes drive it; `start` and `stop` move everything that has a thread."""

    settings: Settings
    demo: bool
    identity: Identity | None
    journal: Journal
    handdown: HandDown
    staff: Staff
    hub: Hub
    inforce: InForce
    checkpoint: Checkpoint
    lookup: Lookup
    lookups: Lookups
    summons: Summons
    scheduler: Scheduler | None
    bell: Bell | None
    mailbox: Mailbox | None
    housekeeper: Housekeeper
    looking_back: LookingBack
    erasing: Erasing
    enrolling: Enrolling
    cameras: dict[str, CameraLane] = field(default_factory=dict)
    thermometers: dict[str, ThermometerLane] = field(default_factory=dict)
    scanners: dict[str, ScannerLane] = field(default_factory=dict)

    @property
    def lanes(self) -> tuple[LaneInfo, ...]:
        return tuple(_info(lane) for lane in self.settings.lane)

    @property
    def presenting(self) -> Presenting:
        """The checkpoint, for lanes: enrolment codes are kept from it."""
        return SetApart(self.checkpoint, self.enrolling)

    def start(self) -> None:
        for part in self._parts():
            part.start()
        log.info("gate", state="started", lanes=len(self.settings.lane), demo=self.demo)

    def stop(self) -> None:
        self.hub.close()
        for part in reversed(self._parts()):
            part.stop()
        self.journal.close()
        self.staff.close()
        log.info("gate", state="stopped")

    def status(self) -> dict[str, Any]:
        return status.of(self, utc_now())

    def health(self) -> dict[str, Any]:
        """The status with figures of every device, for the health page."""
        return health.of(self, utc_now())

    def recent(self, limit: int = 20) -> list[dict[str, Any]]:
        """The newest passages and broken-off visits, masked."""
        return status.recent(self, limit)

    def notices(self) -> list[dict[str, Any]]:
        return [dict(item) for item in self.inforce.notices(utc_now())]

    def jpeg(self, lane: str, max_width: int = 960) -> bytes | None:
        """The newest picture of a camera lane, for aiming."""
        camera = self.cameras.get(lane)
        return camera.feed.jpeg(max_width) if camera else None

    def is_health(self, text: str) -> bool:
        """Whether a code's text is one that is read here, and not a poster's."""
        return codes.read(text, self.inforce(utc_now()).reading).scheme != UNKNOWN

    def sync_now(self) -> None:
        """Somebody at a screen wants it; what became of it stands in the status."""
        if self.scheduler:
            self.scheduler.sync_now()

    def set_inside(self, inside: int, why: str, staff: str = "") -> None:
        """Correct how many are inside, with the reason (row G8). Raises JournalError."""
        self.housekeeper.set_inside(inside, why, staff)
        self.publish_status()

    def summon(self, lane: str, why: str) -> None:
        self.summons.call(lane, why, utc_now())

    def dismiss(self, lane: str) -> None:
        self.summons.dismiss(lane)

    def signed_on(self, staff_id: str, name: str, *, on: bool) -> None:
        """Write a change of shift into the journal (row G14)."""
        open_part = {"gate": self._gate_id(), "staff": staff_id}
        self.journal.append(Draft("shift.on" if on else "shift.off", utc_now(), open_part, {"name": name}))
        self.publish_status()

    def publish_status(self) -> None:
        self.hub.publish("status", self.status())

    def _gate_id(self) -> str:
        return self.identity.gate if self.identity else ""

    def _parts(self) -> list[Any]:
        scheduler = [part for part in (self.scheduler, self.mailbox, self.bell) if part]
        devices = [*self.cameras.values(), *self.thermometers.values(), *self.scanners.values()]
        return [self.enrolling, self.housekeeper, self.lookups, self.looking_back, self.erasing, *scheduler, *devices]


def build(settings: Settings, *, demo: bool = False, restart: Callable[[], None] = leave) -> GateService:
    """A gate from its settings; nothing runs yet. `restart` begins it anew once it is enrolled.

    Raises GatehouseError for what cannot be opened.
    """
    var, own_policy = settings.gate.var, _own_policy(settings)
    prepare(var)
    wiping.resume(var)
    tidy(var)
    keys, identity, hub = _keys(var), Identity.load(var), Hub()
    gate = identity.gate if identity else ""
    journal = _journal(settings, keys, gate)
    handdown = HandDown(
        var / "handdown", identity.office_key if identity else None, identity.community if identity else None
    )
    known_provinces = provinces.load(settings.provinces, demo=demo)
    inforce = _in_force(settings, own_policy, identity, handdown, journal, known_provinces, demo=demo)
    wiring = Wiring(hub)
    staff, lookup = Staff.open(var / "gate.db"), Lookup(known_provinces, settings.provinces, demo=demo)
    lookups = Lookups(lookup)
    checkpoint = _checkpoint(settings, gate, journal, inforce, staff, wiring, lookups)
    checkpoint.resume()
    line = gate_end.line(settings, keys, identity, journal, handdown, wiring) if identity else None
    service = GateService(
        settings=settings,
        demo=demo,
        identity=identity,
        journal=journal,
        handdown=handdown,
        staff=staff,
        hub=hub,
        inforce=inforce,
        checkpoint=checkpoint,
        lookup=lookup,
        lookups=lookups,
        summons=Summons(hub, frozenset(lane.name for lane in settings.lane if lane.alone)),
        scheduler=line.scheduler if line else None,
        bell=line.bell if line else None,
        mailbox=line.mailbox if line else None,
        housekeeper=Housekeeper(checkpoint, journal, settings, wiring.refresh, gate, wiring.recorded),
        erasing=Erasing(journal, handdown, wiring.refresh),
        looking_back=LookingBack(journal, inforce.versioned_lists, wiring.recorded, gate=gate, zone=settings.zone),
        enrolling=gate_end.enrolling(settings.gate, identity, wiring, restart),
    )
    wiring.service = service
    for lane in settings.lane:
        equip(service, lane)
    return service


def _journal(settings: Settings, keys: Keys, gate: str) -> Journal:
    return Journal.open(
        settings.gate.var / "journal.db",
        keys.gate,
        now=utc_now,
        zone=settings.zone,
        gate=gate,
        heal=True,
        least_free=settings.gate.disk_stop_mb * MB,
    )


def _in_force(
    settings: Settings,
    own_policy: Policy,
    identity: Identity | None,
    handdown: HandDown,
    journal: Journal,
    known_provinces: tuple[Province, ...],
    *,
    demo: bool,
) -> InForce:
    return InForce(
        handdown,
        own_policy,
        identity.token_key if identity else None,
        demo=demo,
        past=JournalPast(journal, settings.zone),
        zone=settings.zone,
        gate=identity.gate if identity else "",
        provinces=known_provinces,
    )


def _checkpoint(
    settings: Settings,
    gate: str,
    journal: Journal,
    inforce: InForce,
    staff: Staff,
    wiring: Wiring,
    lookups: Lookups,
) -> Checkpoint:
    return Checkpoint(
        {_info(lane): _times(lane) for lane in settings.lane},
        gate=gate,
        journal=journal,
        rules=inforce,
        now=utc_now,
        on_duty=lambda: _on_duty(staff),
        announce=wiring.announce,
        online=lookups,
    )


def _keys(var: Path) -> Keys:
    """The gate's keys, made at its first start only: a journal whose key is lost must not get another one."""
    return Keys.load(var) if (var / "journal.db").exists() else Keys.load_or_create(var)


def _on_duty(staff: Staff) -> str:
    """Who is on duty (row G14); nobody where that cannot be read, since a passage has to be recorded all the same."""
    try:
        volunteer = staff.on_duty()
    except GatehouseError as error:
        log.error("staff", trouble=str(error))
        return ""
    return volunteer.id if volunteer else ""


def _own_policy(settings: Settings) -> Policy:
    path = settings.gate.policy
    if path is None:
        return policies.default()
    try:
        return policies.from_toml(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, PolicyError) as error:
        problems = error.problems if isinstance(error, PolicyError) else [str(error)]
        raise ConfigError([f"kiosk.toml: [gate] policy: {path}: {problem}" for problem in problems]) from error


def _info(lane: Lane) -> LaneInfo:
    return LaneInfo(lane.name, lane.kind, lane.direction, lane.alone)


def _times(lane: Lane) -> LaneTimes:
    return LaneTimes(*(timedelta(seconds=s) for s in (lane.answer_timeout_s, lane.measure_timeout_s, lane.show_s)))
