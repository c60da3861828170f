from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from kiosk.model import Direction, Verdict
from sync.office.errors import NotFound, Refused
from sync.office.office import Office
from sync.office.values import EVERYTHING, EntryFilter, Scope, Unit, User
from tests.sync.office.conftest import ManualClock
from tests.sync.office.gate_end import PERSON, GateEnd, enrolled, passage

TODAY = date(2026, 11, 22)


@pytest.fixture
def clerk(office: Office, community: Unit) -> User:
    office.users.add("li", "李梅", "clerk", Scope(community.id), who="test")
    return office.users.list()[0]


@pytest.fixture
def busy_day(gate_end: GateEnd) -> GateEnd:
    gate_end.passes(4)
    gate_end.passes(2, verdict="check", direction="out", method="tablet")
    gate_end.passes(1, verdict="isolate", celsius=38.2, level="red", scheme="level-token", demo=True)
    said = {key: value for key, value in passage(why="left").items() if key not in ("verdict", "reasons")}
    gate_end.journal.append("visit.abandoned", gate_end.now(), said, PERSON)
    gate_end.send()
    return gate_end


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        (EntryFilter(), 8),
        (EntryFilter(kind="passage"), 7),
        (EntryFilter(kind="visit.abandoned"), 1),
        (EntryFilter(verdict=Verdict.CHECK), 2),
        (EntryFilter(verdict=Verdict.REFUSE), 0),
        (EntryFilter(direction=Direction.OUT), 2),
        (EntryFilter(method="tablet", verdict=Verdict.CHECK), 2),
        (EntryFilter(method="tablet", verdict=Verdict.ADMIT), 0),
        (EntryFilter(level="red"), 1),
        (EntryFilter(demo=True), 1),
        (EntryFilter(demo=False), 7),
        (EntryFilter(day=TODAY), 8),
        (EntryFilter(day=date(2026, 11, 21)), 0),
        (EntryFilter(gate="no id"), 0),
        (EntryFilter(community="\x00", method="\x00"), 0),
    ],
)
def test_the_log_is_filtered(office: Office, busy_day: GateEnd, wanted: EntryFilter, count: int) -> None:
    page = office.entries.page(wanted, EVERYTHING)

    assert page.total == len(page.rows) == count


def test_the_log_is_filtered_by_gate_and_community(office: Office, community: Unit, busy_day: GateEnd) -> None:
    other = GateEnd(office, enrolled(office, community, "西门").id, busy_day.now)
    other.passes(3)
    other.send()

    assert office.entries.page(EntryFilter(gate=other.id), EVERYTHING).total == 3
    assert {row.gate_name for row in office.entries.page(EntryFilter(gate=other.id), EVERYTHING).rows} == {"西门"}
    assert office.entries.page(EntryFilter(community=community.id), EVERYTHING).total == 11


def test_the_log_is_paged_newest_first(office: Office, gate_end: GateEnd, clock: ManualClock) -> None:
    for _ in range(7):
        gate_end.passes(1)
        clock.go(seconds=10)
    gate_end.send()

    pages = [office.entries.page(EntryFilter(), EVERYTHING, page, 3) for page in (1, 2, 3, 4)]

    assert [len(page.rows) for page in pages] == [3, 3, 1, 0]
    assert {(page.total, page.pages) for page in pages} == {(7, 3)}
    times = [row.at for page in pages for row in page.rows]
    assert times == sorted(times, reverse=True)
    assert len({row.id for page in pages for row in page.rows}) == 7


def test_every_figure_opens_as_many_rows_as_it_says(office: Office, busy_day: GateEnd) -> None:
    figures = {figure.name: figure for figure in office.entries.counts(TODAY, EVERYTHING)}

    assert {name: figure.count for name, figure in figures.items()} == {
        "all": 7,
        "admit": 4,
        "check": 2,
        "refuse": 0,
        "isolate": 1,
        "in": 5,
        "out": 2,
        "abandoned": 1,
    }
    for figure in figures.values():
        assert office.entries.page(figure.filter, EVERYTHING).total == figure.count


def test_a_day_without_anything_counts_zero(office: Office, community: Unit) -> None:
    assert {figure.count for figure in office.entries.counts(TODAY, EVERYTHING)} == {0}


def test_a_day_begins_at_the_offices_own_midnight(office: Office, gate_end: GateEnd, clock: ManualClock) -> None:
    for at in (datetime(2026, 11, 21, 15, 59, 59, 999_000, UTC), datetime(2026, 11, 21, 16, tzinfo=UTC)):
        gate_end.journal.append("passage", at, passage(), PERSON)
    gate_end.send()

    assert office.entries.page(EntryFilter(day=date(2026, 11, 21)), EVERYTHING).total == 1
    assert office.entries.page(EntryFilter(day=TODAY), EVERYTHING).total == 1


def test_an_entry_shows_its_reasons_and_masks_the_person(office: Office, busy_day: GateEnd) -> None:
    row = office.entries.page(EntryFilter(verdict=Verdict.ADMIT), EVERYTHING).rows[0]

    entry = office.entries.get(row.id, EVERYTHING)

    assert entry.reasons[0]["zh"] == "通行证有效"
    assert (entry.journal, entry.digest) == (busy_day.journal.id, busy_day.journal.events[entry.seq - 1].digest)
    assert entry.personal == {
        "name": "张*丰",
        "id_last4": "4321",
        "phone": "138****8000",
        "household": "*****01",
        "id_number": "110***********4321",
        "birth_date": "1990-**-**",
        "serial": "aba*************************abab",
        "answers": {"symptoms": False},
        "tests": [],
    }
    assert entry.facts == {
        "person": {"name": "张*丰", "identified": True},
        "reading": {"celsius": 36.6},
        "direction": "in",
    }


def test_late_is_visible(office: Office, gate_end: GateEnd, clock: ManualClock) -> None:
    gate_end.passes(1)
    clock.go(hours=5)
    gate_end.send()

    row = office.entries.page(EntryFilter(), EVERYTHING).rows[0]

    assert row.late_s == 5 * 3600


def test_who_a_person_is_is_revealed_for_a_reason_that_is_kept(office: Office, busy_day: GateEnd, clerk: User) -> None:
    row = office.entries.page(EntryFilter(), EVERYTHING).rows[0]

    person = office.entries.reveal(row.id, clerk, "核对身份 ")

    assert (person["name"], person["phone"]) == ("张三丰", "13812348000")
    assert "tokens" not in person
    newest = office.audit.page(clerk.scope).rows[0]
    assert (newest.who, newest.what, newest.subject, newest.detail) == ("li", "entry.reveal", row.id, "核对身份")
    with pytest.raises(Refused):
        office.entries.reveal(row.id, clerk, "  ")


def test_what_only_a_machine_can_read_is_shown_to_nobody(office: Office, busy_day: GateEnd, clerk: User) -> None:
    busy_day.passes(1, {**PERSON, "code_token": "ef" * 32})
    busy_day.send()
    row = office.entries.page(EntryFilter(), EVERYTHING).rows[0]

    for shown in (office.entries.get(row.id, EVERYTHING).personal, office.entries.reveal(row.id, clerk, "核对")):
        assert shown["name"]
        assert not {"tokens", "code_token", "facts"} & set(shown)


def test_nobody_sees_what_lies_outside_their_branch(office: Office, street: Unit, busy_day: GateEnd) -> None:
    other = office.units.add("community", "阳光社区", "", street.id, who="test")
    office.users.add("wang", "王", "admin", Scope(other.id), who="test")
    stranger = office.users.list()[0]
    row = office.entries.page(EntryFilter(), EVERYTHING).rows[0]
    alert_of_ours = busy_day.journal.append("alert", busy_day.now(), {"alert": "fever", "zh": "热", "en": "hot"})
    busy_day.send()

    assert office.entries.page(EntryFilter(), stranger.scope).total == 0
    assert {figure.count for figure in office.entries.counts(TODAY, stranger.scope)} == {0}
    assert office.alerts.list(stranger.scope) == ()
    assert office.audit.page(stranger.scope).total <= 2, "only what concerns their own community"
    with pytest.raises(NotFound):
        office.entries.get(row.id, stranger.scope)
    with pytest.raises(NotFound):
        office.entries.reveal(row.id, stranger, "curious")
    with pytest.raises(NotFound):
        office.alerts.close(office.alerts.list(EVERYTHING)[0].id, stranger, "done")
    assert office.entries.page(EntryFilter(), Scope(street.id)).total == 8
    assert alert_of_ours.seq == 9


@pytest.mark.parametrize("wrong", ["", "no id", "00000000-0000-7000-8000-000000000000", "' OR 1=1 --", "\x00"])
def test_an_entry_that_is_none_is_not_found(office: Office, busy_day: GateEnd, wrong: str) -> None:
    with pytest.raises(NotFound):
        office.entries.get(wrong, EVERYTHING)


def test_an_alert_is_closed_once_with_what_was_done(
    office: Office, gate_end: GateEnd, clerk: User, clock: ManualClock
) -> None:
    gate_end.journal.append("alert", clock(), {"alert": "fever", "zh": "热", "en": "hot"}, PERSON)
    gate_end.send()
    (alert,) = office.alerts.list(clerk.scope)
    with pytest.raises(Refused):
        office.alerts.close(alert.id, clerk, " ")

    closed = office.alerts.close(alert.id, clerk, "已由120转运")

    assert (closed.closed_by, closed.done, closed.closed_at) == ("li", "已由120转运", clock())
    assert not closed.overdue(clock.go(hours=9))
    assert office.alerts.list(clerk.scope) == ()
    assert [item.id for item in office.alerts.list(clerk.scope, is_open=False)] == [alert.id]
    assert [item.id for item in office.alerts.list(clerk.scope, is_open=None)] == [alert.id]
    with pytest.raises(Refused, match="already"):
        office.alerts.close(alert.id, clerk, "again")


def test_no_name_number_or_token_lies_readable_in_the_database(
    sqlite_office_url: str, tmp_path: Path, clock: ManualClock
) -> None:
    from sync.office.settings import OfficeSettings

    office = Office.open(OfficeSettings(url=sqlite_office_url, var=tmp_path / "var"), clock)
    community = office.units.add("community", "幸福社区", "", None, who="test")
    end = GateEnd(office, enrolled(office, community, "东门").id, clock)
    end.passes(3)
    end.journal.append("alert", clock(), {"alert": "fever", "zh": "热", "en": "hot"}, PERSON)
    end.journal.append("unknown.kind", clock(), {}, PERSON)
    end.send()
    office.passes.issue(community.id, "张三丰", "4321", "3-2-501", who="test")
    token_key = office.units.token_key(community.id)
    office.close()

    raw = b"".join(path.read_bytes() for path in Path(make_url(sqlite_office_url).database or "").parent.iterdir())

    assert "幸福社区".encode() in raw
    for secret in ("张三丰", "13812348000", "110101199003074321", "3-2-501", "cd" * 32):
        assert secret.encode() not in raw
    assert token_key not in raw
