"""Volunteers, their PINs and who is on duty (row G14). Bound to this kiosk: `var/gate.db`, nothing of it travels.

The rows here change, the journal's do not, hence a file of its own.
"""

from __future__ import annotations

import itertools
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from kiosk.errors import GatehouseError

PIN_DIGITS = 6
FREE_TRIES = 5  # wrong PINs in a row before the first pause
FIRST_PAUSE = timedelta(seconds=30)  # doubled with each further wrong PIN
LONGEST_PAUSE = timedelta(minutes=30)

VOLUNTEER, SUPERVISOR = "volunteer", "supervisor"  # a supervisor may also change what the policy refused

_metadata = sa.MetaData()
_volunteer = sa.Table(
    "volunteer",
    _metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("pin", sa.Text, nullable=False),  # argon2id
    sa.Column("role", sa.Text, nullable=False, server_default=VOLUNTEER),
)
_duty = sa.Table(
    "duty",
    _metadata,
    sa.Column("one", sa.Integer, sa.CheckConstraint("one = 1"), primary_key=True),
    sa.Column("volunteer", sa.Text, sa.ForeignKey("volunteer.id"), nullable=False),
    sa.Column("since", sa.Float, nullable=False),  # seconds since 1970, UTC
)
_tries = sa.Table(
    "tries",
    _metadata,
    sa.Column("one", sa.Integer, sa.CheckConstraint("one = 1"), primary_key=True),
    sa.Column("wrong", sa.Integer, nullable=False),
    sa.Column("locked_until", sa.Float, nullable=False),
)


_PERSON = (_volunteer.c.id, _volunteer.c.name, _volunteer.c.role)
_ADD_ROLE = f"ALTER TABLE volunteer ADD COLUMN role TEXT NOT NULL DEFAULT '{VOLUNTEER}'"  # files older than roles


@dataclass(frozen=True, slots=True)
class Volunteer:
    id: str
    name: str
    role: str = VOLUNTEER


class SignOnError(GatehouseError):
    """A sign-on that is refused; `zh` and `en` say why, `locked_until` until when no PIN is taken."""

    def __init__(self, zh: str, en: str, locked_until: datetime | None = None) -> None:
        self.zh = zh
        self.en = en
        self.locked_until = locked_until
        super().__init__(f"{zh} · {en}")


class Staff:
    """The volunteers of one kiosk. Wrong PINs lock the keypad for a growing time, also across a restart.

    Safe for many threads. Raises GatehouseError when the file cannot be used.
    """

    def __init__(self, path: Path, engine: sa.Engine) -> None:
        self._path = path
        self._engine = engine
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
        self._one_guess = threading.Lock()  # at a time, or many at once would outrun the lock

    @classmethod
    def open(cls, path: Path) -> Staff:
        """The volunteers in `path`, an empty file (mode 0600) when there is none. Raises GatehouseError."""
        staff = cls(path, sa.create_engine(sa.URL.create("sqlite", database=str(path)), connect_args={"timeout": 5}))
        with staff._act(touch=True) as connection:
            _metadata.create_all(connection)
            if "role" not in {column["name"] for column in sa.inspect(connection).get_columns("volunteer")}:
                connection.execute(sa.text(_ADD_ROLE))
        return staff

    def add(self, name: str, pin: str | None = None, role: str = VOLUNTEER) -> tuple[Volunteer, str]:
        """A new volunteer and the PIN, drawn by chance unless given; it is not shown again.

        Raises GatehouseError for an empty name, and for a PIN that is too easy or taken.
        """
        if not name.strip():
            raise GatehouseError("a volunteer needs a name")
        pin = self._draw() if pin is None else pin
        if problem := self._refused(pin):
            raise GatehouseError(problem)
        volunteer = Volunteer(f"v-{secrets.token_hex(4)}", name.strip(), role)
        row = {"id": volunteer.id, "name": volunteer.name, "pin": self._hasher.hash(pin), "role": role}
        with self._act() as connection:
            connection.execute(_volunteer.insert().values(row))
        return volunteer, pin

    def remove(self, staff_id: str) -> bool:
        """The volunteer may not sign on any more and is off duty; False when there was none of that id."""
        with self._act() as connection:
            connection.execute(_duty.delete().where(_duty.c.volunteer == staff_id))
            return connection.execute(_volunteer.delete().where(_volunteer.c.id == staff_id)).rowcount > 0

    def all(self) -> tuple[Volunteer, ...]:
        """Who may sign on, by name."""
        with self._act() as connection:
            return tuple(map(_person, connection.execute(sa.select(*_PERSON).order_by(_volunteer.c.name))))

    def sign_on(self, pin: str, at: datetime) -> Volunteer:
        """The volunteer whose PIN it is, on duty from now on in the place of whoever was. Raises SignOnError."""
        if not self.all():
            raise SignOnError(
                "本门岗还没有志愿者，请管理员添加", "No volunteer yet: python -m kiosk volunteer add NAME"
            )
        with self._one_guess:
            volunteer = self._guessed(pin, at, (VOLUNTEER, SUPERVISOR))
            self._begin_duty(volunteer, at)
            return volunteer

    def approve(self, pin: str, at: datetime) -> Volunteer:
        """The supervisor whose PIN it is; who is on duty stays so. Raises SignOnError, and locks as for signing on."""
        if all(person.role != SUPERVISOR for person in self.all()):
            raise SignOnError(
                "本门岗还没有负责人，请管理员添加", "No supervisor yet: python -m kiosk volunteer add NAME --supervisor"
            )
        with self._one_guess:
            return self._guessed(pin, at, (SUPERVISOR,))

    def sign_off(self, staff_id: str) -> None:
        """End the shift of a volunteer; nothing happens when somebody else is on duty."""
        with self._act() as connection:
            connection.execute(_duty.delete().where(_duty.c.volunteer == staff_id))

    def on_duty(self) -> Volunteer | None:
        """Who signed on last and not off again."""
        joined = sa.select(*_PERSON).join(_duty, _duty.c.volunteer == _volunteer.c.id)
        with self._act() as connection:
            row = connection.execute(joined).one_or_none()
        return _person(row) if row else None

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def _act(self, *, touch: bool = False) -> Iterator[Connection]:
        """One transaction."""
        try:
            if touch:
                self._path.touch(mode=0o600)
            with self._engine.begin() as connection:
                yield connection
        except (SQLAlchemyError, OSError) as error:
            why = getattr(error, "orig", None) or error
            raise GatehouseError(
                f"{self._path}: the volunteers cannot be read or changed ({why}); check the folder, its owner, the disk"
            ) from error

    def _guessed(self, pin: str, at: datetime, roles: tuple[str, ...]) -> Volunteer:
        """Whose PIN it is; one guess at a time. Raises SignOnError."""
        wrong, locked_until = self._standing(at)
        if locked_until and at < locked_until:
            raise _locked(locked_until, at)
        volunteer = self._owner(pin)
        if volunteer is None or volunteer.role not in roles:
            raise self._count_wrong(wrong + 1, at)
        with self._act() as connection:
            connection.execute(_tries.delete())
        return volunteer

    def _begin_duty(self, volunteer: Volunteer, at: datetime) -> None:
        with self._act() as connection:
            connection.execute(_duty.delete())
            connection.execute(_duty.insert().values(one=1, volunteer=volunteer.id, since=at.timestamp()))

    def _owner(self, pin: str) -> Volunteer | None:
        with self._act() as connection:
            rows = connection.execute(sa.select(_volunteer)).all()
        return next((_person(row) for row in rows if self._fits(row.pin, pin)), None)

    def _fits(self, hashed: str, pin: str) -> bool:
        try:
            return self._hasher.verify(hashed, pin)
        except (VerificationError, InvalidHashError):
            return False

    def _draw(self) -> str:
        while True:
            pin = f"{secrets.randbelow(10**PIN_DIGITS):0{PIN_DIGITS}}"
            if not self._refused(pin):
                return pin

    def _refused(self, pin: str) -> str | None:
        if len(pin) != PIN_DIGITS or not (pin.isascii() and pin.isdecimal()):
            return f"a PIN has {PIN_DIGITS} digits"
        steps = {(int(after) - int(before)) % 10 for before, after in itertools.pairwise(pin)}
        if len(set(pin)) < 3 or steps in ({1}, {9}):
            return "that PIN is too easy to guess"
        return "that PIN is taken; choose another" if self._owner(pin) else None

    def _standing(self, at: datetime) -> tuple[int, datetime | None]:
        """How many PINs in a row were wrong, and until when none is taken.

        A lock from a clock that was ahead ends with the pause it was meant for, not when that time comes.
        """
        with self._act() as connection:
            row = connection.execute(sa.select(_tries)).one_or_none()
            if row is None:
                return 0, None
            until = min(datetime.fromtimestamp(row.locked_until, UTC), at + _pause(row.wrong))
            connection.execute(_tries.update().values(locked_until=until.timestamp()))
        return row.wrong, until

    def _count_wrong(self, wrong: int, at: datetime) -> SignOnError:
        pause = _pause(wrong)
        until = at + pause
        with self._act() as connection:
            connection.execute(_tries.delete())
            connection.execute(_tries.insert().values(one=1, wrong=wrong, locked_until=until.timestamp()))
        if pause:
            return _locked(until, at)
        left = FREE_TRIES - wrong
        return SignOnError(f"PIN 不正确，还可试 {left} 次", f"Wrong PIN, {left} more tries")


def _person(row: Any) -> Volunteer:
    return Volunteer(row.id, row.name, row.role)


def _pause(wrong: int) -> timedelta:
    """How long no PIN is taken after so many wrong ones in a row."""
    over = min(wrong - FREE_TRIES, 16)
    return min(FIRST_PAUSE * 2**over, LONGEST_PAUSE) if over >= 0 else timedelta(0)


def _locked(until: datetime, at: datetime) -> SignOnError:
    seconds = max(1, round((until - at).total_seconds()))
    return SignOnError(f"错误次数过多，请 {seconds} 秒后再试", f"Too many wrong PINs: try again in {seconds} s", until)
