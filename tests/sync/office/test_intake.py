"""What gates send: taken once, in order, whole."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from msgspec import structs
from sqlalchemy import func, select

from kiosk import signet
from kiosk.model import ZERO_DIGEST, Event, Verdict
from sync import protocol
from sync.office.db.log import EventRow, PassageRow
from sync.office.errors import UnknownGate
from sync.office.office import Office
from sync.office.values import EVERYTHING, EntryFilter, Unit
from tests.sync.office.conftest import ManualClock
from tests.sync.office.gate_end import PERSON, GateEnd, enrolled, passage

ALL = EntryFilter()


def rows(office: Office, table: type = EventRow) -> int:
    with office.database.read() as tx:
        return tx.scalar(select(func.count()).select_from(table)) or 0


def altered(message: protocol.Events, seq: int, **changes: object) -> protocol.Events:
    """`message` with one event changed on the way."""
    events = [structs.replace(event, **changes) if event.seq == seq else event for event in message.events]
    return protocol.Events(message.journal, events)


def test_what_a_gate_sends_stands_in_the_entry_log(office: Office, gate_end: GateEnd) -> None:
    gate_end.journal.append("journal.begin", gate_end.now(), {"gate": "东门", "software": "1", "why": "new"})
    gate_end.passes(2)

    receipt = gate_end.send()

    assert receipt.through == 3
    assert receipt.digest == gate_end.journal.events[-1].digest
    page = office.entries.page(ALL, EVERYTHING)
    assert page.total == 2
    assert {row.verdict for row in page.rows} == {Verdict.ADMIT}
    assert {row.name for row in page.rows} == {"张*丰"}
    assert {row.clock_error_ms for row in page.rows} == {-250}


def test_a_receipt_is_signed_for_this_gate_and_journal(office: Office, gate_end: GateEnd) -> None:
    gate_end.passes()

    receipt = gate_end.send()

    statement = protocol.receipt_statement(gate_end.id, gate_end.journal.id, receipt)
    assert signet.fits(office.office_key, statement, receipt.signature)
    another = protocol.receipt_statement(gate_end.id, gate_end.journal.id, structs.replace(receipt, through=9))
    assert not signet.fits(office.office_key, another, receipt.signature)


def test_an_empty_run_asks_how_far_the_office_has_come(gate_end: GateEnd) -> None:
    nothing = gate_end.take(protocol.Events(gate_end.journal.id, []))
    assert (nothing.through, nothing.digest) == (0, ZERO_DIGEST)

    gate_end.passes(3)
    gate_end.send()

    assert gate_end.take(protocol.Events(gate_end.journal.id, [])).through == 3


def test_sending_again_changes_nothing(office: Office, gate_end: GateEnd) -> None:
    gate_end.passes(5)
    first = gate_end.send()

    again = gate_end.send()

    assert (again.through, again.digest) == (first.through, first.digest)
    assert rows(office) == 5
    assert office.entries.page(ALL, EVERYTHING).total == 5


def test_a_partly_known_batch_is_taken_for_its_new_tail(office: Office, gate_end: GateEnd) -> None:
    gate_end.passes(7)
    gate_end.send(1, 4)

    receipt = gate_end.send(3, 7)

    assert receipt.through == 7
    assert rows(office) == 7
    assert rows(office, PassageRow) == 7


@pytest.mark.parametrize(
    "unreadable",
    [
        {"verdict": "perhaps"},
        {"verdict": None},
        {"direction": "up"},
        {"celsius": "warm"},
        {"reasons": "none"},
        {"lane": "1\x00"},
        {"demo": "yes"},
    ],
)
def test_an_unreadable_body_is_parked_in_sight_and_the_rest_goes_on(
    office: Office, gate_end: GateEnd, unreadable: dict[str, object]
) -> None:
    gate_end.passes(1)
    gate_end.passes(1, **unreadable)
    gate_end.passes(1)

    assert gate_end.send().through == 3

    assert office.entries.page(ALL, EVERYTHING).total == 2
    parked = office.entries.parked(EVERYTHING)
    assert [(item.seq, item.kind) for item in parked.rows] == [(2, "passage")]
    assert parked.rows[0].why
    assert [alert.kind for alert in office.alerts.list(EVERYTHING)] == ["parked"]


def test_an_unknown_kind_is_kept_and_not_parked(office: Office, gate_end: GateEnd) -> None:
    gate_end.journal.append("drone.sighted", gate_end.now(), {"height_m": 30, "colour": None}, {"name": "王五"})

    assert gate_end.send().through == 1

    assert rows(office) == 1
    assert office.entries.parked(EVERYTHING).total == 0
    assert office.verify()[0].ok


def test_an_abandoned_visit_is_an_entry_without_a_verdict(office: Office, gate_end: GateEnd) -> None:
    said = passage(why="left")
    for name in ("verdict", "reasons", "actions", "policy", "took_ms"):
        del said[name]
    gate_end.journal.append("visit.abandoned", gate_end.now(), said, PERSON)
    gate_end.send()

    page = office.entries.page(EntryFilter(kind="visit.abandoned"), EVERYTHING)

    assert [row.verdict for row in page.rows] == [None]


def test_a_forgotten_personal_part_is_taken_without_it(office: Office, gate_end: GateEnd) -> None:
    gate_end.passes(1)
    forgotten = altered(gate_end.journal.message(), 1, personal=None, salt=None)

    assert gate_end.take(forgotten).through == 1

    row = office.entries.page(ALL, EVERYTHING).rows[0]
    assert row.name == ""
    assert office.entries.get(row.id, EVERYTHING).personal == {}
    assert office.verify()[0].ok


def test_a_fever_alert_has_two_hours_and_leads_to_its_passage(office: Office, gate_end: GateEnd) -> None:
    feverish = gate_end.passes(1, verdict="isolate", celsius=38.4)[0]
    said = {"gate": "东门", "lane": "1", "alert": "fever", "visit": feverish.open["visit"], "verdict": "isolate"}
    words = {"zh": "体温异常", "en": "High temperature", "demo": False}
    gate_end.journal.append("alert", gate_end.now(), said | words, {"name": "张三丰", "phone": "13812348000"})
    gate_end.send()
    gate_end.send()

    (alert,) = office.alerts.list(EVERYTHING)

    assert (alert.kind, alert.name, alert.entry) == ("fever", "张*丰", feverish.id)
    assert (alert.deadline_at - alert.at).total_seconds() == 2 * 3600


def test_an_alert_that_came_late_is_overdue_at_once(office: Office, gate_end: GateEnd, clock: ManualClock) -> None:
    said = {"gate": "东门", "lane": "1", "alert": "fever", "visit": "", "zh": "体温异常", "en": "High temperature"}
    gate_end.journal.append("alert", clock(), said)
    clock.go(hours=3)
    gate_end.send()

    assert office.alerts.list(EVERYTHING)[0].overdue(clock())


def test_an_unknown_gate_is_told_so(gate_end: GateEnd) -> None:
    gate_end.passes(1)
    gate_end.id = gate_end.journal.id

    with pytest.raises(UnknownGate):
        gate_end.send()


def test_many_senders_at_once_leave_every_event_exactly_once(
    office: Office, community: Unit, clock: ManualClock
) -> None:
    """Two threads send the journal of each of three gates, batch by batch, over one another."""
    ends = [GateEnd(office, enrolled(office, community, name).id, clock) for name in ("甲", "乙", "丙")]
    for end in ends:
        end.passes(30)
    troubles: list[BaseException] = []

    def send_all(end: GateEnd) -> None:
        try:
            for first in range(1, 31, 5):
                end.send(first, first + 6)
        except BaseException as error:
            troubles.append(error)

    threads = [threading.Thread(target=send_all, args=(end,)) for end in ends for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert troubles == []
    assert rows(office) == 90
    assert rows(office, PassageRow) == 90
    assert all(check.ok and check.seq == 30 for check in office.verify())


def test_a_gate_whose_clock_is_years_off_is_received_all_the_same(
    office: Office, gate_end: GateEnd, clock: ManualClock
) -> None:
    for days in (-9000, -400, 0, 1, 900):
        gate_end.journal.append("passage", clock() + timedelta(days=days), passage(), PERSON)

    assert gate_end.send().through == 5

    assert office.entries.page(ALL, EVERYTHING).total == 5
    assert office.verify()[0].ok


def test_an_event_keeps_what_its_digest_was_made_of(office: Office, gate_end: GateEnd) -> None:
    odd = {
        "big": 2**53 - 1,
        "whole": 37.0,
        "tiny": 1e-7,
        "text": "\u0000\u2028𠮷\x7f",
        "nested": [{"é": None, "z": True}],
    }
    sent: Event = gate_end.journal.append("odd", gate_end.now(), odd, odd)

    gate_end.take(protocol.decode(protocol.Events, protocol.encode(gate_end.journal.message())))

    check = office.verify()[0]
    assert (check.ok, check.digest) == (True, sent.digest)
    assert replace(sent, personal=None, salt=None).digest == check.digest
