"""Volunteers sign on with a PIN; guessing is answered by a growing pause, and a restart forgets neither (row G14)."""

from __future__ import annotations

import re
import sqlite3
import stat
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kiosk.errors import GatehouseError
from kiosk.staff import FIRST_PAUSE, FREE_TRIES, LONGEST_PAUSE, SUPERVISOR, SignOnError, Staff

NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)
WRONG = "000001"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "gate.db"


@pytest.fixture
def staff(path: Path) -> Staff:
    return Staff.open(path)


def _guess(staff: Staff, times: int, at: datetime) -> SignOnError:
    """The answer to the last of so many wrong PINs."""
    for _ in range(times):
        with pytest.raises(SignOnError) as caught:
            staff.sign_on(WRONG, at)
    return caught.value


def test_a_volunteer_signs_on_with_the_pin_that_was_handed_out(staff: Staff) -> None:
    wang, pin = staff.add(" 王小明 ")
    assert re.fullmatch(r"\d{6}", pin)
    assert wang.name == "王小明"
    assert staff.on_duty() is None
    assert staff.sign_on(pin, NOON) == wang
    assert staff.on_duty() == wang


def test_a_pin_may_be_chosen(staff: Staff) -> None:
    li, pin = staff.add("李四", "280417")
    assert pin == "280417"
    assert staff.sign_on("280417", NOON) == li


def test_who_signs_on_takes_over_and_only_who_is_on_duty_signs_off(staff: Staff) -> None:
    (wang, first), (li, second) = staff.add("王"), staff.add("李")
    staff.sign_on(first, NOON)
    staff.sign_on(second, NOON)
    assert staff.on_duty() == li
    staff.sign_off(wang.id)
    assert staff.on_duty() == li
    staff.sign_off(li.id)
    staff.sign_off(li.id)
    assert staff.on_duty() is None


def test_a_restart_leaves_the_shift_as_it_was(path: Path, staff: Staff) -> None:
    wang, pin = staff.add("王")
    staff.sign_on(pin, NOON)
    staff.close()
    assert Staff.open(path).on_duty() == wang


@pytest.mark.parametrize("weak", ["000000", "777777", "123456", "234567", "987654", "890123", "121212", "112211"])
def test_a_pin_that_is_easily_guessed_is_refused(staff: Staff, weak: str) -> None:
    with pytest.raises(GatehouseError, match="too easy"):
        staff.add("王", weak)
    assert staff.all() == ()


@pytest.mark.parametrize("pin", ["", "12345", "1234567", "28041x", "２８０４１７", " 28041"])
def test_a_pin_has_six_digits(staff: Staff, pin: str) -> None:
    with pytest.raises(GatehouseError, match="6 digits"):
        staff.add("王", pin)


def test_a_pin_in_use_is_refused(staff: Staff) -> None:
    staff.add("王", "280417")
    with pytest.raises(GatehouseError, match="taken"):
        staff.add("李", "280417")
    assert [volunteer.name for volunteer in staff.all()] == ["王"]


def test_a_volunteer_has_a_name(staff: Staff) -> None:
    with pytest.raises(GatehouseError, match="name"):
        staff.add("  ")


def test_who_was_removed_is_off_duty_and_cannot_come_back(staff: Staff) -> None:
    wang, pin = staff.add("王", "280417")
    staff.add("李")
    staff.sign_on(pin, NOON)
    assert staff.remove(wang.id)
    assert staff.on_duty() is None
    with pytest.raises(SignOnError):
        staff.sign_on(pin, NOON)
    assert not staff.remove(wang.id)
    staff.add("赵", "280417")


def test_a_wrong_pin_is_refused_in_both_languages(staff: Staff) -> None:
    staff.add("王", "280417")
    error = _guess(staff, 1, NOON)
    assert "4" in error.zh
    assert "4" in error.en
    assert error.zh in str(error)
    assert error.locked_until is None
    assert staff.on_duty() is None


def test_without_any_volunteer_it_is_said_how_to_add_one(staff: Staff) -> None:
    with pytest.raises(SignOnError, match="volunteer add"):
        staff.sign_on(WRONG, NOON)


def test_after_too_many_wrong_pins_even_the_right_one_has_to_wait(staff: Staff) -> None:
    staff.add("王", "280417")
    error = _guess(staff, FREE_TRIES, NOON)
    until = NOON + FIRST_PAUSE
    assert error.locked_until == until
    with pytest.raises(SignOnError) as caught:
        staff.sign_on("280417", until - timedelta(seconds=1))
    assert caught.value.locked_until == until
    assert staff.sign_on("280417", until).name == "王"


def test_the_pause_doubles_with_every_further_wrong_pin_up_to_a_limit(staff: Staff) -> None:
    staff.add("王", "280417")
    at, pauses = NOON, []
    _guess(staff, FREE_TRIES - 1, at)
    for _ in range(9):
        until = _guess(staff, 1, at).locked_until
        assert until is not None
        pauses.append(until - at)
        at = until
    assert pauses[:3] == [FIRST_PAUSE, 2 * FIRST_PAUSE, 4 * FIRST_PAUSE]
    assert pauses[-1] == LONGEST_PAUSE


def test_the_right_pin_ends_the_count_of_wrong_ones(staff: Staff) -> None:
    staff.add("王", "280417")
    for _ in range(3):
        assert _guess(staff, FREE_TRIES - 1, NOON).locked_until is None
        staff.sign_on("280417", NOON)


def test_a_restart_does_not_end_the_pause(path: Path, staff: Staff) -> None:
    staff.add("王", "280417")
    _guess(staff, FREE_TRIES, NOON)
    staff.close()
    with pytest.raises(SignOnError, match="Too many"):
        Staff.open(path).sign_on("280417", NOON + timedelta(seconds=1))


def test_a_pause_set_by_a_clock_years_ahead_ends_all_the_same(staff: Staff) -> None:
    staff.add("王", "280417")
    _guess(staff, FREE_TRIES, NOON.replace(year=2099))
    with pytest.raises(SignOnError, match="Too many"):
        staff.sign_on("280417", NOON)
    assert staff.sign_on("280417", NOON + FIRST_PAUSE).name == "王"


def test_guessing_in_parallel_gains_nothing(staff: Staff) -> None:
    staff.add("王", "280417")
    answers: list[datetime | None] = []

    def guess() -> None:
        with pytest.raises(SignOnError) as caught:
            staff.sign_on(WRONG, NOON)
        answers.append(caught.value.locked_until)

    threads = [threading.Thread(target=guess) for _ in range(FREE_TRIES + 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers.count(None) == FREE_TRIES - 1


def test_pins_are_kept_as_hashes_in_a_file_for_the_gate_alone(path: Path, staff: Staff) -> None:
    staff.add("王", "280417")
    content = path.read_bytes()
    assert b"280417" not in content
    assert b"$argon2id$v=19$m=19456,t=2,p=1$" in content
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_file_that_is_none_is_named(path: Path) -> None:
    path.write_bytes(b"no database" * 200)
    with pytest.raises(GatehouseError, match=r"gate\.db"):
        Staff.open(path)


def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(GatehouseError, match=r"gate\.db.*check the folder"):
        Staff.open(tmp_path / "nowhere" / "gate.db")


def test_only_a_supervisors_pin_approves_and_duty_stays_as_it_is(staff: Staff) -> None:
    wang, pin = staff.add("王小明")
    zhao, supervisors = staff.add("赵主任", role=SUPERVISOR)
    staff.sign_on(pin, NOON)
    assert staff.approve(supervisors, NOON) == zhao
    assert staff.on_duty() == wang
    with pytest.raises(SignOnError, match="还可试"):
        staff.approve(pin, NOON)


def test_without_any_supervisor_nothing_is_approved_and_no_guess_is_counted(staff: Staff) -> None:
    _, pin = staff.add("王小明")
    for _ in range(FREE_TRIES + 1):
        with pytest.raises(SignOnError, match="--supervisor"):
            staff.approve(pin, NOON)
    assert staff.sign_on(pin, NOON)


def test_a_file_from_before_there_were_supervisors_holds_volunteers(path: Path) -> None:
    staff = Staff.open(path)
    wang, pin = staff.add("王小明")
    staff.close()
    with sqlite3.connect(path) as connection:
        connection.execute("ALTER TABLE volunteer DROP COLUMN role")
    connection.close()
    assert Staff.open(path).sign_on(pin, NOON) == wang
