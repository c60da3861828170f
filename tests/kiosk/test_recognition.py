"""By which tokens a person is known, and when one code is on two phones."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from kiosk import recognition
from kiosk.model import Direction, HealthCode, Method, Presentation, Verification

KEY = b"k" * 32
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SHOWN = Presentation(Method.CAMERA, NOON, "https://example.cn/code/1")


@dataclass(frozen=True)
class Passage:
    at: datetime = NOON - timedelta(minutes=3)
    direction: str = "in"
    verdict: str = "admit"


def test_the_same_code_in_again_within_minutes_is_a_copy() -> None:
    assert recognition.copied(Passage(), Direction.IN, NOON)


@pytest.mark.parametrize(
    "passage",
    [
        None,
        Passage(direction="out"),
        Passage(verdict="check"),
        Passage(at=NOON - recognition.COPY_WITHIN - timedelta(seconds=1)),
        Passage(at=NOON + timedelta(seconds=1)),
    ],
)
def test_a_code_that_went_out_was_not_let_in_or_came_long_ago_is_no_copy(passage: Passage | None) -> None:
    assert not recognition.copied(passage, Direction.IN, NOON)


def test_the_edge_of_the_ten_minutes_still_counts() -> None:
    assert recognition.copied(Passage(at=NOON - recognition.COPY_WITHIN), Direction.IN, NOON)


def test_a_code_is_known_by_its_serial_else_by_its_text() -> None:
    by_serial = HealthCode("x", verification=Verification.VERIFIED, serial="s-1")
    by_text = HealthCode("x", verification=Verification.UNVERIFIED)
    first, second = (recognition.code_token(KEY, code, SHOWN) for code in (by_serial, by_text))
    assert first != second
    assert None not in (first, second)


def test_a_code_that_failed_or_was_not_shown_has_no_token() -> None:
    failed = HealthCode("x", verification=Verification.FAILED, serial="s-1")
    typed = Presentation(Method.HAND, NOON)
    assert recognition.code_token(KEY, failed, SHOWN) is None
    assert recognition.code_token(KEY, None, SHOWN) is None
    assert recognition.code_token(KEY, HealthCode("x", verification=Verification.VERIFIED), typed) is None
