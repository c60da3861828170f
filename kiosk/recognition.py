"""By which tokens the gate may know whoever stands there, and whether their code was seen a moment ago. Pure."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Protocol

from kiosk import tokens
from kiosk.codes import office_pass
from kiosk.model import Direction, HealthCode, Presentation, Verdict, Verification

COPY_WITHIN = timedelta(minutes=10)  # in again so soon, and never out between: somebody else holds the same code


class Seen(Protocol):
    """The newest passage of a token."""

    @property
    def at(self) -> datetime: ...
    @property
    def direction(self) -> str: ...
    @property
    def verdict(self) -> str: ...


def tokens_of(key: bytes, code: HealthCode | None, presentation: Presentation) -> tuple[str, ...]:
    """Every token that an identity of this person gives, each once: ID number, phone, pass, and the code itself."""
    person, holder = presentation.person, code.holder if code else None
    known = [
        ("id", person.id_number),
        ("id", holder.id_number if holder else ""),
        ("phone", person.phone),
        ("phone", holder.phone if holder else ""),
        ("pass", code.serial if code and code.scheme == office_pass.NAME else ""),
        ("pass", person.pass_number),
        ("pass", office_pass.number_of(code)),
    ]
    named = [tokens.token(key, kind, identity) for kind, identity in known if tokens.normalise(identity)]
    own = code_token(key, code, presentation)
    return tuple(dict.fromkeys([*named, *([own] if own else [])]))


def code_token(key: bytes, code: HealthCode | None, presentation: Presentation) -> str | None:
    """The token of this very code: by its serial, else by its text. None where no code of anybody was shown."""
    if code is None or code.verification is Verification.FAILED or not presentation.text:
        return None
    identity = code.serial or hashlib.sha256(presentation.text.encode("utf-8", "surrogatepass")).hexdigest()
    return tokens.token(key, "code", f"{code.scheme}:{identity}")


def copied(seen: Seen | None, direction: Direction, now: datetime) -> bool:
    """Whether the code was let through in this direction a moment ago and has not come back since."""
    return (
        seen is not None
        and seen.verdict == Verdict.ADMIT
        and seen.direction == direction
        and now - COPY_WITHIN <= seen.at <= now
    )
