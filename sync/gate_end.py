"""A gate's end of the line, put together from its settings: the calls, the sticks, the enrolment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from kiosk import wiping
from kiosk.beginning_anew import wait_until_idle
from kiosk.config import Gate, Settings
from kiosk.handdown import HandDown
from kiosk.identity import Identity, Keys
from kiosk.journal import Journal
from kiosk.keyring import KeyRing
from kiosk.wiring import Wiring
from sync.bell import Bell
from sync.courier import Courier
from sync.enrolling import Enrolling
from sync.mailbox import Mailbox
from sync.schedule import Scheduler
from sync.traffic import Traffic
from sync.uplink import Uplink, Vitals


@dataclass(frozen=True, slots=True)
class GateEnd:
    """What an enrolled gate calls its office with."""

    scheduler: Scheduler
    bell: Bell
    mailbox: Mailbox


def line(
    settings: Settings, keys: Keys, identity: Identity, journal: Journal, handdown: HandDown, wiring: Wiring
) -> GateEnd:
    """Nothing of it runs yet."""
    var = settings.gate.var
    uplink = Uplink(
        journal=journal,
        handdown=handdown,
        identity=identity,
        sign_key=keys.sign,
        settings=settings.sync,
        now=_utc_now,
        keys=KeyRing(keys.sign, var),
        traffic=Traffic(lambda: _utc_now().astimezone(settings.zone).date(), var / "traffic.json"),
    )
    scheduler = Scheduler(
        uplink,
        settings.sync,
        wiring.refresh,
        lambda: Vitals(**wiring.vitals()),
        on_wipe=lambda: wiping.wipe_and_leave(var, _utc_now(), journal),
        zone=settings.zone,
    )
    courier = Courier(journal=journal, handdown=handdown, identity=identity, sign_key=keys.sign, now=_utc_now)
    return GateEnd(scheduler, Bell(var, scheduler), Mailbox(var, courier, wiring.refresh))


def enrolling(gate: Gate, identity: Identity | None, wiring: Wiring, restart: Callable[[], None]) -> Enrolling:
    """`restart` begins the gate anew once it is enrolled and nobody is being served."""

    def finished() -> None:
        wait_until_idle(wiring.idle)
        restart()

    return Enrolling(gate.var, gate.name, identity, finished=finished, changed=wiring.refresh)


def _utc_now() -> datetime:
    return datetime.now(UTC)
