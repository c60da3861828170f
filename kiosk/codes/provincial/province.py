"""One province's health code, as its file describes it: pure, everything from outside is passed in."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from functools import cached_property
from typing import Annotated

from pydantic import AfterValidator, Field

from kiosk.codes.provincial import times
from kiosk.codes.provincial.answer import Answer, Asked, Judged
from kiosk.codes.provincial.pattern import MAX_CHARS, Pattern
from kiosk.codes.provincial.request import GATE_NAMES, OWN_NAMES, Gate, Outgoing, Request, Secret
from kiosk.codes.provincial.table import Table
from kiosk.codes.provincial.times import TimeFormat
from kiosk.codes.scheme import rejected
from kiosk.model import HealthCode, Reason, Saying, Verification

AHEAD = timedelta(seconds=60)  # how far a phone's clock may run before the gate's
UNVERIFIED_ZH = "未经实网验证"

_SERIAL_BYTES = 16


def _known_zone(offset: str) -> str:
    times.zone_of(offset)
    return offset


class Title(Table):
    zh: str = Field(min_length=1, max_length=40)
    en: str = Field(min_length=1, max_length=60)


class Form(Table):
    """[[form]]: one kind of text that is this province's own, told by how it begins and by a pattern.

    The pattern's group `token` is the code itself; a group `made` is when it was drawn, written as `made` says.
    """

    begins: str = Field(min_length=4, max_length=100)
    pattern: Pattern
    made: TimeFormat | None = None
    life_s: float | None = Field(None, gt=0, le=30 * 86_400)
    single_use: bool = False
    cache_s: float = Field(0, ge=0, le=3600)  # how long an answer may be used again

    @property
    def groups(self) -> frozenset[str]:
        return frozenset(self.pattern.groupindex)


@dataclass(frozen=True, slots=True)
class Sighted:
    """A text recognised: by which form, and what its groups hold."""

    form: Form
    groups: dict[str, str]

    @property
    def token(self) -> str:
        return self.groups["token"]


class Province(Table):
    """A province's file. `secret_env` names the environment variable that holds its secret, which no file does."""

    id: str = Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=30)
    title: Title
    unverified_against_live: bool
    demo: bool = False
    zone: Annotated[str, AfterValidator(_known_zone)] = "+08:00"
    secret_env: str | None = Field(None, pattern=r"^[A-Z][A-Z0-9_]*$")
    form: tuple[Form, ...] = Field(min_length=1, max_length=10)
    request: Request
    answer: Answer

    @property
    def said(self) -> Saying:
        """Its name, with a word of warning while nobody has tried it on the live service."""
        if not self.unverified_against_live:
            return Saying(self.title.zh, self.title.en)
        return Saying(f"{self.title.zh}（{UNVERIFIED_ZH}）", f"{self.title.en} (not tried on the live service)")

    @property
    def needs(self) -> frozenset[str]:
        """What `outgoing` needs of gate and secret: names of Gate's fields, and `secret`."""
        return self.request.uses & {*GATE_NAMES, "secret"}

    def sighted(self, text: str) -> Sighted | None:
        """The first form that takes `text` whole."""
        if len(text) > MAX_CHARS or not text.isprintable():
            return None
        for form in self.form:
            if text.startswith(form.begins) and (found := form.pattern.fullmatch(text)):
                groups = {name: value or "" for name, value in found.groupdict().items()}
                return Sighted(form, groups) if groups["token"] else None
        return None

    def claims(self, text: str) -> bool:
        """Whether `text` is one of this province's codes."""
        return self.sighted(text) is not None

    def begins(self, text: str) -> bool:
        """Whether `text` at least begins like one."""
        return any(text.startswith(form.begins) for form in self.form)

    def offline(self, text: str, at: datetime) -> HealthCode:
        """What `text` says by itself: UNVERIFIED and UNVERIFIABLE, or that it is not good any more (or yet)."""
        sighted = self.sighted(text)
        if sighted is None:
            return self._rejected(text)
        made_at, life_s = None, sighted.form.life_s
        if sighted.form.made:
            try:
                made_at = times.read(sighted.groups["made"], [sighted.form.made], self.tz)
            except ValueError:
                return rejected(self.id, Reason.MALFORMED)
        reason = _untimely(made_at, life_s, at)
        return HealthCode(
            scheme=self.id,
            issuer=self.said.zh,
            valid_from=made_at,
            valid_until=made_at + timedelta(seconds=life_s) if made_at and life_s is not None else None,
            verification=Verification.FAILED if reason else Verification.UNVERIFIED,
            reason=reason or Reason.UNVERIFIABLE,
            serial=self._serial(sighted.token),
            demo=self.demo,
            made_at=made_at,
            life_s=life_s,
            online=True,
        )

    def outgoing(self, text: str, at: datetime, nonce: str, secret: Secret | None, gate: Gate) -> Outgoing:
        """The request that asks about `text`. Raises ValueError for a text of another province, or when something
        of `needs` is not given."""
        sighted = self.sighted(text)
        if sighted is None:
            raise ValueError(f"not a code of {self.id}")
        known = {name: getattr(gate, name) for name in GATE_NAMES} | {"secret": secret.reveal() if secret else ""}
        if missing := sorted(name for name in self.needs if not known[name]):
            raise ValueError(f"{self.id} needs {', '.join(missing)}")
        time = times.write(at, self.request.time, self.tz)
        return self.request.outgoing({**sighted.groups, "text": text, "time": time, "nonce": nonce, **known})

    def judged(self, text: str, status: int, body: bytes, at: datetime) -> Judged:
        """What the server's answer about `text` comes to, with the reasons. Never raises."""
        code, sighted = self.offline(text, at), self.sighted(text)
        if sighted is None or code.verification is Verification.FAILED:
            return Judged(code)
        return self.answer.judge(Asked(code, sighted.token, at, self.tz), status, body)

    def answered(self, text: str, status: int, body: bytes, at: datetime) -> HealthCode:
        """What the server's answer about `text` comes to. Never raises."""
        return self.judged(text, status, body, at).code

    @cached_property
    def tz(self) -> tzinfo:
        return times.zone_of(self.zone)

    def _serial(self, token: str) -> str:
        return hashlib.sha256(f"{self.id}\n{token}".encode()).digest()[:_SERIAL_BYTES].hex()

    def _rejected(self, text: str) -> HealthCode:
        if not self.begins(text):
            return rejected(self.id, Reason.UNKNOWN_SCHEME)
        return rejected(self.id, Reason.TOO_LARGE if len(text) > MAX_CHARS else Reason.MALFORMED)


def flaws(province: Province) -> list[str]:
    """What only shows when a whole file is seen, each with its place."""
    found = []
    for number, form in enumerate(province.form):
        place = f"form[{number}]"
        if "token" not in form.groups:
            found.append(f"{place}.pattern: needs a group (?P<token>…)")
        if form.made and ("made" not in form.groups or form.life_s is None):
            found.append(f"{place}.made: needs a group (?P<made>…) and life_s")
        if "made" in form.groups and not form.made:
            found.append(f"{place}.pattern: its group made needs 'made', which says how the time is written")
        if taken := sorted(form.groups & OWN_NAMES):
            found.append(f"{place}.pattern: {', '.join(taken)} is a name of our own; call the group otherwise")
    common = frozenset.intersection(*(form.groups for form in province.form))
    found += [
        f"request: {{{name}}} is unknown; known: {', '.join(sorted(OWN_NAMES | common))}"
        for name in sorted(province.request.uses - OWN_NAMES - common)
    ]
    if ("secret" in province.needs) != (province.secret_env is not None):
        found.append("secret_env: names the variable of the secret exactly when the request uses one")
    return found


def claimant(provinces: Iterable[Province], text: str) -> Province | None:
    """The first of `provinces` that `text` is a code of."""
    return next((province for province in provinces if province.claims(text)), None)


def _untimely(made_at: datetime | None, life_s: float | None, at: datetime) -> Reason | None:
    if made_at is None or life_s is None:
        return None
    if made_at > at + AHEAD:
        return Reason.NOT_YET_VALID
    return Reason.EXPIRED if at > made_at + timedelta(seconds=life_s) else None
