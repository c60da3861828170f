"""What belongs to a lane with a camera: its feed, the reader behind it, and what looks after both."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.camera_lane import CameraLane
from kiosk.codes import parts
from kiosk.config import Camera, Lane
from kiosk.devices.care.watchfulness import Watchfulness
from kiosk.devices.care.zone import Zone
from kiosk.devices.feed import CameraFeed
from kiosk.devices.lookout import Lookout
from kiosk.devices.process import Decoder
from kiosk.devices.sightings import Sightings

if TYPE_CHECKING:
    from kiosk.service import GateService


def equip(service: GateService, lane: Lane, plays: Path | None) -> CameraFeed:
    """Give a lane its camera, or the film that it `plays` instead."""
    feed = CameraFeed(
        _source(lane, plays),
        service.settings.camera,
        loop=plays is not None,
        changed=service.publish_status,
        zone=Zone.of(lane.zone),
    )
    service.cameras[lane.name] = CameraLane(
        lane.name,
        feed,
        _lookout(lane, service.settings.camera, service.is_health),
        service.presenting,
        lambda: datetime.now(UTC),
        demo=service.demo,
        changed=service.publish_status,
    )
    return feed


def _lookout(lane: Lane, camera: Camera, is_health: Callable[[str], bool]) -> Lookout:
    return Lookout(
        Decoder(symbologies=camera.symbologies),
        Sightings(camera.gone_s),
        zone=Zone.of(lane.zone),
        watch=Watchfulness(camera.fps, camera.idle_fps),
        is_health=is_health,
        one_card=parts.one_card,
    )


def _source(lane: Lane, plays: Path | None) -> Callable[[], int | str]:
    """Where the lane's pictures come from; "auto" looks for a USB camera at each opening, since its number changes."""
    return lambda: str(plays) if plays is not None else lane.camera
