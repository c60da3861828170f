"""Volunteers, their PINs and who is on duty (row G14). Bound to this kiosk: `var/gate.db`, nothing of it travels.

The rows here change, the journal's do not, hence a file of its own.
"""

from __future__ import annotations

import itertools
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy.exc import SQLAlchemyError

from kiosk.errors import GatehouseError

PIN_DIGITS = 6
FREE_TRIES = 5  # wrong PINs in a row before the first pause
FIRST_PAUSE = timedelta(seconds=30)  # doubled with each further wrong PIN
LONGEST_PAUSE = timedelta(minutes=30)

_metadata = sa.MetaData()
_volunteer = sa.Table(
    "volunteer",
    _metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("pin", sa.Text, nullable=False),  # argon2id
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


@dataclass(frozen=True, slots=True)
class Volunteer:
    id: str
    name: str


class SignOnError(GatehouseError):
    """A sign-on that is refused; `zh` and `en` say why, `locked_until` until when no PIN is taken."""

    def __init__(self, zh: str, en: str, locked_until: datetime | None = None) -> None:
        self.zh = zh
        self.en = en
        self.locked_until = locked_until
        super().__init__(f"{zh} · {en}")


class Staff:
    """The volunteers of one kiosk. Wrong PINs lock the keypad for a growing time, also across a restart."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)

    @classmethod
    def open(cls, path: Path) -> Staff:
        """The volunteers in `path`, an empty file when there is none. Raises GatehouseError."""
        engine = sa.create_engine(f"sqlite:///{path}", connect_args={"timeout": 5})
        try:
            path.touch(mode=0o600, exist_ok=True)
            _metadata.create_all(engine)
        except (SQLAlchemyError, OSError) as error:
            raise GatehouseError(f"{path}: volunteers cannot be read: {error}") from error
        return cls(engine)

    def add(self, name: str, pin: str | None = None) -> tuple[Volunteer, str]:
        """A new volunteer and the PIN, drawn by chance unless given. Raises GatehouseError for one that is too easy
        or taken, and for an empty name."""
        if not name.strip():
            raise GatehouseError("a volunteer needs a name")
        pin = pin or self._draw()
        if problem := self._refused(pin):
            raise GatehouseError(problem)
        volunteer = Volunteer(f"v-{secrets.token_hex(4)}", name.strip())
        with self._engine.begin() as connection:
            connection.execute(
                _volunteer.insert().values(id=volunteer.id, name=volunteer.name, pin=self._hasher.hash(pin))
            )
        return volunteer, pin

    def all(self) -> tuple[Volunteer, ...]:
        with self._engine.connect() as connection:
            rows = connection.execute(sa.select(_volunteer.c.id, _volunteer.c.name).order_by(_volunteer.c.name))
            return tuple(Volunteer(row.id, row.name) for row in rows)

    def sign_on(self, pin: str, at: datetime) -> Volunteer:
        """The volunteer whose PIN it is, on duty from now on. Raises SignOnError."""
        wrong, locked_until = self._standing()
        if locked_until and at < locked_until:
            raise _locked(locked_until, at)
        if not self.all():
            raise SignOnError(
                "本门岗还没有志愿者，请管理员添加", "No volunteer yet: python -m kiosk volunteer add NAME"
            )
        if volunteer := self._owner(pin):
            self._begin_duty(volunteer, at)
            return volunteer
        raise self._count_wrong(wrong + 1, at)

    def sign_off(self, staff_id: str) -> None:
        """End the shift of a volunteer; nothing happens when somebody else is on duty."""
        with self._engine.begin() as connection:
            connection.execute(_duty.delete().where(_duty.c.volunteer == staff_id))

    def on_duty(self) -> Volunteer | None:
        """Who signed on last and not off again."""
        joined = sa.select(_volunteer.c.id, _volunteer.c.name).join(_duty, _duty.c.volunteer == _volunteer.c.id)
        with self._engine.connect() as connection:
            row = connection.execute(joined).one_or_none()
        return Volunteer(row.id, row.name) if row else None

    def close(self) -> None:
        self._engine.dispose()

    def _begin_duty(self, volunteer: Volunteer, at: datetime) -> None:
        with self._engine.begin() as connection:
            connection.execute(_tries.delete())
            connection.execute(_duty.delete())
            connection.execute(_duty.insert().values(one=1, volunteer=volunteer.id, since=at.timestamp()))

    def _owner(self, pin: str) -> Volunteer | None:
        with self._engine.connect() as connection:
            rows = connection.execute(sa.select(_volunteer)).all()
        for row in rows:
            try:
                self._hasher.verify(row.pin, pin)
            except (VerifyMismatchError, InvalidHashError):
                continue
            return Volunteer(row.id, row.name)
        return None

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

    def _standing(self) -> tuple[int, datetime | None]:
        with self._engine.connect() as connection:
            row = connection.execute(sa.select(_tries)).one_or_none()
        return (row.wrong, datetime.fromtimestamp(row.locked_until, UTC)) if row else (0, None)

    def _count_wrong(self, wrong: int, at: datetime) -> SignOnError:
        over = wrong - FREE_TRIES
        pause = min(FIRST_PAUSE * 2**over, LONGEST_PAUSE) if 0 <= over < 32 else LONGEST_PAUSE * (over >= 0)
        until = at + pause
        with self._engine.begin() as connection:
            connection.execute(_tries.delete())
            connection.execute(_tries.insert().values(one=1, wrong=wrong, locked_until=until.timestamp()))
        if pause:
            return _locked(until, at)
        left = FREE_TRIES - wrong
        return SignOnError(f"PIN 不正确，还可试 {left} 次", f"Wrong PIN, {left} more tries")


def _locked(until: datetime, at: datetime) -> SignOnError:
    seconds = max(1, round((until - at).total_seconds()))
    return SignOnError(f"错误次数过多，请 {seconds} 秒后再试", f"Too many wrong PINs: try again in {seconds} s", until)
