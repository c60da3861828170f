"""kiosk.toml and the environment → frozen Settings, read once and strictly.

The environment wins over the file: GATEHOUSE_SYNC__INTERVAL_S=30 sets `[sync] interval_s`.
"""

from __future__ import annotations

import tomllib
from datetime import time, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from kiosk.calling.settings import Sync as Sync
from kiosk.devices.care.zone import Zone
from kiosk.errors import ConfigError
from kiosk.model import Direction

Seconds = Annotated[float, Field(gt=0, le=86_400)]


def _word_or_number(*words: str) -> BeforeValidator:
    """One of some words, or a number that is not negative."""

    def known(value: Any) -> str | float:
        if value in words:
            return str(value)
        try:
            number = float(value)
        except (TypeError, ValueError):
            number = -1.0
        if not 0 <= number <= 1e6:
            raise ValueError(f"{', '.join(words)} or a number")
        return number

    return BeforeValidator(known)


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Gate(_Table):
    """[gate]: this entrance and where it keeps its things."""

    name: str = Field(min_length=1, max_length=60)
    var: Path = Path("var")
    timezone: str = "Asia/Shanghai"
    reset_inside_at: time | None = None  # local time at which the day begins with nobody inside
    disk_warn_mb: Annotated[int, Field(ge=2, le=1_000_000)] = 500  # less room than this is told, and caches are dropped
    disk_stop_mb: Annotated[int, Field(ge=1, le=1_000_000)] = 20  # with less, nothing is recorded and nobody admitted
    policy: Path | None = None  # used until the office hands a policy down; the shipped default when unset

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"unknown time zone {name!r}, for example Asia/Shanghai") from error
        return name

    @field_validator("disk_stop_mb")
    @classmethod
    def _after_the_warning(cls, stop_mb: int, info: ValidationInfo) -> int:
        if stop_mb >= info.data.get("disk_warn_mb", stop_mb + 1):
            raise ValueError("must be less than disk_warn_mb")
        return stop_mb


class Web(_Table):
    """[web]: where the gate's screens listen."""

    listen: str = Field("127.0.0.1:8600", pattern=r"^[^\s:]+:\d{1,5}$")
    tls: Literal["off", "self"] = "off"  # self: the gate issues its own certificate (tablets need it for the camera)
    names: tuple[str, ...] = ()  # further host names and addresses for that certificate


class Lane(_Table):
    """[[lane]]: one line of people and the devices along it."""

    name: str = Field(min_length=1, max_length=20, pattern=r"^[\w-]+$")
    kind: Literal["camera", "tablet", "scanner"] = "camera"
    direction: Direction = Direction.IN
    camera: int | str = "auto"  # auto, a USB index, rtsp://…, a film, a folder of pictures
    zone: tuple[float, float, float, float] = (0, 0, 1, 1)  # where codes are read: x, y, width, height as shares
    thermometer_grade: Literal["screening", "clinical"] = "screening"  # a high reading of the first is confirmed
    thermometer: str = "none"  # none, serial:/dev/ttyUSB0[@9600], film (only with a film as camera)
    scanner: str = "keyboard"  # keyboard (types into the screen, nothing to open), serial:/dev/ttyACM0[@9600]
    scanner_prefix: str = Field("", max_length=8)  # what the scanner sends before a text, of either kind
    scanner_suffix: str = Field("\r", max_length=8)  # and after it: "\r" is Enter or a line end, "" a pause
    check_in: bool = False  # of kind scanner: residents check in alone at a screen beside it; at a tablet always
    answer_timeout_s: Seconds = 90
    measure_timeout_s: Seconds = 45
    show_s: Seconds = 8  # how long a verdict stays before the lane looks idle again

    @field_validator("zone")
    @classmethod
    def _in_the_picture(cls, shares: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
        Zone.of(shares)
        return shares

    @field_validator("check_in")
    @classmethod
    def _with_a_scanner(cls, check_in: bool, info: ValidationInfo) -> bool:
        if check_in and info.data.get("kind") == "camera":
            raise ValueError('only with kind = "scanner"')
        return check_in

    @property
    def alone(self) -> bool:
        """Whether residents check in by themselves, at a screen."""
        return self.check_in or self.kind == "tablet"


class Camera(_Table):
    """[camera]: what is asked of every camera."""

    width: int = Field(1280, ge=160, le=7680)
    height: int = Field(720, ge=120, le=4320)
    fps: float = Field(15, gt=0, le=60)
    stall_s: Seconds = 3  # no frame for so long: reported and reopened
    reopen_s: Seconds = 2
    gone_s: Seconds = 1.5  # a symbol out of view for so long is a new presentation when it comes back
    idle_fps: float = Field(4, ge=3, le=60)  # looks a second while nothing moves
    frozen_s: Seconds = 10  # the very same picture for so long: reported, opened again
    exposure: Annotated[str | float, _word_or_number("auto", "code")] = "code"  # milliseconds where it is a number
    focus: Annotated[str | float, _word_or_number("auto", "code")] = "auto"  # else the driver's number
    gain: Annotated[str | float, _word_or_number("auto")] = "auto"
    mains_hz: Literal[0, 50, 60] = 50  # what lamps flicker with; 0: do not touch
    symbologies: tuple[Literal["qr", "micro-qr", "aztec", "data-matrix"], ...] = Field(("qr",), min_length=1)


class Verifier(_Table):
    """[provinces.verifier]: who checks codes here; some provinces ask."""

    position: str = Field("", max_length=100)
    department: str = Field("", max_length=60)
    name: str = Field("", max_length=60)
    phone: str = Field("", max_length=30)


class Access(_Table):
    """[provinces.access.<id>]: what a province's contract gave. Its secret comes from the environment."""

    endpoint: str = Field("", max_length=300, pattern=r"^(https?://[^\s{}@#]+)?$")
    app: str = Field("", max_length=100)


class Provinces(_Table):
    """[provinces]: which provincial codes are known here, and how their servers are asked."""

    enabled: tuple[str, ...] = ("bamin", "sukang", "suishen")  # shipped ones, or files in `folder`
    folder: Path | None = None  # further provinces, one file each: <id>.toml
    timeout_s: Annotated[float, Field(ge=2, le=30)] = 15  # from the question to the answer, all in all
    cache_s: Annotated[float, Field(ge=0, le=3600)] = 60  # no answer is used again after so long
    failures: Annotated[int, Field(ge=1, le=100)] = 3  # so many in a row, and a server is left alone
    retry_s: Seconds = 30  # for so long
    verifier: Verifier = Verifier()
    access: dict[str, Access] = Field(default_factory=dict)


class Retention(_Table):
    """[retention]: after so many days the personal parts become unreadable for ever."""

    days: Annotated[int, Field(ge=1, le=3650)] = 30


class Settings(BaseSettings):
    """Everything kiosk.toml says."""

    model_config = SettingsConfigDict(env_prefix="GATEHOUSE_", env_nested_delimiter="__", extra="forbid", frozen=True)

    gate: Gate
    web: Web = Web()
    lane: tuple[Lane, ...] = (Lane(name="1"),)
    camera: Camera = Camera()
    sync: Sync = Sync()
    retention: Retention = Retention()
    provinces: Provinces = Provinces()

    @model_validator(mode="after")
    def _lanes_differ(self) -> Settings:
        names = [lane.name for lane in self.lane]
        if not names:
            raise ValueError("at least one [[lane]] is needed")
        if doubled := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"lane names must differ: {', '.join(doubled)}")
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the signature is pydantic-settings' own
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (env_settings, init_settings)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.gate.timezone)

    @property
    def retention_time(self) -> timedelta:
        return timedelta(days=self.retention.days)


def load(path: Path = Path("kiosk.toml")) -> Settings:
    """The settings in `path`; relative paths in it are taken from where it lies.

    Raises ConfigError that names every problem at once: `kiosk.toml: [gate] unknown 'camra'; missing 'name'`.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConfigError([f"{path}: not found; name another with --config"]) from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError([f"{path}: cannot be read: {error}"]) from error
    try:
        settings = Settings(**table)
    except ValidationError as error:
        raise ConfigError([f"{path.name}: {_problem(item)}" for item in error.errors()]) from error
    return _placed(settings, path.resolve().parent)


def _placed(settings: Settings, folder: Path) -> Settings:
    """The settings with every relative path taken from `folder`, wherever the command was started."""
    gate = settings.gate
    places = {"var": folder / gate.var, "policy": gate.policy and folder / gate.policy}
    lanes = tuple(lane.model_copy(update={"camera": _camera(lane.camera, folder)}) for lane in settings.lane)
    further = settings.provinces.folder
    provinces = settings.provinces.model_copy(update={"folder": further and folder / further})
    parts = {"gate": gate.model_copy(update=places), "lane": lanes, "provinces": provinces}
    return settings.model_copy(update=parts)


def _camera(source: int | str, folder: Path) -> int | str:
    """A film or a folder of pictures by its whole path; everything else as it stands."""
    if isinstance(source, int) or source == "auto" or source.isdecimal() or "://" in source:
        return source
    return str(folder / source)


def _problem(item: Any) -> str:
    """One pydantic error in the words of the file: the table, the key, what is wrong, what stood there."""
    *tables, key = item["loc"] or ("",)
    if isinstance(key, int) and tables:  # one of a list
        key = tables.pop()
    where = "".join(f"[{part}] " if isinstance(part, str) else f"#{part + 1} " for part in tables)
    match item["type"]:
        case "extra_forbidden":
            return f"{where}unknown {key!r}"
        case "missing":
            return f"{where}missing {key!r}"
        case _:
            given = f" (given: {item['input']!r})" if not isinstance(item["input"], dict | list) else ""
            return f"{where}{key}: {item['msg'].removeprefix('Value error, ')}{given}"
