"""The journal against a list: whatever is done in whatever order, both say the same."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from kiosk.journal.schema import COUNTS
from kiosk.model import Draft, Event
from tests.kiosk.journal.desk import NOON, Desk

MEMORY = next((folder for folder in ("/dev/shm",) if Path(folder).is_dir()), None)  # order is tested, not disks
TOKENS = ("ab" * 32, "cd" * 32)
KINDS = ("passage", "visit.abandoned", "alert", "something.new")

said = st.fixed_dictionaries(
    {
        "direction": st.sampled_from(["in", "out"]),
        "verdict": st.sampled_from(["admit", "check", "refuse", "isolate"]),
        "demo": st.sampled_from([False, False, False, True]),
    },
    optional={"note": st.text(max_size=20), "celsius": st.floats(30, 43), "余": st.integers(-(2**53) + 1, 2**53 - 1)},
)
kinds = st.sampled_from(["passage", "passage", "passage", *KINDS])
drafts = st.tuples(kinds, said, st.lists(st.sampled_from(TOKENS), max_size=2))


@dataclass
class Model:
    """What a journal is, without any of how."""

    events: list[Event] = field(default_factory=list)
    through: int = 0
    forgotten: set[int] = field(default_factory=set)
    closed: set[date] = field(default_factory=set)

    def readable(self, event: Event) -> bool:
        return event.seq not in self.forgotten

    def counts(self, day: date) -> dict[str, int]:
        counts = dict.fromkeys(COUNTS, 0)
        for event in self.events:
            if _day(event) == day and event.kind in KINDS[:3]:
                for name in _counted(event):
                    counts[name] += 1
        return counts

    def inside(self) -> int:
        heads = 0
        for event in self._real_passages():
            if event.open["verdict"] == "admit":
                heads = max(heads + (1 if event.open["direction"] == "in" else -1), 0)
        return heads

    def last_seen(self, token: str) -> Event | None:
        seen = [event for event in self._real_passages() if self.readable(event) and token in _tokens(event)]
        return max(seen, key=lambda event: (_day(event), event.at, event.seq), default=None)

    def _real_passages(self) -> list[Event]:
        return [event for event in self.events if event.kind == "passage" and not event.open["demo"]]


def _tokens(event: Event) -> list[str]:
    return list((event.personal or {}).get("tokens", []))


def _day(event: Event) -> date:
    return (event.at + timedelta(hours=8)).date()


def _counted(event: Event) -> tuple[str, ...]:
    if event.open["demo"]:
        return ("demo",)
    if event.kind == "passage":
        return ("passages", event.open["direction"], event.open["verdict"])
    return ({"visit.abandoned": "abandoned", "alert": "alerts"}[event.kind],)


class JournalMachine(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp(dir=MEMORY))
        self.desk = Desk(self.folder / "journal.db")
        self.journal = self.desk.open()
        self.model = Model(self.journal.after(0))

    def teardown(self) -> None:
        self.journal.close()
        shutil.rmtree(self.folder)

    def _take_in(self) -> None:
        """What the journal added on its own account."""
        self.model.events += self.journal.after(len(self.model.events))

    @rule(what=st.lists(drafts, min_size=1, max_size=4))
    def append(self, what: list[tuple[str, dict[str, object], list[str]]]) -> None:
        events = self.journal.append(
            *(Draft(kind, self.desk.at, open, {"name": "张三", "tokens": tokens}) for kind, open, tokens in what)
        )
        assert [(event.kind, event.open) for event in events] == [(kind, open) for kind, open, _ in what]
        self.model.events += events

    @rule(directions=st.lists(st.sampled_from(["in", "out"]), min_size=1, max_size=4), token=st.sampled_from(TOKENS))
    def somebody_passes(self, directions: list[str], token: str) -> None:
        for direction in directions:
            self.model.events += self.journal.append(self.desk.passage(direction=direction, token=token))
            self.desk.later(hours=7)

    @rule(hours=st.integers(-30, 60))
    def time_passes_or_jumps_back(self, hours: int) -> None:
        self.desk.at = max(self.desk.at + timedelta(hours=hours), NOON)

    @rule()
    def reopen(self) -> None:
        self.journal.close()
        self.journal = self.desk.open()

    @rule()
    def rebuild(self) -> None:
        assert self.journal.rebuild() == len(self.model.events)

    @rule(share=st.floats(0, 1))
    def acknowledge(self, share: float) -> None:
        through = round(share * len(self.model.events))
        digest = self.model.events[through - 1].digest if through else "0" * 64
        self.journal.acknowledge(through, digest, self.desk.at)
        self.model.through = through

    @rule(days=st.integers(-1, 3))
    def forget(self, days: int) -> None:
        before = (NOON + timedelta(days=days)).date()
        expired = {
            event.seq: _day(event) for event in self.model.events if self.model.readable(event) and _day(event) < before
        }
        assert self.journal.forget_before(before) == len(set(expired.values()))
        self._take_in()
        self.model.forgotten |= expired.keys()
        if expired and _day(self.model.events[-1]) < before:  # what says so belongs to a forgotten day itself
            self.model.forgotten.add(self.model.events[-1].seq)

    @rule()
    def close_days(self) -> None:
        today = (self.desk.at + timedelta(hours=8)).date()
        first = min(map(_day, self.model.events))
        due = {first + timedelta(days=n) for n in range((today - first).days)} - self.model.closed
        reports = self.journal.close_days(today)
        assert {date.fromisoformat(report.open["day"]) for report in reports} == due
        for report in reports:
            assert report.open["counts"] == self.model.counts(date.fromisoformat(report.open["day"]))
        self.model.closed |= due
        self._take_in()

    @invariant()
    def the_events_are_those_that_were_appended(self) -> None:
        kept = self.journal.after(0, 10_000)
        assert [event.digest for event in kept] == [event.digest for event in self.model.events]
        for event, appended in zip(kept, self.model.events, strict=True):
            assert event.open == appended.open
            assert event.personal == (appended.personal if self.model.readable(event) else None)

    @invariant()
    def the_outbox_holds_what_lies_beyond_the_last_receipt(self) -> None:
        outbox = self.journal.outbox()
        waiting = self.model.events[self.model.through :]
        assert (outbox.through, outbox.waiting) == (self.model.through, len(waiting))
        assert outbox.oldest_at == (waiting[0].at if waiting else None)

    @invariant()
    def the_projections_follow_from_the_events(self) -> None:
        for day in {_day(event) for event in self.model.events}:
            assert self.journal.counts(day) == self.model.counts(day)
        assert self.journal.inside() == self.model.inside()
        for token in TOKENS:
            seen, expected = self.journal.last_seen(token), self.model.last_seen(token)
            assert (seen and seen.seq) == (expected and expected.seq)

    @invariant()
    def it_verifies(self) -> None:
        found = self.journal.verify()
        assert (found.ok, found.seq, found.digest) == (True, len(self.model.events), self.model.events[-1].digest)


JournalMachine.TestCase.settings = settings(
    max_examples=30, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck)
)
TestJournal = JournalMachine.TestCase
