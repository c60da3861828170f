"""What a province's server answers: from a status and bytes to a HealthCode, by the vendor's own tables.

Verified is only what the answer says in so many words: the code for success, a level the table knows, everything that
must be there. Whatever cannot be read leads to `unverified`, and a green level is then not told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from typing import Literal

from pydantic import Field, model_validator

from kiosk.codes.provincial.holder import Person, Reading, Tests, Vaccinations
from kiosk.codes.provincial.pointer import Pointer, decode, find, word
from kiosk.codes.provincial.table import Table
from kiosk.codes.provincial.times import ISO, UNIX_MS, TimeFormat
from kiosk.model import HealthCode, Level, Reason, Verification

Meaning = Literal["green", "yellow", "red", "expired", "absent", "failed", "timeout"]
Word = Literal[
    "expired", "malformed", "not-permitted", "not-yet-valid", "replayed", "revoked", "unknown-issuer", "unreachable",
    "unverifiable",
]  # fmt: skip
Must = Literal["name", "id_number", "phone", "tests", "vaccinations", "made_at"]

UNJUDGED = frozenset({Reason.UNREACHABLE, Reason.NOT_PERMITTED, Reason.UNVERIFIABLE, Reason.SCHEMA})
_NO_COLOUR: Mapping[str, Reason] = {
    "expired": Reason.EXPIRED,
    "absent": Reason.UNKNOWN_ISSUER,
    "failed": Reason.UNVERIFIABLE,
    "timeout": Reason.UNREACHABLE,
}
_STATUS: Mapping[int, Reason] = {401: Reason.NOT_PERMITTED, 403: Reason.NOT_PERMITTED}


@dataclass(frozen=True, slots=True)
class Judged:
    """What an answer came to, and why in words that name nobody."""

    code: HealthCode
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked: the code as far as its text says, its token, and how the province writes times."""

    code: HealthCode
    token: str
    at: datetime
    zone: tzinfo


class Answer(Table):
    """[answer]: where things stand (JSON Pointer, RFC 6901), and the vendor's tables."""

    read: tuple[int, ...] = (200,)  # HTTP statuses whose body is looked into
    statuses: dict[str, Word] = Field(default_factory=dict)
    charset: Literal["utf-8", "gb18030"] = "utf-8"
    inner: tuple[Pointer, ...] = ()  # places where JSON stands as a text within the JSON
    code: Pointer | None = None
    ok: tuple[str, ...] = ()
    errors: dict[str, Word] = Field(default_factory=dict)
    level: Pointer
    levels: dict[str, Meaning]
    echo: Pointer | None = None  # where the answer repeats the token; another one is no answer to this question
    demo: Pointer | None = None  # where it says true for a demonstration
    made_at: Pointer | None = None
    times: tuple[TimeFormat, ...] = ("%Y-%m-%d %H:%M:%S", ISO, UNIX_MS)
    must: tuple[Must, ...] = ("name",)
    person: Person = Person()
    tests: Tests | None = None
    vaccinations: Vaccinations | None = None

    @model_validator(mode="after")
    def _fits_together(self) -> Answer:
        if bool(self.code) != bool(self.ok):
            raise ValueError("code and ok go together")
        placed = self.person.model_dump() | {"tests": self.tests, "vaccinations": self.vaccinations}
        if missing := [name for name in self.must if not (placed | {"made_at": self.made_at})[name]]:
            raise ValueError(f"must names what has no place: {', '.join(missing)}")
        return self

    def judge(self, asked: Asked, status: int, body: bytes) -> Judged:
        """Never raises, whatever the bytes."""
        if status not in self.read:
            known = self.statuses.get(str(status))
            reason = Reason(known) if known else _STATUS.get(status, Reason.UNREACHABLE)
            return _refused(asked, reason, f"HTTP status {status}")
        try:
            document = decode(body, self.charset, self.inner)
        except (ValueError, RecursionError):
            return _refused(asked, Reason.UNREACHABLE, "the answer is not the JSON of this service")
        if self.code and (said := word(find(document, self.code))) not in self.ok:
            reason = Reason(self.errors[said]) if said in self.errors else Reason.SCHEMA
            return _refused(asked, reason, f"{self.code}: {said or 'nothing'}")
        if self.echo and word(find(document, self.echo)) != asked.token:
            return _refused(asked, Reason.SCHEMA, f"{self.echo}: not the code that was asked about")
        return self._judge_person(asked, Reading(document, asked.zone, self.times, asked.at))

    def _judge_person(self, asked: Asked, reading: Reading) -> Judged:
        said = reading.word(self.level)
        meaning = self.levels.get(said)
        if meaning is None:
            reading.note(self.level, f"{said or 'nothing'} is in no table of levels")
        code = self._filled(asked, reading)
        self._demand(reading, code)
        if code.made_at and code.life_s is not None and asked.at > code.made_at + timedelta(seconds=code.life_s):
            return Judged(_with(code, Reason.EXPIRED), (f"{self.made_at}: older than the code lives",))
        if meaning and meaning in _NO_COLOUR:
            return Judged(_with(code, _NO_COLOUR[meaning]), (f"{self.level}: {said} means {meaning}",))
        level = Level(meaning) if meaning else Level.NONE
        if reading.problems:
            kept = Level.NONE if level is Level.GREEN else level
            return Judged(replace(_with(code, Reason.SCHEMA), level=kept), tuple(reading.problems))
        return Judged(replace(code, level=level, verification=Verification.VERIFIED, reason=None))

    def _filled(self, asked: Asked, reading: Reading) -> HealthCode:
        made_at = asked.code.made_at or reading.time(self.made_at)
        life_s = asked.code.life_s
        return replace(
            asked.code,
            holder=self.person.read(reading),
            tests=self.tests.read(reading) if self.tests else (),
            vaccinations=self.vaccinations.read(reading) if self.vaccinations else (),
            demo=asked.code.demo or (self.demo is not None and find(reading.document, self.demo) is True),
            made_at=made_at,
            valid_from=made_at,
            valid_until=made_at + timedelta(seconds=life_s) if made_at and life_s is not None else None,
        )

    def _demand(self, reading: Reading, code: HealthCode) -> None:
        """Note what must be there and is not."""
        there = {
            "tests": code.tests,
            "vaccinations": code.vaccinations,
            "made_at": code.made_at,
            **{name: reading.word(pointer) for name, pointer in self.person},
        }
        for name in self.must:
            if not there[name]:
                reading.note(f"must.{name}", "not in the answer")


def _verification(reason: Reason) -> Verification:
    """Whether `reason` says that a code is not good, or only that nobody could tell."""
    return Verification.UNVERIFIED if reason in UNJUDGED else Verification.FAILED


def _with(code: HealthCode, reason: Reason) -> HealthCode:
    return replace(code, verification=_verification(reason), reason=reason)


def _refused(asked: Asked, reason: Reason, why: str) -> Judged:
    return Judged(_with(asked.code, reason), (why,))
