"""What a gate needs to ask a province: files, contracts and secrets, put together from settings and environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from kiosk.codes.provincial import SHIPPED, Gate, Province, Secret, from_toml, shipped
from kiosk.codes.provincial.request import checked_address
from kiosk.config import Provinces
from kiosk.errors import ConfigError

TEST_PROVINCE = "test-province"


@dataclass(frozen=True, slots=True)
class Access:
    """Who asks a province, and its secret. `missing` names what is not set up: then nobody asks."""

    gate: Gate
    secret: Secret | None
    missing: tuple[str, ...] = ()


def load(settings: Provinces, *, demo: bool = False) -> tuple[Province, ...]:
    """The enabled provinces in order: a file in the folder counts before the shipped one of the same name.

    A demonstration knows the test province besides: people in the film live there.

    Raises ConfigError with every problem of every file.
    """
    found, problems = [], list[str]()
    for name in dict.fromkeys((*settings.enabled, *((TEST_PROVINCE,) if demo else ()))):
        try:
            found.append(_one(name, settings.folder))
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(problems)
    return tuple(found)


def read_file(path: Path) -> Province:
    """The province in a file. Raises ConfigError, each problem with the file's name."""
    try:
        return from_toml(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([f"{path.name}: cannot be read: {error}"]) from error
    except ConfigError as error:
        raise ConfigError([f"{path.name}: {problem}" for problem in error.problems]) from error


def access(province: Province, settings: Provinces, environ: Mapping[str, str] = os.environ) -> Access:
    """What `province` may be asked with. Raises ConfigError for an address that no question may go to."""
    given, verifier = settings.access.get(province.id), settings.verifier
    gate = Gate(
        endpoint=_endpoint(province, given.endpoint) if given and given.endpoint else "",
        app=given.app if given else "",
        position=verifier.position,
        department=verifier.department,
        name=verifier.name,
        phone=verifier.phone,
    )
    value = environ.get(province.secret_env, "") if province.secret_env else ""
    return Access(gate, Secret(value) if value else None, tuple(_missing(province, gate, value)))


def _one(name: str, folder: Path | None) -> Province:
    if folder and (path := folder / f"{name}.toml").is_file():
        province = read_file(path)
        if province.id != name:
            raise ConfigError([f"{path.name}: id: is {province.id!r}, but the file is called {name!r}"])
        return province
    if name in SHIPPED:
        return shipped(name)
    where = f"no {name}.toml in {folder}" if folder else "and no folder is named"
    raise ConfigError([f"kiosk.toml: [provinces] enabled: {name!r} is not one of {', '.join(SHIPPED)}, {where}"])


def _endpoint(province: Province, endpoint: str) -> str:
    try:
        return checked_address(endpoint.rstrip("/"))
    except ValueError as error:
        raise ConfigError([f"kiosk.toml: [provinces.access.{province.id}] endpoint: {error}"]) from error


def _missing(province: Province, gate: Gate, secret: str) -> list[str]:
    """What the province's request needs and nobody gave, by the place where it is to be written."""
    missing = []
    for name in sorted(province.needs):
        if name == "secret":
            missing += [] if secret else [f"the environment variable {province.secret_env}"]
        elif not getattr(gate, name):
            table = f"access.{province.id}" if name in ("endpoint", "app") else "verifier"
            missing.append(f"[provinces.{table}] {name}")
    return missing
