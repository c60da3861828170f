"""What follows from the events, and follows again when it is made anew."""

from __future__ import annotations

from datetime import date

import pytest

from kiosk.journal import Journal, correction
from kiosk.journal.schema import COUNTS
from kiosk.model import Draft
from tests.kiosk.journal.desk import NOON, TOKEN, Desk

TODAY = NOON.date()


def _nonzero(journal: Journal, day: date = TODAY) -> dict[str, int]:
    return {name: count for name, count in journal.counts(day).items() if count}


def test_a_day_without_anything_counts_zero_of_everything(journal: Journal) -> None:
    assert journal.counts(TODAY) == dict.fromkeys(COUNTS, 0)


def test_counts_tell_passages_by_direction_and_verdict(desk: Desk, journal: Journal) -> None:
    journal.append(desk.passage("admit"), desk.passage("isolate"), desk.passage("refuse", "out"))
    journal.append(Draft("visit.abandoned", desk.at, {"why": "timeout"}), Draft("alert", desk.at, {"alert": "fever"}))
    assert _nonzero(journal) == {
        "passages": 3,
        "in": 2,
        "out": 1,
        "admit": 1,
        "isolate": 1,
        "refuse": 1,
        "abandoned": 1,
        "alerts": 1,
    }


def test_a_day_ends_at_midnight_where_the_gate_stands(desk: Desk, journal: Journal) -> None:
    desk.at = NOON.replace(hour=15, minute=59, second=59)
    journal.append(desk.passage())
    desk.at = NOON.replace(hour=16, minute=0)
    journal.append(desk.passage())
    assert [journal.counts(day)["passages"] for day in (date(2026, 11, 22), date(2026, 11, 23))] == [1, 1]


def test_only_admitted_people_change_the_number_inside(desk: Desk, journal: Journal) -> None:
    journal.append(desk.passage(), desk.passage(), desk.passage("check"), desk.passage("refuse", "out"))
    assert journal.inside() == 2
    journal.append(desk.passage("admit", "out"))
    assert journal.inside() == 1


def test_nobody_is_the_least_that_can_be_inside(desk: Desk, journal: Journal) -> None:
    journal.append(desk.passage("admit", "out"), desk.passage("admit", "out"), desk.passage())
    assert journal.inside() == 1


def test_a_demonstration_counts_as_nothing_else(desk: Desk, journal: Journal) -> None:
    journal.append(desk.passage(demo=True), Draft("alert", desk.at, {"demo": True}))
    assert _nonzero(journal) == {"demo": 2}
    assert journal.inside() == 0
    assert journal.last_seen(TOKEN) is None


def test_a_person_was_last_seen_at_the_newest_passage(desk: Desk, journal: Journal) -> None:
    journal.append(desk.passage(direction="in"))
    desk.later(hours=3)
    journal.append(desk.passage("refuse", direction="out"), desk.passage(token="cd" * 32))
    seen = journal.last_seen(TOKEN)
    assert seen is not None
    assert (seen.journal, seen.seq, seen.at, seen.direction, seen.verdict) == (journal.id, 3, desk.at, "out", "refuse")
    assert journal.last_seen("ef" * 32) is None


def test_an_event_from_a_clock_that_ran_behind_is_not_the_newest(desk: Desk, journal: Journal) -> None:
    journal.append(desk.passage(direction="in"))
    desk.later(days=-400)
    journal.append(desk.passage(direction="out"))
    seen = journal.last_seen(TOKEN)
    assert seen is not None
    assert (seen.seq, seen.at) == (2, NOON)


@pytest.mark.parametrize("said", [{"verdict": "wave-through"}, {"direction": "up"}, {"verdict": None}])
def test_a_passage_that_says_something_unheard_of_is_still_counted_as_one(
    desk: Desk, journal: Journal, said: dict[str, str]
) -> None:
    journal.append(desk.passage(**said))
    assert journal.counts(TODAY)["passages"] == 1
    assert journal.inside() == (0 if "verdict" in said or "direction" in said else 1)


def test_a_rebuild_gives_what_was_there(desk: Desk, journal: Journal) -> None:
    (event, *_) = journal.append(desk.passage(), desk.passage("isolate", "out"), desk.passage(demo=True))
    journal.append(correction(event, desk.at, {"why": "wrong lane"}), Draft("visit.abandoned", desk.at, {}))
    desk.later(days=1)
    journal.append(desk.passage("admit", "out", token="cd" * 32), desk.passage())
    journal.day_close(TODAY)

    def projected() -> list[object]:
        days = (TODAY, date(2026, 11, 23))
        return [[journal.counts(day) for day in days], journal.inside(), journal.last_seen(TOKEN)]

    before = projected()
    assert journal.rebuild() == journal.head().seq
    assert projected() == before
    assert journal.day_close(TODAY) is None


def test_a_rebuild_repairs_projections_that_were_tampered_with(desk: Desk) -> None:
    with desk.open() as journal:
        journal.append(desk.passage(), desk.passage())
    with desk.tampering() as file:
        file.execute("UPDATE tallies SET passages = 99")
        file.execute("UPDATE state SET value = 99 WHERE name = 'inside'")
        file.execute("DELETE FROM last_seen")
    with desk.open() as journal:
        journal.rebuild()
        assert (journal.counts(TODAY)["passages"], journal.inside()) == (2, 2)
        assert journal.last_seen(TOKEN) is not None


HOUSEHOLD = "ef" * 32


def _exit(desk: Desk, token: str = TOKEN, verdict: str = "admit", **said: object) -> Draft:
    made = desk.passage(verdict, "out", token, **said)
    return Draft(made.kind, made.at, made.open, {**made.personal, "household_token": HOUSEHOLD})


def test_a_household_is_remembered_by_who_of_it_went_out(desk: Desk, journal: Journal) -> None:
    journal.append(_exit(desk), _exit(desk, verdict="refuse"), _exit(desk, demo=True))
    desk.later(hours=1)
    journal.append(_exit(desk, token="cd" * 32))
    assert [one.who for one in journal.outs(HOUSEHOLD, TODAY)] == [TOKEN, "cd" * 32]
    assert journal.outs("00" * 32, TODAY) == []
    assert journal.outs(HOUSEHOLD, date(2026, 11, 23)) == []


def test_an_override_lets_through_whoever_it_admits(desk: Desk, journal: Journal) -> None:
    said = {"from": "check", "to": "admit", "direction": "out", "declaration": "d-1"}
    journal.append(desk.passage(), desk.passage(), desk.passage("check", "out"))
    journal.append(Draft("override", desk.at, said, {"household_token": HOUSEHOLD, "tokens": [TOKEN]}))
    assert journal.inside() == 1
    assert journal.used("d-1")
    assert len(journal.outs(HOUSEHOLD, TODAY)) == 1
    journal.append(Draft("override", desk.at, said | {"from": "check", "to": "refuse"}))
    assert journal.inside() == 1


def test_a_declaration_is_used_by_whoever_was_let_in_on_it(desk: Desk, journal: Journal) -> None:
    journal.append(desk.passage("check", declaration="d-1"), desk.passage(declaration="d-2"))
    assert [journal.used(name) for name in ("d-1", "d-2")] == [False, True]


def test_a_count_by_hand_holds_until_the_next_passage(desk: Desk, journal: Journal) -> None:
    journal.append(desk.passage(), Draft("count.set", desk.at, {"inside": 40, "was": 1, "why": "recount"}))
    assert journal.inside() == 40
    journal.append(desk.passage("admit", "out"))
    assert journal.inside() == 39


def test_the_exits_and_the_count_follow_again_from_the_journal(desk: Desk, journal: Journal) -> None:
    journal.append(_exit(desk), Draft("count.set", desk.at, {"inside": 7}), desk.passage(declaration="d-1"))
    journal.rebuild()
    assert (journal.inside(), journal.used("d-1"), len(journal.outs(HOUSEHOLD, TODAY))) == (8, True, 1)


def test_an_override_moves_the_person_in_and_the_gates_own_one_back_out(desk: Desk, journal: Journal) -> None:
    journal.append(desk.passage("check"))
    said = {"direction": "in", "from": "check", "to": "admit"}
    journal.append(Draft("override", desk.at, said, {"tokens": [TOKEN]}))
    assert journal.inside() == 1
    seen = journal.last_seen(TOKEN)
    assert seen is not None
    assert seen.verdict == "admit"
    back = {**said, "from": "admit", "to": "check"}
    journal.append(
        Draft("override", desk.at, back, {"tokens": [TOKEN]}), Draft("override", desk.at, {**back, "demo": True})
    )
    assert journal.inside() == 0
    journal.rebuild()
    assert journal.inside() == 0


def _override(desk: Desk, was: str, became: str, **said: object) -> Draft:
    return Draft("override", desk.at, {"direction": "in", "from": was, "to": became, "why": "document", **said})


OVERRIDDEN = {"overrides": 3, "override:check:admit": 2, "override:refuse:check": 1, "kept": 1}


def _overrides(desk: Desk) -> list[Draft]:
    people = [_override(desk, *way.split(":")[1:]) for way in ("x:check:admit", "x:refuse:check", "x:check:admit")]
    by_the_gate = [_override(desk, "admit", "check", why="party")]
    return [*people, *by_the_gate, _override(desk, "check", "admit", demo=True), Draft("override", desk.at, {"to": []})]


def test_a_verdict_stays_counted_as_the_policy_gave_it_and_overrides_are_counted_beside_it(
    desk: Desk, journal: Journal
) -> None:
    journal.append(desk.passage("check"), desk.passage("check"), desk.passage("refuse"), desk.passage())
    journal.append(*_overrides(desk)[:-1])
    counted = {"passages": 4, "in": 4, "check": 2, "refuse": 1, "admit": 1, **OVERRIDDEN}
    assert _nonzero(journal) == counted
    journal.rebuild()
    assert _nonzero(journal) == counted
    journal.append(_overrides(desk)[-1])  # says neither from what nor to what
    assert journal.counts(TODAY)["overrides"] == 4


def test_a_file_from_before_overrides_were_counted_is_counted_when_it_is_opened(desk: Desk) -> None:
    with desk.open() as journal:
        journal.append(*_overrides(desk)[:-1])
    with desk.tampering() as file:
        file.execute("DROP TABLE changes")
    for _start in range(2):
        with desk.open() as journal:
            assert {name: count for name, count in _nonzero(journal).items() if name != "passages"} == OVERRIDDEN
