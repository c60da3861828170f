"""After a damaged journal was set aside, nobody gets through who would not have got through before."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import timedelta

import pytest

from kiosk.chain import canonical
from kiosk.journal import Journal, carried
from kiosk.model import Draft
from tests.kiosk.journal.desk import KEY, NOON, TOKEN, Desk

HOUSEHOLD, FATHER, MOTHER = "11" * 32, "22" * 32, "33" * 32
TODAY = NOON.date()


def went_out(desk: Desk, who: str = FATHER, household: str = HOUSEHOLD, **said: object) -> Draft:
    draft = desk.passage(direction="out", token=who, **said)
    return Draft(draft.kind, draft.at, draft.open, {**draft.personal, "household_token": household})


def damaged(desk: Desk, *, acknowledged: bool = True) -> None:
    """The file as it is after its first page was lost; the office has everything that was in it."""
    if acknowledged:
        with desk.open() as journal:
            head = journal.head()
            journal.acknowledge(head.seq, head.digest, desk.at)
    with desk.path.open("r+b") as file:
        file.write(bytes(4096))
    for log in desk.path.parent.glob("journal.db-*"):
        log.unlink()


def healed(desk: Desk) -> Journal:
    return Journal.open(desk.path, KEY, now=desk.now, boot="boot-2", zone=desk.zone, heal=True)


@pytest.mark.parametrize("acknowledged", [True, False], ids=["the office has all", "the office has nothing"])
def test_a_declaration_is_used_once_and_a_quota_goes_on(desk: Desk, *, acknowledged: bool) -> None:
    with desk.open() as journal:
        journal.append(desk.passage(declaration="d-17"), went_out(desk), went_out(desk, MOTHER))
        outs = journal.outs(HOUSEHOLD, TODAY)
    damaged(desk, acknowledged=acknowledged)
    with healed(desk) as journal:
        assert journal.used("d-17")
        assert not journal.used("d-18")
        assert sorted(journal.outs(HOUSEHOLD, TODAY), key=str) == sorted(outs, key=str)


def test_a_code_shown_again_within_minutes_is_still_known(desk: Desk) -> None:
    with desk.open() as journal:
        journal.append(desk.passage(verdict="refuse", token="44" * 32), desk.passage())
    damaged(desk)
    desk.later(minutes=3)
    with healed(desk) as journal:
        seen = journal.last_seen(TOKEN)
        assert seen is not None
        assert (seen.at, seen.direction, seen.verdict) == (NOON, "in", "admit")
        journal.append(desk.passage(direction="out"))
        later = journal.last_seen(TOKEN)
        assert later is not None
        assert (later.at, later.direction) == (desk.at, "out")


def test_of_earlier_days_the_last_exit_of_each_person_is_enough(desk: Desk) -> None:
    with desk.open() as journal:
        for days in (15, 9, 8, 1, 0):
            desk.at = NOON - timedelta(days=days)
            journal.append(went_out(desk), went_out(desk))
        before = journal.outs(HOUSEHOLD, TODAY - timedelta(days=14))
    damaged(desk)
    with healed(desk) as journal:
        after = journal.outs(HOUSEHOLD, TODAY - timedelta(days=30))
    assert [(NOON - left.at).days for left in before] == [9, 9, 8, 8, 1, 1, 0, 0]
    assert [(NOON - left.at).days for left in after] == [8, 1, 0]  # exits of one moment are one


def test_nothing_of_a_person_stands_open_and_what_is_forgotten_stays_so(desk: Desk) -> None:
    with desk.open() as journal:
        journal.append(went_out(desk, declaration="d-17"), desk.passage())
    damaged(desk)
    with healed(desk) as journal:
        (event,) = [event for event in journal.after(0) if event.kind == "journal.carried"]
        said = canonical(dict(event.open)).decode()
        for secret in (TOKEN, FATHER, HOUSEHOLD):
            assert secret not in said
            assert base64.b64encode(bytes.fromhex(secret)).decode() not in said
        assert "d-17" not in said
        desk.later(days=40)
        journal.append(desk.passage(token="55" * 32))
        journal.forget_before(desk.at.date())
        assert (journal.last_seen(TOKEN), journal.outs(HOUSEHOLD, TODAY)) == (None, [])
        assert journal.verify().ok


def rebuilt(desk: Desk) -> Journal:
    journal = desk.open()
    journal.rebuild()
    return journal


def damaged_again(desk: Desk) -> Journal:
    damaged(desk)
    return healed(desk)


@pytest.mark.parametrize("then", [rebuilt, damaged_again], ids=lambda then: then.__name__)
def test_as_many_events_as_it_takes_count_nothing_twice(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, then: Callable[[Desk], Journal]
) -> None:
    monkeypatch.setattr(carried, "ROWS", 7)
    people = [f"{number:064x}" for number in range(20)]
    with desk.open() as journal:
        journal.append(*(desk.passage(token=person) for person in people))
        journal.append(*(went_out(desk, person, f"{number % 3:064x}") for number, person in enumerate(people[:9])))
        counts, inside = journal.counts(TODAY), journal.inside()
    damaged(desk)
    healed(desk).close()
    with then(desk) as journal:
        assert len([event for event in journal.after(0) if event.kind == "journal.carried"]) == 5
        assert ({**journal.counts(TODAY), "alerts": 0}, journal.inside()) == ({**counts, "alerts": 0}, inside)
        assert all(journal.last_seen(person) for person in people)
        assert [len(journal.outs(f"{household:064x}", TODAY)) for household in range(3)] == [3, 3, 3]
