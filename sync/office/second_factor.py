"""The second factor of office staff: time-based codes (RFC 6238), each good once."""

from __future__ import annotations

from datetime import datetime

import pyotp
from pyotp.exceptions import OTPVerificationError
from sqlalchemy import select, update

from sync.office.db import Database
from sync.office.db.tables import UserRow
from sync.office.seal import Sealer
from sync.office.values import User

WINDOW = 1  # steps of 30 s that a phone's clock may be off, either way


class SecondFactor:
    def __init__(self, database: Database, sealer: Sealer, issuer: str) -> None:
        self._database = database
        self._sealer = sealer
        self._issuer = issuer

    def begin(self, user: User) -> str:
        """A new secret, not yet asked for; answers its otpauth:// URI."""
        secret = pyotp.random_base32()
        sealed = self._sealer.seal(_place(user), secret.encode())
        with self._database.write() as tx:
            change = update(UserRow).where(UserRow.id == user.id)
            tx.execute(change.values(totp_secret=sealed, totp_confirmed=False, totp_step=0))
        return pyotp.TOTP(secret).provisioning_uri(name=user.login, issuer_name=self._issuer)

    def use(self, user: User, code: str, at: datetime) -> bool:
        """Whether `code` fits and was not used before; it is used up by this."""
        with self._database.write() as tx:
            wanted = select(UserRow.totp_secret, UserRow.totp_step).where(UserRow.id == user.id)
            row = tx.execute(wanted.with_for_update()).one_or_none()
            if row is None or row.totp_secret is None:
                return False
            step = _step(self._sealer.open(_place(user), row.totp_secret).decode(), code, at)
            if step is None or step <= row.totp_step:
                return False
            tx.execute(update(UserRow).where(UserRow.id == user.id).values(totp_step=step))
        return True


def _step(secret: str, code: str, at: datetime) -> int | None:
    plain = "".join(code.split())
    if len(plain) != 6 or not plain.isascii() or not plain.isdigit():
        return None
    try:
        return pyotp.TOTP(secret).verify_and_get_timecode(plain, for_time=at, valid_window=WINDOW)
    except OTPVerificationError:
        return None


def _place(user: User) -> str:
    return f"office_user:{user.id}:totp_secret"
