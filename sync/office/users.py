"""The people of the street office: who they are, what they may see, how they prove it."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import Connection, insert, select, update
from uuid_utils import uuid7

from sync.office.audit import Audit
from sync.office.db import Database
from sync.office.db.tables import UnitRow, UserRow
from sync.office.db.types import has_id
from sync.office.errors import NotFound, Refused
from sync.office.second_factor import SecondFactor
from sync.office.values import Scope, User

ROLES = ("clerk", "admin")
TRIES = 5  # wrong passwords or codes in a row before the lock
LOCK = timedelta(minutes=15)
SHORTEST = 10  # characters of a password
LONGEST = 200
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz"


class Users:
    def __init__(self, database: Database, factor: SecondFactor, audit: Audit, now: Callable[[], datetime]) -> None:
        self._database = database
        self._factor = factor
        self._audit = audit
        self._now = now
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)  # OWASP's setting

    def add(self, login: str, name: str, role: str, scope: Scope, *, who: str) -> str:
        """A new user; answers the first password, which is to be changed. Raises Refused, NotFound for the unit."""
        login, password = login.strip().lower(), first_password()
        user_id = str(uuid7())
        with self._database.write() as tx:
            _check_new(tx, login, role, scope)
            tx.execute(
                insert(UserRow).values(
                    id=user_id,
                    login=login,
                    name=name.strip() or login,
                    role=role,
                    unit_id=scope.unit,
                    password=self._hasher.hash(password),
                    must_change=True,
                    created_at=self._now(),
                )
            )
            self._audit.note(tx, who, "user.add", login, role, scope.unit)
        return password

    def get(self, user_id: str) -> User | None:
        """The user of a session; None for anything else."""
        with self._database.read() as tx:
            row = tx.execute(select(UserRow).where(has_id(UserRow.id, user_id))).one_or_none()
        return row and _user(row)

    def list(self) -> tuple[User, ...]:
        with self._database.read() as tx:
            return tuple(_user(row) for row in tx.execute(select(UserRow).order_by(UserRow.login)))

    def check(self, login: str, password: str, at: datetime) -> User | None:
        """The user when login and password fit and the login is not locked; None otherwise, taking as long.

        Five failures in a row lock the login for 15 minutes, across restarts.
        """
        row = self._row(login)
        fits = self._fits(row.password if row else self._nobody, password)
        if row is None:
            self._audit.write("", "login.unknown")
            return None
        if _locked(row, at):
            self._audit.write(row.login, "login.locked")
            return None
        if not fits:
            self._fail(row, at)
            return None
        if not row.totp_confirmed:  # a known password alone must not buy endless tries at the code
            self._succeed(row, at)
        return _user(row)

    def locked_until(self, login: str, at: datetime) -> datetime | None:
        """Until when this login is locked; None when it is not (or nobody has it)."""
        row = self._row(login)
        return row.locked_until if row and _locked(row, at) else None

    def change_password(self, user: User, old: str, new: str, at: datetime) -> None:
        """Raises Refused when the old one is wrong or the new one too short, too long or the same.

        A wrong old password counts towards the lock.
        """
        if not SHORTEST <= len(new) <= LONGEST or new == old:
            raise Refused(f"a new password has {SHORTEST} to {LONGEST} characters and differs from the old one")
        row = self._row(user.login)
        if row is None or _locked(row, at) or not self._fits(row.password, old):
            if row is not None:
                self._fail(row, at)
            raise Refused("the old password is wrong")
        self._set(user, "user.password", password=self._hasher.hash(new), must_change=False)

    def reset_password(self, login: str, *, who: str) -> str:
        """A new first password for somebody locked out, second factor off. Raises NotFound."""
        if (row := self._row(login)) is None:
            raise NotFound(f"no user {login!r}")
        password = first_password()
        fresh: dict[str, Any] = {"password": self._hasher.hash(password), "must_change": True}
        fresh |= {"failures": 0, "locked_until": None, "totp_secret": None, "totp_confirmed": False}
        with self._database.write() as tx:
            tx.execute(update(UserRow).where(UserRow.id == row.id).values(**fresh))
            self._audit.note(tx, who, "user.reset", row.login)
        return password

    def set_role(self, login: str, role: str, *, who: str) -> None:
        """Raises Refused for no role, or when nobody would be left to administer the whole office; NotFound."""
        if role not in ROLES:
            raise Refused(f"a role is one of {', '.join(ROLES)}, not {role!r}")
        if (row := self._row(login)) is None:
            raise NotFound(f"no user {login!r}")
        with self._database.write() as tx:
            tx.execute(update(UserRow).where(UserRow.id == row.id).values(role=role))
            if not tx.scalar(select(UserRow.id).where(UserRow.role == "admin", UserRow.unit_id.is_(None)).limit(1)):
                raise Refused("somebody has to administer the whole office: make another administrator first")
            self._audit.note(tx, who, "user.role", row.login, role, row.unit_id)

    def begin_totp(self, user: User) -> str:
        """The otpauth:// URI to show as a symbol. The login asks for codes only once `confirm_totp` has seen one."""
        self._audit.write(user.login, "user.totp.begin", user.login)
        return self._factor.begin(user)

    def confirm_totp(self, user: User, code: str, at: datetime) -> bool:
        """Whether `code` is of the secret last begun; from then on every login asks for one."""
        if not self._factor.use(user, code, at):
            return False
        self._set(user, "user.totp", totp_confirmed=True)
        return True

    def check_code(self, user: User, code: str, at: datetime) -> bool:
        """The second step of a login. Wrong codes count towards the lock like wrong passwords."""
        if (row := self._row(user.login)) is None or _locked(row, at):
            return False
        if not self._factor.use(user, code, at):
            self._fail(row, at)
            return False
        self._succeed(row, at)
        return True

    @cached_property
    def _nobody(self) -> str:
        """The password of a login that nobody has: checking it takes as long as checking a real one."""
        return self._hasher.hash(secrets.token_hex())

    def _row(self, login: str) -> Any:
        wanted = select(UserRow).where(UserRow.login == login.strip().lower())
        with self._database.read() as tx:
            return tx.execute(wanted).one_or_none()

    def _fits(self, hashed: str, password: str) -> bool:
        try:
            return self._hasher.verify(hashed, password[: LONGEST + 1])
        except (VerifyMismatchError, InvalidHashError):
            return False

    def _fail(self, row: Any, at: datetime) -> None:
        with self._database.write() as tx:
            failures = 1 + (tx.scalar(select(UserRow.failures).where(UserRow.id == row.id).with_for_update()) or 0)
            locked = failures >= TRIES
            values = {"failures": 0, "locked_until": at + LOCK} if locked else {"failures": failures}
            tx.execute(update(UserRow).where(UserRow.id == row.id).values(**values))
            self._audit.note(tx, row.login, "login.lock" if locked else "login.fail")

    def _succeed(self, row: Any, at: datetime) -> None:
        with self._database.write() as tx:
            done = {"failures": 0, "locked_until": None, "last_login_at": at}
            tx.execute(update(UserRow).where(UserRow.id == row.id).values(**done))
            self._audit.note(tx, row.login, "login")

    def _set(self, user: User, what: str, **values: Any) -> None:
        with self._database.write() as tx:
            tx.execute(update(UserRow).where(UserRow.id == user.id).values(**values))
            self._audit.note(tx, user.login, what, user.login)


def first_password() -> str:
    """Sixteen characters that cannot be mistaken for one another, in groups of four: 92 bits."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(4))


def _check_new(tx: Connection, login: str, role: str, scope: Scope) -> None:
    if not login.isprintable() or not login or len(login) > 60 or " " in login:
        raise Refused("a login has 1 to 60 printable characters and no blanks")
    if role not in ROLES:
        raise Refused(f"a role is one of {', '.join(ROLES)}, not {role!r}")
    if scope.unit is not None and not tx.scalar(select(UnitRow.id).where(has_id(UnitRow.id, scope.unit))):
        raise NotFound(f"no unit {scope.unit}")
    if tx.scalar(select(UserRow.id).where(UserRow.login == login)):
        raise Refused(f"there is already a user {login!r}")


def _locked(row: Any, at: datetime) -> bool:
    return row.locked_until is not None and at < row.locked_until


def _user(row: Any) -> User:
    return User(
        id=row.id,
        login=row.login,
        name=row.name,
        role=row.role,
        scope=Scope(row.unit_id),
        totp=row.totp_confirmed,
        must_change=row.must_change,
        last_login_at=row.last_login_at,
    )
