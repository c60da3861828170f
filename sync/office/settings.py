"""Where the office keeps its things and where it listens: the environment, then the command line."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from kiosk.errors import ConfigError

LISTEN = re.compile(r"^[^\s:]+:(\d{1,5})$")
PREFIX = "GATEHOUSE_OFFICE_"
MOST_DAYS = 3650


@dataclass(frozen=True, slots=True)
class OfficeSettings:
    """`url` is a database as SQLAlchemy names it; `var` holds the keys (and the default SQLite file)."""

    url: str
    var: Path
    listen: str = "127.0.0.1:8700"
    name: str = "街道办"
    timezone: str = "Asia/Shanghai"  # whose midnight begins a day of the entry log
    retention_days: int = 30  # for so long after a day its people can be read
    two_people: bool = True  # a policy is approved by somebody else than whoever submitted it

    def __post_init__(self) -> None:
        problems = []
        if not (match := LISTEN.match(self.listen)) or int(match[1]) > 65_535:
            problems.append(f"office: listen must be host:port, for example 127.0.0.1:8700 (given: {self.listen!r})")
        if not self.name.strip():
            problems.append("office: the name of the street office is empty")
        try:
            ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError):
            problems.append(f"office: unknown time zone {self.timezone!r}, for example Asia/Shanghai")
        if not 1 <= self.retention_days <= MOST_DAYS:
            problems.append(f"office: retention is from 1 to {MOST_DAYS} days, not {self.retention_days}")
        if problems:
            raise ConfigError(problems)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def host(self) -> str:
        return self.listen.rpartition(":")[0]

    @property
    def port(self) -> int:
        return int(self.listen.rpartition(":")[2])


def load(environ: Mapping[str, str] = os.environ, **options: str | Path | None) -> OfficeSettings:
    """Settings from GATEHOUSE_OFFICE_URL, _VAR, _LISTEN, _NAME, _TIMEZONE, _RETENTION_DAYS and _TWO_PEOPLE; given
    options win.

    Raises ConfigError that names every problem at once.
    """
    known = ("url", "var", "listen", "name", "timezone")
    given = {key: environ[PREFIX + key.upper()] for key in known if environ.get(PREFIX + key.upper())}
    given |= {key: str(value) for key, value in options.items() if value is not None}
    two_people = _yes_no("GATEHOUSE_OFFICE_TWO_PEOPLE", environ.get(f"{PREFIX}TWO_PEOPLE") or "yes")
    days = _number(f"{PREFIX}RETENTION_DAYS", environ.get(f"{PREFIX}RETENTION_DAYS") or "30")
    var = Path(given.pop("var", "var/office")).resolve()
    url = given.pop("url", f"sqlite:///{var / 'office.db'}")
    return OfficeSettings(url=url, var=var, two_people=two_people, retention_days=days, **given)


def _yes_no(name: str, text: str) -> bool:
    if text not in ("yes", "no"):
        raise ConfigError([f"{name} must be yes or no, not {text!r}"])
    return text == "yes"


def _number(name: str, text: str) -> int:
    if not text.isdecimal():
        raise ConfigError([f"{name} must be a number of days, not {text!r}"])
    return int(text)
