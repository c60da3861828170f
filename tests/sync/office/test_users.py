from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs, urlparse

import pyotp
import pytest

from sync.office.errors import NotFound, Refused
from sync.office.office import Office
from sync.office.users import LOCK, TRIES
from sync.office.values import EVERYTHING, Scope, Unit, User
from tests.sync.office.conftest import ManualClock


@pytest.fixture
def password(office: Office) -> str:
    return office.users.add("li", "李梅", "clerk", EVERYTHING, who="test")


@pytest.fixture
def user(office: Office, password: str) -> User:
    return next(user for user in office.users.list() if user.login == "li")


def audited(office: Office) -> list[str]:
    return [row.what for row in office.audit.page(EVERYTHING).rows]


def test_the_first_password_opens_and_is_to_be_changed(office: Office, password: str, clock: ManualClock) -> None:
    user = office.users.check("li", password, clock())

    assert user is not None
    assert (user.name, user.role, user.must_change, user.is_admin) == ("李梅", "clerk", True, False)
    assert office.users.get(user.id).last_login_at == clock()  # type: ignore[union-attr]
    assert "login" in audited(office)


def test_a_wrong_password_and_an_unknown_login_open_nothing(office: Office, password: str, clock: ManualClock) -> None:
    assert office.users.check("li", password + "x", clock()) is None
    assert office.users.check("nobody", password, clock()) is None
    assert office.users.check("li\x00", "", clock()) is None
    assert {"login.fail", "login.unknown"} <= set(audited(office))


def test_five_wrong_passwords_lock_the_login_for_a_while(
    office: Office, password: str, clock: ManualClock, open_office: Callable[[str], Office]
) -> None:
    for _ in range(TRIES):
        assert office.users.check("li", "wrong", clock()) is None

    assert office.users.check("li", password, clock()) is None
    assert office.users.locked_until("li", clock()) == clock() + LOCK
    restarted = open_office(office.settings.url)
    assert restarted.users.check("li", password, clock()) is None, "a restart lifts no lock"

    clock.go(seconds=LOCK.total_seconds())
    assert office.users.check("li", password, clock()) is not None
    assert office.users.locked_until("li", clock()) is None


def test_a_right_password_forgets_the_wrong_ones_before_it(office: Office, password: str, clock: ManualClock) -> None:
    for _ in range(3):
        for _ in range(TRIES - 1):
            office.users.check("li", "wrong", clock())
        assert office.users.check("li", password, clock()) is not None


def test_a_password_is_changed_by_who_knows_the_old_one(
    office: Office, user: User, password: str, clock: ManualClock
) -> None:
    with pytest.raises(Refused, match="wrong"):
        office.users.change_password(user, "wrong", "a new long one", clock())
    with pytest.raises(Refused, match="characters"):
        office.users.change_password(user, password, "short", clock())
    with pytest.raises(Refused, match="differs"):
        office.users.change_password(user, password, password, clock())

    office.users.change_password(user, password, "a new long one", clock())

    changed = office.users.check("li", "a new long one", clock())
    assert changed is not None
    assert not changed.must_change
    assert office.users.check("li", password, clock()) is None


def begin(office: Office, user: User) -> pyotp.TOTP:
    uri = office.users.begin_totp(user)
    assert uri.startswith("otpauth://totp/")
    return pyotp.TOTP(parse_qs(urlparse(uri).query)["secret"][0])


def test_a_second_factor_counts_once_it_was_shown_to_work(
    office: Office, user: User, password: str, clock: ManualClock
) -> None:
    phone = begin(office, user)
    assert not office.users.check("li", password, clock()).totp  # type: ignore[union-attr]

    assert not office.users.confirm_totp(user, "000000", clock())
    assert office.users.confirm_totp(user, phone.at(clock()), clock())

    assert office.users.check("li", password, clock()).totp  # type: ignore[union-attr]


def test_a_code_is_good_once(office: Office, user: User, clock: ManualClock) -> None:
    phone = begin(office, user)
    office.users.confirm_totp(user, phone.at(clock()), clock())
    assert not office.users.check_code(user, phone.at(clock()), clock())

    code = phone.at(clock.go(seconds=30))

    assert office.users.check_code(user, f"{code[:3]} {code[3:]}", clock())
    assert not office.users.check_code(user, code, clock())


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "\x00\x00\x00\x00\x00\x00"])
def test_what_is_no_code_is_refused(office: Office, user: User, clock: ManualClock, code: str) -> None:
    phone = begin(office, user)
    office.users.confirm_totp(user, phone.at(clock()), clock())

    assert not office.users.check_code(user, code, clock.go(minutes=1))


def test_wrong_codes_lock_the_login_although_the_password_is_right(
    office: Office, user: User, password: str, clock: ManualClock
) -> None:
    phone = begin(office, user)
    office.users.confirm_totp(user, phone.at(clock()), clock())
    clock.go(minutes=1)

    for _ in range(TRIES):
        assert office.users.check("li", password, clock()) is not None
        assert not office.users.check_code(user, "000000", clock())

    assert office.users.check("li", password, clock()) is None
    assert not office.users.check_code(user, phone.at(clock()), clock())


def test_a_reset_lifts_lock_and_second_factor(office: Office, user: User, clock: ManualClock) -> None:
    phone = begin(office, user)
    office.users.confirm_totp(user, phone.at(clock()), clock())
    for _ in range(TRIES):
        office.users.check("li", "wrong", clock())

    fresh = office.users.reset_password("LI", who="test")

    back = office.users.check("li", fresh, clock())
    assert back is not None
    assert (back.totp, back.must_change) == (False, True)
    with pytest.raises(NotFound):
        office.users.reset_password("nobody", who="test")


def test_a_login_is_one_persons(office: Office, password: str) -> None:
    with pytest.raises(Refused, match="already"):
        office.users.add("LI ", "李四", "clerk", EVERYTHING, who="test")
    with pytest.raises(Refused, match="role"):
        office.users.add("wang", "王", "emperor", EVERYTHING, who="test")
    with pytest.raises(Refused, match="login"):
        office.users.add("two words", "王", "clerk", EVERYTHING, who="test")
    with pytest.raises(NotFound):
        office.users.add("wang", "王", "clerk", Scope("no unit"), who="test")


def test_a_user_belongs_to_a_branch(office: Office, community: Unit, clock: ManualClock) -> None:
    password = office.users.add("wang", "王", "admin", Scope(community.id), who="test")

    user = office.users.check("wang", password, clock())

    assert user is not None
    assert user.scope == Scope(community.id)
    assert user.is_admin
    assert office.users.get("no id") is None


def test_somebody_always_administers_the_whole_office(office: Office, community: Unit) -> None:
    office.users.add("admin", "", "admin", EVERYTHING, who="test")
    office.users.add("wang", "王", "admin", Scope(community.id), who="test")

    with pytest.raises(Refused, match="administer"):
        office.users.set_role("admin", "clerk", who="test")

    office.users.add("li", "李梅", "admin", EVERYTHING, who="test")
    office.users.set_role("admin", "clerk", who="test")
    assert {user.login: user.role for user in office.users.list()} == {"admin": "clerk", "li": "admin", "wang": "admin"}
