"""What cannot be read is kept, and read again once it can be; kinds that nobody knows are kept as they are."""

from __future__ import annotations

from sqlalchemy import update

from sync.office.db.log import EventRow
from sync.office.office import Office
from sync.office.values import EVERYTHING, EntryFilter
from tests.sync.office.gate_end import PERSON, GateEnd


def park(office: Office, *seqs: int) -> None:
    """As an older office would have left them: kept, and projected nowhere."""
    from sync.office.db.log import AlertRow, PassageRow

    with office.database.write() as tx:
        tx.execute(update(EventRow).where(EventRow.seq.in_(seqs)).values(parked="unknown field"))
        tx.execute(PassageRow.__table__.delete().where(PassageRow.seq.in_(seqs)))
        tx.execute(AlertRow.__table__.delete().where(AlertRow.kind == "fever"))


def fever(end: GateEnd) -> None:
    said = {"alert": "fever", "visit": "", "zh": "发热", "en": "Fever", "demo": False}
    end.journal.append("alert", end.now(), said, {"name": PERSON["name"]})


def test_what_can_be_read_now_stands_where_it_would_have_stood(office: Office, gate_end: GateEnd) -> None:
    gate_end.passes(3)
    fever(gate_end)
    gate_end.journal.append("passage", gate_end.now(), {"lane": "1", "direction": "sideways"}, {})
    gate_end.send()
    park(office, 2, 4)
    assert office.entries.parked(EVERYTHING).total == 3

    done = office.parking.retry(who="test")

    assert (done.read, done.still) == (2, 1)
    assert office.entries.page(EntryFilter(), EVERYTHING).total == 3
    assert {row.name for row in office.entries.page(EntryFilter(), EVERYTHING).rows} == {"张*丰"}
    assert "fever" in [alert.kind for alert in office.alerts.list(EVERYTHING)]
    assert [row.seq for row in office.entries.parked(EVERYTHING).rows] == [5]
    assert all(check.ok for check in office.verify())
    again = office.parking.retry(who="test")
    assert (again.read, again.still) == (0, 1)


def test_the_office_reads_them_again_once_for_each_version_of_its_software(office: Office, gate_end: GateEnd) -> None:
    gate_end.passes(2)
    gate_end.send()
    park(office, 1)
    assert office.parking.after_upgrade("9.9.9") is not None
    assert office.entries.parked(EVERYTHING).total == 0
    park(office, 1)
    assert office.parking.after_upgrade("9.9.9") is None
    assert office.entries.parked(EVERYTHING).total == 1


def test_more_than_one_chunk_is_read(office: Office, gate_end: GateEnd) -> None:
    gate_end.passes(450)
    gate_end.send()
    park(office, *range(1, 451))
    assert office.parking.retry(who="test").read == 450
    assert office.entries.page(EntryFilter(), EVERYTHING).total == 450


def test_a_kind_that_a_newer_gate_knows_is_kept_as_it_is_and_not_parked(office: Office, gate_end: GateEnd) -> None:
    gate_end.journal.append("drone.sighted", gate_end.now(), {"height_m": 12.5, "more": {"x": [1, 2]}}, {"pilot": "?"})
    gate_end.passes(1, something_new={"a": 1})
    assert gate_end.send().through == 2
    assert office.entries.parked(EVERYTHING).total == 0
    assert all(check.ok for check in office.verify())
