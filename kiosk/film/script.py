"""What happens in a film: who steps up, what they show and for how long. TOML, read strictly."""

from __future__ import annotations

import re
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from kiosk.codes.parts import MAX_PARTS
from kiosk.errors import ConfigError
from kiosk.model import Colour, Level, Verdict
from kiosk.provinces.stand_in import PEOPLE

Shows = Literal[
    "pass",
    "expired-pass",
    "forged-pass",
    "revoked-pass",
    "printed-pass",
    "eu-certificate",
    "health-card",
    "province",
    "level",
    "text",
]
Seconds = Annotated[float, Field(ge=0, le=600)]
Line = Annotated[str, Field(max_length=60)]
Even = Annotated[int, Field(ge=160, le=3840, multiple_of=2)]

_COLOURS = {Level.GREEN: Colour.GREEN, Level.YELLOW: Colour.YELLOW, Level.RED: Colour.RED}
DEMO = Path(__file__).parent / "demo.toml"
NAMED = ("eu-certificate", "health-card")  # by their holder's name in Latin letters
NAMED_SO = re.compile(r"[A-Za-z]+ [A-Za-z]+")


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Person(_Table):
    """[[person]]: one person in front of the camera.

    `colour` is that of the symbol's modules (as the level unless said otherwise, else black); `expect` is the verdict
    that the default policy must come to, `offline` the same while an issuer's server cannot be asked; `celsius` is what
    a thermometer measures while the person is in view. `order` are the symbols of a health card in several parts as
    they are shown one after the other; `who` lives in the test province; `picture` is a printed pass, a PNG with a side
    file.
    """

    show: Shows
    name: Line = ""
    level: Level | None = None
    text: Annotated[str, Field(max_length=2000)] = ""
    on: Literal["phone", "paper"] = "phone"
    seconds: Annotated[float, Field(ge=0.1, le=600)] = 4
    celsius: Annotated[float, Field(ge=-50, le=100)] | None = None
    expect: Verdict | None = None
    offline: Verdict | None = None
    colour: Colour | None = None
    order: Annotated[tuple[int, ...], Field(max_length=MAX_PARTS)] = ()
    who: Line = ""
    picture: Path | None = None
    id_last4: Annotated[str, Field(pattern="^([0-9]{3}[0-9X])?$")] = ""
    household: Line = ""
    kind: Literal["resident", "visitor", "worker", "returnee"] = "resident"

    @model_validator(mode="after")
    def _says_what_it_shows(self) -> Self:
        if (self.show == "level") != (self.level is not None):
            raise ValueError('show = "level" and a level (green, yellow, red) go together')
        if (self.show == "text") != bool(self.text):
            raise ValueError('show = "text" and a text go together')
        if (self.show.endswith("pass") or self.show in NAMED) and not self.name:
            raise ValueError("a pass needs a name")
        return self

    @model_validator(mode="after")
    def _has_what_it_shows(self) -> Self:
        if self.order and (self.show != "health-card" or sorted(self.order) != list(range(1, len(self.order) + 1))):
            raise ValueError("order: each part of a health card once, beginning with 1")
        if (self.show == "province") != bool(self.who) or (self.who and self.who not in PEOPLE):
            raise ValueError(f'show = "province" and a who go together: {", ".join(PEOPLE)}')
        if (self.show == "printed-pass") != (self.picture is not None):
            raise ValueError('show = "printed-pass" and a picture go together')
        if self.show in NAMED and not NAMED_SO.fullmatch(self.name):
            raise ValueError("a certificate or card needs a name in Latin letters: Given Family")
        return self

    @field_validator("level")
    @classmethod
    def _a_colour(cls, level: Level | None) -> Level | None:
        if level is Level.NONE:
            raise ValueError("green, yellow or red")
        return level

    @property
    def modules(self) -> Colour:
        """The colour the symbol is drawn in."""
        return self.colour or _COLOURS.get(self.level or Level.NONE, Colour.BLACK)


class Script(_Table):
    """A film. `lead_s` and `gap_s` are the seconds of empty gate before the first person and after each."""

    title: Line = ""
    issuer: Annotated[str, Field(min_length=1, max_length=60)] = "青山街道办事处"
    fps: Annotated[float, Field(ge=1, le=60)] = 15
    size: tuple[Even, Even] = (1280, 720)
    lead_s: Seconds = 1
    gap_s: Seconds = 2
    noise: Annotated[float, Field(ge=0, le=40)] = 2  # standard deviation of a pixel, of 255
    blur: Annotated[float, Field(ge=0, le=5)] = 0.7  # standard deviation of the lens's softness in pixels
    valid_from: AwareDatetime = datetime(2026, 1, 1, tzinfo=UTC)
    valid_until: AwareDatetime = datetime(2036, 1, 1, tzinfo=UTC)
    person: Annotated[tuple[Person, ...], Field(max_length=1000)] = ()

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if not self.person:
            raise ValueError("at least one [[person]] is needed")
        return self


def parse(text: str, name: str = "script") -> Script:
    """The script in TOML `text`. Raises ConfigError that names every problem at once."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([f"{name}: not TOML: {error}"]) from error
    try:
        return Script(**table)
    except ValidationError as error:
        raise ConfigError([f"{name}: {_problem(item)}" for item in error.errors()]) from error


def load(path: Path = DEMO) -> Script:
    """The script in the file `path`, the bundled film's unless said otherwise. Pictures are looked for beside it.

    Raises ConfigError.
    """
    try:
        story = parse(path.read_text(encoding="utf-8"), path.name)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([f"{path}: cannot be read: {error}"]) from error
    people = [one.model_copy(update={"picture": one.picture and path.parent / one.picture}) for one in story.person]
    return story.model_copy(update={"person": tuple(people)})


def _problem(item: Any) -> str:
    """One pydantic error: `person #2: level: …`."""
    where = " ".join(f"#{part + 1}" if isinstance(part, int) else str(part) for part in item["loc"])
    words = {"extra_forbidden": "unknown", "missing": "missing"}.get(item["type"], item["msg"])
    return f"{where or 'film'}: {words.removeprefix('Value error, ')}"
