"""Which tablets may check people in: those a volunteer paired with a one-time code, and the gate's own screen.

The code has six digits, lives ten minutes, works once, and dies after five wrong tries. The cookie a tablet gets for it
is signed with the gate's session key: a new key (delete `var/keys/session.key` and restart) unpairs every tablet.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

from flask import Request
from itsdangerous import BadSignature, URLSafeTimedSerializer

from kiosk.loopback import is_loopback

COOKIE = "gatehouse_tablet"
CODE_LIFE = timedelta(minutes=10)
COOKIE_LIFE = timedelta(days=180)
MOST_TRIES = 5
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-Ip")


@dataclass(slots=True)
class Pairing:
    """One pairing at a time. `key` signs cookies."""

    key: bytes
    now: Callable[[], datetime]
    _code: str = ""
    _until: datetime | None = None
    _tries: int = 0
    _lock: Lock = field(default_factory=Lock)

    def new_code(self) -> str:
        """Six digits for the volunteer to read out; the code before it is worthless from now on."""
        with self._lock:
            self._code = f"{secrets.randbelow(1_000_000):06}"
            self._until = self.now() + CODE_LIFE
            self._tries = 0
            return self._code

    def redeem(self, code: str) -> str | None:
        """The cookie for a tablet that shows the right code, None for a wrong, spent or old one."""
        with self._lock:
            if not self._code or self._until is None or self.now() > self._until:
                return None
            self._tries += 1
            fits = secrets.compare_digest(code.encode(), self._code.encode())
            if fits or self._tries >= MOST_TRIES:
                self._code = ""
        return self._signer().dumps({"tablet": secrets.token_hex(8)}) if fits else None

    def admits(self, request: Request) -> bool:
        """Whether a request comes from the gate's own screen or from a paired tablet."""
        return own_screen(request) or self.holds(request.cookies.get(COOKIE, ""))

    def holds(self, cookie: str) -> bool:
        try:
            self._signer().loads(cookie, max_age=int(COOKIE_LIFE.total_seconds()))
        except BadSignature:
            return False
        return True

    def _signer(self) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(self.key, salt="tablet")


def own_screen(request: Request) -> bool:
    """Whether the request was made on this very machine. One that a proxy passed on was not."""
    if any(name in request.headers for name in FORWARDED):
        return False
    return is_loopback(request.remote_addr or "")
