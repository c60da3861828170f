"""A draft tried on the past: what it would have changed, where and when, and what cannot be judged any more."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from kiosk.errors import PolicyError
from kiosk.model import Verdict
from kiosk.screening import policy
from sync.office.db.log import EventRow
from sync.office.db.policies import PolicyTrialRow
from sync.office.errors import NotFound, Refused
from sync.office.office import Office
from sync.office.policy import past
from sync.office.policy.values import Tally, Trial, Version
from sync.office.values import EVERYTHING, Scope, Unit
from tests.kiosk.screening.visits import PASS
from tests.sync.office.conftest import NOON, ManualClock
from tests.sync.office.gate_end import PERSON, GateEnd
from tests.sync.office.test_policy import draft

PATIENCE_S = 60


def facts(celsius: float = 36.6, **more: Any) -> dict[str, Any]:
    """What a gate records of somebody with a valid pass."""
    return {
        "direction": "in",
        "method": "camera",
        "tier": 0,
        "limits": {"fever": 39.5, "lowest": 30.0, "highest": 43.0},
        "footing": "fresh",
        "person": {"identified": True, "name": PASS.holder.name},
        "code": {"presented": True, "recognised": True, "reason": "", "verification": "verified", "level": "none",
                 "stale": False, "copied": False},
        "pass": {"presented": True, "valid": True},
        "reading": {"taken": True, "celsius": celsius},
        "answers": {},
        "watch": {"listed": False, "why": []},
        **more,
    }  # fmt: skip


def only_fever(office: Office, community: Unit, fever: float = 37.3, **more: Any) -> Version:
    """A draft whose one rule is the fever."""
    rules = [rule for rule in policy.default().to_document()["rule"] if rule["id"] == "fever"]
    return draft(office, community, rule=rules, question=[], limits={"fever": fever}, **more)


def passed(gate_end: GateEnd, celsius: float, verdict: str = "admit", known: dict[str, Any] | None = None) -> None:
    """Somebody passed, and the office heard of it."""
    personal = PERSON | {"facts": facts(celsius) if known is None else known}
    (event,) = gate_end.passes(1, personal, celsius=celsius, verdict=verdict)
    gate_end.send(event.seq)


def finished(office: Office, trial: Trial) -> Trial:
    """The run when it has come to its end."""
    deadline = time.monotonic() + PATIENCE_S
    while (now := office.trials.get(trial.id, EVERYTHING)).running:
        assert time.monotonic() < deadline, "the run does not end"
        time.sleep(0.02)
    return now


def test_a_lower_limit_shows_whom_it_would_have_stopped(
    office: Office, community: Unit, gate_end: GateEnd, clock: ManualClock
) -> None:
    clock.at = NOON - timedelta(days=2)
    passed(gate_end, 36.6)
    passed(gate_end, 37.1)
    clock.go(hours=1)
    passed(gate_end, 37.2)
    passed(gate_end, 38.4, verdict="isolate")
    clock.at = NOON

    trial = finished(office, office.trials.begin(only_fever(office, community, 37.0).id, 7, EVERYTHING, who="li"))

    assert (trial.state, trial.total, trial.seen, trial.gone, trial.changed) == ("done", 4, 4, 0, 2)
    first, second = NOON - timedelta(days=2), NOON - timedelta(days=2) + timedelta(hours=1)
    assert trial.tally == tuple(Tally(gate_end.id, hour, Verdict.ADMIT, Verdict.ISOLATE, 1) for hour in (first, second))
    (one,) = office.trials.changes(trial.id, EVERYTHING, gate=gate_end.id, hour=second).rows
    opened = office.trials.change(trial.id, one.event, EVERYTHING)
    assert (opened.old, opened.new) == (Verdict.ADMIT, Verdict.ISOLATE)
    assert [reason["rule"] for reason in opened.before] == ["pass"]
    assert [reason["rule"] for reason in opened.after] == ["fever"]


def test_the_drafts_own_limits_and_tier_count_and_not_the_recorded_ones(
    office: Office, community: Unit, gate_end: GateEnd
) -> None:
    passed(gate_end, 37.5)
    closure = {"id": "closed", "when": True, "tiers": [3], "verdict": "refuse", "say": {"zh": "封闭", "en": "Closed"}}
    version = only_fever(office, community, tier=3)
    office.policies.change(
        version.id, lambda document: {**document, "rule": [*document["rule"], closure]}, EVERYTHING, who="li"
    )

    rules = policy.parse(dict(office.policies.get(version.id, EVERYTHING).document))

    assert [because.rule for because in past.judge(facts(37.5), rules).reasons] == ["fever", "closed"]


def test_passages_without_facts_are_counted_and_not_judged(
    office: Office, community: Unit, gate_end: GateEnd, clock: ManualClock
) -> None:
    clock.go(hours=-1)
    passed(gate_end, 38.0, known={})
    passed(gate_end, 38.0)
    passed(gate_end, 38.0)
    with office.database.write() as tx:
        tx.execute(update(EventRow).where(EventRow.seq == 3).values(sealed=None))
    clock.at = NOON

    trial = finished(office, office.trials.begin(only_fever(office, community).id, 7, EVERYTHING, who="li"))

    assert (trial.seen, trial.gone, trial.judged, trial.changed) == (3, 2, 1, 1)


def test_only_the_days_asked_for_and_only_the_own_community_count(
    office: Office, street: Unit, community: Unit, gate_end: GateEnd, clock: ManualClock
) -> None:
    for days in (8, 7, 1):
        clock.at = NOON - timedelta(days=days)
        passed(gate_end, 38.0)
    clock.at = NOON
    other = office.units.add("community", "阳光社区", "", street.id, who="test")

    mine, one_day, theirs = (
        finished(office, office.trials.begin(only_fever(office, unit).id, days, EVERYTHING, who="li"))
        for unit, days in ((community, 7), (community, 1), (other, 7))
    )

    assert (mine.seen, one_day.seen, theirs.seen) == (2, 1, 0)
    assert theirs.percent == 100


def test_a_second_click_does_not_start_a_second_run(
    office: Office, community: Unit, open_office: Callable[[str], Office]
) -> None:
    version = only_fever(office, community)
    first = office.trials.begin(version.id, 7, EVERYTHING, who="li")
    finished(office, first)
    with office.database.write() as tx:  # a run that another process is busy with
        tx.execute(update(PolicyTrialRow).values(state="running", beat_at=office.now()))

    again = open_office(office.settings.url).trials.begin(version.id, 7, EVERYTHING, who="wang")

    assert (again.id, again.began_by) == (first.id, "li")


def test_a_run_whose_process_is_gone_counts_as_failed_and_can_be_begun_again(
    office: Office, community: Unit, clock: ManualClock
) -> None:
    version = only_fever(office, community)
    first = finished(office, office.trials.begin(version.id, 7, EVERYTHING, who="li"))
    with office.database.write() as tx:
        tx.execute(update(PolicyTrialRow).values(state="running"))
    clock.go(minutes=3)

    assert office.trials.get(first.id, EVERYTHING).state == "failed"
    assert finished(office, office.trials.begin(version.id, 7, EVERYTHING, who="li")).id != first.id


def test_a_run_stops_when_it_is_cancelled(
    office: Office, community: Unit, gate_end: GateEnd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.office.policy.trials.BEAT_S", 0.0)
    version = only_fever(office, community)
    trial = finished(office, office.trials.begin(version.id, 7, EVERYTHING, who="li"))
    for _ in range(3):
        passed(gate_end, 38.0)
    with office.database.write() as tx:
        tx.execute(update(PolicyTrialRow).values(state="running", until=office.now() + timedelta(hours=1)))

    office.trials.cancel(trial.id, EVERYTHING, who="li")
    office.trials.run(trial.id)

    cancelled = office.trials.get(trial.id, EVERYTHING)
    assert (cancelled.state, cancelled.seen) == ("cancelled", 1)


def test_an_older_run_of_a_version_gives_way_to_a_newer_one(office: Office, community: Unit) -> None:
    version = only_fever(office, community)
    old = finished(office, office.trials.begin(version.id, 7, EVERYTHING, who="li"))

    new = finished(office, office.trials.begin(version.id, 1, EVERYTHING, who="li"))

    assert office.trials.latest(version.id, EVERYTHING) == new
    with pytest.raises(NotFound):
        office.trials.get(old.id, EVERYTHING)


def test_a_draft_with_problems_is_not_tried(office: Office, community: Unit) -> None:
    with pytest.raises(PolicyError):
        office.trials.begin(draft(office, community, rule=[]).id, 7, EVERYTHING, who="li")
    for days in (0, 32):
        with pytest.raises(Refused):
            office.trials.begin(draft(office, community).id, days, EVERYTHING, who="li")


def test_a_run_outside_the_branch_is_not_there(office: Office, street: Unit, community: Unit) -> None:
    other = Scope(office.units.add("community", "阳光社区", "", street.id, who="test").id)
    trial = finished(office, office.trials.begin(only_fever(office, community).id, 7, EVERYTHING, who="li"))

    for attempt in (
        lambda: office.trials.get(trial.id, other),
        lambda: office.trials.cancel(trial.id, other, who="li"),
        lambda: office.trials.changes(trial.id, other),
        lambda: office.trials.change(trial.id, trial.id, EVERYTHING),
    ):
        with pytest.raises(NotFound):
            attempt()
    assert office.trials.latest(trial.policy, other) is None
