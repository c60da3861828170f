"""The journal is the outbox: what lies beyond the office's last acknowledged number waits."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kiosk.errors import JournalError
from kiosk.journal import Journal
from kiosk.model import ZERO_DIGEST
from tests.kiosk.journal.desk import NOON, Desk


def test_before_the_first_contact_everything_waits(desk: Desk, journal: Journal) -> None:
    desk.later(minutes=5)
    journal.append(desk.passage())
    outbox = journal.outbox()
    assert (outbox.journal, outbox.through, outbox.waiting) == (journal.id, 0, 2)
    assert (outbox.synced_at, outbox.oldest_at) == (None, NOON)


def test_what_the_office_acknowledged_no_longer_waits_also_after_a_restart(desk: Desk) -> None:
    heard = NOON + timedelta(minutes=7, microseconds=900)
    with desk.open() as journal:
        events = journal.append(desk.passage(), desk.passage())
        journal.acknowledge(2, events[0].digest, heard)
    with desk.open() as journal:
        outbox = journal.outbox()
        assert (outbox.through, outbox.waiting, outbox.oldest_at) == (2, 1, NOON)
        assert outbox.synced_at == NOON + timedelta(minutes=7)
        assert journal.after(outbox.through) == [events[1]]


def test_a_receipt_for_another_event_counts_for_nothing(desk: Desk, journal: Journal) -> None:
    (event,) = journal.append(desk.passage())
    for through, digest in ((1, event.digest), (2, ZERO_DIGEST), (2, "no digest"), (0, event.digest)):
        with pytest.raises(JournalError, match="another event"):
            journal.acknowledge(through, digest, desk.at)
    for through in (-1, 3):
        with pytest.raises(JournalError, match="ends at 2"):
            journal.acknowledge(through, event.digest, desk.at)
    assert (journal.outbox().through, journal.outbox().synced_at) == (0, None)


def test_an_office_that_lost_events_is_believed(desk: Desk, journal: Journal) -> None:
    events = journal.append(desk.passage(), desk.passage())
    journal.acknowledge(3, events[1].digest, desk.at)
    journal.acknowledge(2, events[0].digest, desk.at)
    assert journal.outbox().waiting == 1
    journal.acknowledge(0, ZERO_DIGEST, desk.at)
    assert journal.outbox().waiting == 3


def test_the_offset_of_the_clock_is_remembered_with_the_receipt(desk: Desk) -> None:
    with desk.open() as journal:
        journal.offset_ms = 250
        journal.acknowledge(1, journal.head().digest, desk.at)
    with desk.open() as journal:
        assert journal.offset_ms == 250
        assert journal.append(desk.passage())[0].clock.offset_ms == 250


def test_events_are_handed_out_in_batches(desk: Desk, journal: Journal) -> None:
    journal.append(*(desk.passage() for _ in range(7)))
    assert [event.seq for event in journal.after(2, 3)] == [3, 4, 5]
    assert [event.seq for event in journal.after(6, 500)] == [7, 8]
    assert journal.after(8) == []
