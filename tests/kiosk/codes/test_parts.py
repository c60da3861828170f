from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk import codes
from kiosk.codes import shc
from kiosk.codes.parts import Collected, Collector, one_card, part_of
from kiosk.model import Part, Verification

from .shc.cards import NOON, PATIENT, Clinic, claims, shot

clinic = Clinic()
CARD = shc.write(shc.issue(claims(PATIENT, shot("2021-01-01")), clinic.private), 3)
OTHER = shc.write(shc.issue(claims(PATIENT, shot("2021-02-02"), rid="x" * 24), Clinic().private), 3)
(WHOLE,) = shc.write(shc.issue(claims(PATIENT), clinic.private))
LONG = shc.write("ey" + "A" * 50 + "." + "A" * 50 + "." + "A" * 80, 4)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_parts_come_in_any_order(order: tuple[int, ...]) -> None:
    collector = Collector()
    steps = [collector.add(CARD[index], NOON) for index in order]
    assert [(len(step.have), step.total, step.text is None) for step in steps] == [
        (1, 3, True),
        (2, 3, True),
        (3, 3, False),
    ]
    assert steps[-1].text
    assert codes.read(steps[-1].text, clinic.context()).verification is Verification.VERIFIED


def test_texts_that_may_be_symbols_of_one_card_are_told_from_those_of_two_people() -> None:
    assert one_card(CARD[:2])
    assert one_card(CARD)
    assert not one_card([CARD[0], CARD[0]])
    assert not one_card([CARD[0], OTHER[0]]), "the first part of two cards"
    assert not one_card([CARD[0], LONG[1]]), "of another number of parts"
    assert not one_card([CARD[0], WHOLE])
    assert not one_card(["GP1:A", "GP1:B"])


def test_repeats_change_nothing() -> None:
    collector = Collector()
    collector.add(CARD[0], NOON)
    assert collector.add(CARD[0], NOON) == Collected(frozenset({1}), 3)
    collector.add(CARD[1], NOON)
    done = collector.add(CARD[2], NOON)
    assert collector.add(CARD[0], NOON) == done


def test_the_time_runs_from_the_first_part_to_the_last() -> None:
    collector = Collector()
    collector.add(CARD[0], at(0))
    collector.add(CARD[1], at(59))
    assert not collector.expired(at(60))
    assert collector.expired(at(60.1))
    assert collector.add(CARD[2], at(60.1)) == Collected(frozenset({3}), 3)
    assert not collector.expired(at(61))


def test_the_time_can_be_set_and_a_clock_put_back_harms_nothing() -> None:
    collector = Collector(timedelta(seconds=5))
    collector.add(CARD[0], at(0))
    assert collector.add(CARD[1], at(-100)).have == {1, 2}
    assert collector.expired(at(6))


@pytest.mark.parametrize(("known", "new"), [(CARD[:1], OTHER[0]), (CARD[:2], OTHER[1]), (CARD[:2], LONG[3])])
def test_a_part_of_another_card_begins_anew_and_says_so(known: tuple[str, ...], new: str) -> None:
    collector = Collector()
    for text in known:
        collector.add(text, NOON)
    part = part_of(new)
    assert part
    assert collector.add(new, NOON) == Collected(frozenset({part.number}), part.total, anew=True)


def test_parts_that_make_no_message_together_begin_anew() -> None:
    collector = Collector()
    collector.add("shc:/1/2/5676" + "43" * 9, NOON)
    assert collector.add("shc:/2/2/43", NOON) == Collected(frozenset({2}), 2, anew=True)
    dots = "01" * 3
    collector.add("shc:/1/3/5676" + "01", NOON)
    assert collector.add(f"shc:/2/3/{dots}43", NOON).have == {2}


def test_the_next_card_follows_a_complete_one() -> None:
    collector = Collector()
    for text in (*CARD, *OTHER[:2]):
        step = collector.add(text, NOON)
    assert step == Collected(frozenset({1, 2}), 3)


@pytest.mark.parametrize("text", ["", WHOLE, "GP1:ABC", "shc:/1/13/5676", "shc:/4/3/43", "shc:/2/3/" + "43" * 1192])
def test_what_is_no_part_is_none(text: str) -> None:
    assert part_of(text) is None
    with pytest.raises(ValueError, match="no part"):
        Collector().add(text, NOON)


def test_a_part_is_told() -> None:
    assert [part_of(text) for text in CARD] == [Part(1, 3), Part(2, 3), Part(3, 3)]


@given(st.lists(st.tuples(st.sampled_from([*CARD, *OTHER, *LONG]), st.integers(0, 100)), max_size=12))
def test_a_whole_card_is_always_one_that_was_shown(shown: list[tuple[str, int]]) -> None:
    collector = Collector()
    wholes = {shc.write("".join(piece_of(text) for text in card))[0] for card in (CARD, OTHER, LONG)}
    for text, seconds in shown:
        step = collector.add(text, datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds))
        assert step.have <= set(range(1, step.total + 1))
        if step.text in wholes:
            assert len(step.have) == step.total


def piece_of(text: str) -> str:
    piece = shc.numeric.read(text)
    assert isinstance(piece, shc.numeric.Piece)
    return piece.jws
