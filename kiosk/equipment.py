"""A lane's devices, chosen from kiosk.toml: real ones, or the bundled film in a demonstration."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk import film
from kiosk.config import Lane
from kiosk.devices.handheld import ScanFrames, SerialScanner
from kiosk.devices.thermometer import ScriptedThermometer, SerialThermometer, Thermometer
from kiosk.errors import ConfigError
from kiosk.handheld_lane import ScannerLane
from kiosk.lanes import ThermometerLane

if TYPE_CHECKING:
    from kiosk.devices.feed import CameraFeed
    from kiosk.service import GateService


def utc_now() -> datetime:
    return datetime.now(UTC)


def equip(service: GateService, lane: Lane) -> None:
    """Give a lane its devices: real ones, or the bundled film in a demo."""
    plays = film.bundled() if service.demo and lane.kind == "camera" and lane.camera == "auto" else None
    changed = service.publish_status
    feed = _feed(service, lane, plays) if lane.kind == "camera" else None
    if thermometer := _thermometer(lane, plays, feed):
        service.thermometers[lane.name] = ThermometerLane(
            lane.name,
            thermometer,
            service.checkpoint,
            changed,
            grade="clinical" if plays else lane.thermometer_grade,  # nobody takes a second reading in the bundled film
        )
    if scanner := _scanner(lane):
        service.scanners[lane.name] = ScannerLane(
            lane.name, scanner, service.presenting, utc_now, changed, demo=service.demo
        )


def _feed(service: GateService, lane: Lane, plays: Path | None) -> CameraFeed:
    from kiosk import camera_equipment  # brings OpenCV along; a gate without a camera is a third smaller

    return camera_equipment.equip(service, lane, plays)


def _thermometer(lane: Lane, plays: Path | None, feed: CameraFeed | None) -> Thermometer | None:
    kind, _, rest = lane.thermometer.partition(":")
    if plays is not None or kind == "film":
        film_path = plays or lane.camera
        if feed is None or not isinstance(film_path, str | Path):
            raise _wrong(lane, "thermometer film needs a film as camera")
        return ScriptedThermometer(film.Timeline.beside(film_path).celsius_at, feed.position, utc_now)
    match kind:
        case "none":
            return None
        case "serial":
            return SerialThermometer(*_port(lane, "thermometer", rest), utc_now)
        case _:
            raise _wrong(lane, f"unknown thermometer {lane.thermometer!r}: none, serial:PORT or film")


def _scanner(lane: Lane) -> SerialScanner | None:
    kind, _, rest = lane.scanner.partition(":")
    if lane.scanner == "keyboard":
        return None
    if kind != "serial":
        raise _wrong(lane, f"unknown scanner {lane.scanner!r}: keyboard or serial:PORT")
    return SerialScanner(*_port(lane, "scanner", rest), ScanFrames(lane.scanner_prefix, lane.scanner_suffix))


def _port(lane: Lane, device: str, written: str) -> tuple[str, int]:
    """`/dev/ttyUSB0@9600` as port and speed; 9600 baud where none is written."""
    port, _, baud = written.partition("@")
    if not port or not (baud or "9600").isdecimal():
        raise _wrong(lane, f"{device} 'serial:{written}': write it as serial:/dev/ttyUSB0@9600")
    return port, int(baud or 9600)


def _wrong(lane: Lane, what: str) -> ConfigError:
    return ConfigError([f"kiosk.toml: [lane] {lane.name}: {what}"])
