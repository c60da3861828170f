"""What a film shows when: the side file that lies beside it, for tests and for the scripted thermometer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import msgspec

from kiosk.errors import ConfigError
from kiosk.model import Colour, Verdict


@dataclass(frozen=True, slots=True)
class Showing:
    """One person: in view from `start_s` until before `end_s` of the film, with the text of what they show.

    `symbols` are the texts of the symbols one after the other, each for as long, where a card comes in several; `text`
    is then the whole card's. `offline` is expected instead of `expect` while an issuer's server cannot be asked.
    """

    start_s: float
    end_s: float
    name: str
    shows: str
    text: str
    colour: Colour
    celsius: float | None = None
    expect: Verdict | None = None
    offline: Verdict | None = None
    symbols: tuple[str, ...] = ()

    @property
    def shown(self) -> tuple[str, ...]:
        """The texts of the symbols that come into view, in order."""
        return self.symbols or (self.text,)

    def middles(self) -> tuple[float, ...]:
        """When each of `shown` has been in view for half its time, in seconds."""
        each_s = (self.end_s - self.start_s) / len(self.shown)
        return tuple(self.start_s + (number + 0.5) * each_s for number in range(len(self.shown)))


@dataclass(frozen=True, slots=True)
class Timeline:
    """A film's people in order. `trust` and `revoked` are sections as an office hands them down, the key demo."""

    fps: float
    frames: int
    people: tuple[Showing, ...]
    trust: Mapping[str, Any] = field(default_factory=dict)
    revoked: Mapping[str, Any] = field(default_factory=dict)
    demo: bool = True

    @property
    def seconds(self) -> float:
        return self.frames / self.fps

    def at(self, position_s: float) -> Showing | None:
        """Who is in view `position_s` seconds into the film; None between people."""
        return next((person for person in self.people if person.start_s <= position_s < person.end_s), None)

    def celsius_at(self, position_s: float) -> float | None:
        """What a thermometer measures `position_s` seconds into the film, in °C; None with nobody in view."""
        person = self.at(position_s)
        return person.celsius if person else None

    def save(self, path: Path) -> None:
        """Write the side file, whole or not at all."""
        text = json.dumps(msgspec.to_builtins(self), ensure_ascii=False, indent=1)
        partial = path.with_name(path.name + ".partial")
        partial.write_text(text + "\n", encoding="utf-8")
        partial.replace(path)

    @classmethod
    def load(cls, path: Path | str) -> Self:
        """The timeline in the side file `path`. Raises ConfigError."""
        try:
            return msgspec.json.decode(Path(path).read_bytes(), type=cls)
        except (OSError, msgspec.DecodeError) as error:
            raise ConfigError([f"{path}: no film's side file: {error}"]) from error

    @classmethod
    def beside(cls, film: Path | str) -> Self:
        """The timeline of the film `film`. Raises ConfigError when no side file lies beside it."""
        return cls.load(side_file(Path(film)))


def side_file(film: Path) -> Path:
    """Where a film's side file lies: `demo.mp4` has `demo.mp4.json`."""
    return film.with_name(film.name + ".json")
