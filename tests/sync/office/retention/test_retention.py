"""After its days a day is unreadable for ever; everything that names nobody stays, and still verifies."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError

from sync.office import proof
from sync.office.__main__ import run as run_office
from sync.office.db.log import AlertRow, EventRow
from sync.office.db.retention import CertificateRow, DayKeyRow
from sync.office.keys import load_or_create
from sync.office.office import Office
from sync.office.reading import place
from sync.office.retention import notes
from sync.office.retention.older import CHUNK
from sync.office.seal import DAY, Sealer
from sync.office.values import EVERYTHING, EntryFilter, Gate, Unit
from tests.sync.office.conftest import NOON, ManualClock
from tests.sync.office.gate_end import GateEnd, enrolled

TODAY = date(2026, 11, 22)
FEVER = {"gate": "东门", "lane": "1", "alert": "fever", "visit": "v", "verdict": "isolate", "zh": "发热", "en": "Fever"}


def day_of_passages(end: GateEnd, count: int = 3) -> None:
    """Some passages, an alert and a day's report, sent."""
    first = len(end.journal.events) + 1
    end.passes(count)
    end.journal.append("alert", end.now(), FEVER | {"demo": False}, {"name": "张三丰", "phone": "13812348000"})
    end.send(first)


def a_month_later(end: GateEnd, clock: ManualClock, **by: float) -> None:
    """The clock went on, and the gate calls: it vouches for that."""
    clock.go(**(by or {"days": 31}))
    first = len(end.journal.events) + 1
    end.passes(1)
    end.send(first)


def names(office: Office) -> list[str]:
    return [row.name for row in office.entries.page(EntryFilter(), EVERYTHING).rows]


def test_a_day_is_unreadable_after_its_time_and_everything_else_still_works(
    office: Office, gate: Gate, gate_end: GateEnd, clock: ManualClock
) -> None:
    day_of_passages(gate_end)
    before = office.verify()
    assert names(office) == ["张*丰"] * 3
    assert office.retention.run(who="test").destroyed == 0
    clock.go(days=30)
    a_month_later(gate_end, clock, hours=1)
    assert office.retention.run(who="test").destroyed == 0, "on the thirtieth day it is still kept"
    a_month_later(gate_end, clock, days=1)
    assert office.retention.status().due == 1

    done = office.retention.run(who="test")

    assert done.destroyed == 1
    assert names(office) == ["张*丰", "张*丰", "", "", ""]
    oldest = office.entries.page(EntryFilter(day=TODAY), EVERYTHING).rows[0]
    assert oldest.destroyed
    assert not office.entries.get(oldest.id, EVERYTHING).personal
    (alert,) = [one for one in office.alerts.list(EVERYTHING) if one.kind == "fever"]
    assert (alert.destroyed, alert.name) == (True, "")
    (after,) = office.verify()
    assert after.ok
    assert after.seq > before[0].seq
    assert [check.ok for check in proof.check(office, gate, TODAY)] == [True]
    with zipfile.ZipFile(io.BytesIO(proof.export(office, gate, TODAY, who="test"))) as archive:
        assert b"verify" in archive.read("verify.py")
    figures = {figure.name: figure.count for figure in office.entries.counts(TODAY, EVERYTHING)}
    assert figures["all"] == 3
    (certificate,) = office.retention.certificates.page(EVERYTHING).rows
    assert {name: certificate.said[name] for name in ("day", "passages", "events", "gates", "by")} == {
        "day": "2026-11-22", "passages": 3, "events": 4, "gates": 1, "by": "test"}  # fmt: skip
    assert office.retention.certificates.check().why == ""
    assert "张" not in json.dumps(certificate.said, ensure_ascii=False)
    assert office.retention.status().oldest == date(2026, 12, 22)


def test_a_key_that_is_gone_without_a_certificate_is_a_flaw(office: Office, gate_end: GateEnd) -> None:
    day_of_passages(gate_end)
    with office.database.write() as tx:
        tx.execute(delete(DayKeyRow))
    office.retention._keys.forget_cached()
    (check,) = office.verify()
    assert (check.ok, check.first_bad) == (False, 1)
    assert "no certificate" in check.why


def test_a_certificate_cannot_be_changed_or_deleted(office: Office, gate_end: GateEnd, clock: ManualClock) -> None:
    day_of_passages(gate_end)
    a_month_later(gate_end, clock)
    office.retention.run(who="test")
    for act in (update(CertificateRow).values(said="{}"), delete(CertificateRow)):
        with pytest.raises(DBAPIError, match="never changed"), office.database.write() as tx:
            tx.execute(act)


def test_a_day_that_is_held_stays_until_it_is_released(
    office: Office, community: Unit, gate_end: GateEnd, clock: ManualClock
) -> None:
    day_of_passages(gate_end)
    hold = office.retention.holds.hold(community.id, TODAY, TODAY, "溯源未结", EVERYTHING, who="leader")
    a_month_later(gate_end, clock)
    assert office.retention.run(who="test").held == 1
    assert office.retention.status().held == 1
    assert names(office)[-1] == "张*丰"
    office.retention.holds.release(hold.id, EVERYTHING, who="leader")
    assert office.retention.run(who="test").destroyed == 1
    assert {row.what for row in office.audit.page(EVERYTHING).rows} >= {
        "retention.hold", "retention.release", "retention.destroy"}  # fmt: skip


def test_a_clock_that_jumps_ahead_destroys_nothing(office: Office, gate_end: GateEnd, clock: ManualClock) -> None:
    day_of_passages(gate_end)
    office.retention.run(who="test")
    clock.go(days=800)
    done = office.retention.run(who="test")
    assert (done.destroyed, bool(done.doubt)) == (0, True)
    assert names(office) == ["张*丰"] * 3
    assert office.retention.status().overdue == 1
    assert office.retention.run(who="test", clock_is_right=True).destroyed == 1


def test_it_runs_by_itself_once_a_day(office: Office, gate_end: GateEnd, clock: ManualClock) -> None:
    assert office.retention.run_if_due() is not None
    assert office.retention.run_if_due() is None
    day_of_passages(gate_end)
    a_month_later(gate_end, clock)
    done = office.retention.run_if_due()
    assert done is not None
    assert done.destroyed == 1


def test_a_gate_whose_clock_is_years_off_does_not_lose_what_it_recorded(
    office: Office, gate_end: GateEnd, clock: ManualClock
) -> None:
    clock.go(days=-20_000)
    gate_end.passes(1)
    clock.at = NOON
    gate_end.send()
    assert office.retention.run(who="test").destroyed == 0
    assert office.retention.status().oldest == TODAY


def in_the_older_form(office: Office, keys: Sealer) -> int:
    """Seals everything as offices did before days had keys."""
    with office.database.write() as tx:
        rows = tx.execute(select(EventRow.journal_id, EventRow.seq, EventRow.sealed)).all()
        for row in rows:
            where = place(row.journal_id, row.seq)
            old = keys.seal(where, office.retention._sealer.open(where, row.sealed or b""))
            tx.execute(update(EventRow).where(EventRow.seq == row.seq).values(sealed=old))
        for alert in tx.execute(select(AlertRow.id, AlertRow.sealed).where(AlertRow.sealed.is_not(None))).all():
            where = f"alert:{alert.id}:sealed"
            old = keys.seal(where, office.retention._sealer.open(where, alert.sealed or b""))
            tx.execute(update(AlertRow).where(AlertRow.id == alert.id).values(sealed=old))
        tx.execute(delete(DayKeyRow))
        notes.drop(tx, notes.RESEALED)
    office.retention._keys.forget_cached()
    return len(rows)


class Killed(Exception):
    pass


def test_what_was_sealed_before_days_had_keys_is_sealed_anew_also_after_being_stopped_in_the_middle(
    office: Office, gate_end: GateEnd, tmp_path: Path, clock: ManualClock
) -> None:
    day_of_passages(gate_end, CHUNK - 2)
    day_of_passages(gate_end, 40)
    recorded = in_the_older_form(office, Sealer(load_or_create(tmp_path / "var" / "keys").seal))
    assert names(office)[0] == "张*丰", "both forms are read"

    def stop(done: int, _total: int) -> None:
        if done >= CHUNK:
            raise Killed

    with pytest.raises(Killed):
        office.retention.run(who="test", advance=stop)
    assert all(check.ok for check in office.verify())
    told: list[tuple[int, int]] = []
    done = office.retention.run(who="test", advance=lambda *now: told.append(now))
    assert 0 < done.resealed < recorded + 2
    assert told[-1] == (recorded, recorded)
    with office.database.read() as tx:
        sealed = tx.scalars(select(EventRow.sealed)).all()
    assert all(part is not None and part.startswith(DAY) for part in sealed)
    assert office.retention.run(who="test").resealed == 0
    a_month_later(gate_end, clock)
    assert office.retention.run(who="test").destroyed == 1
    assert set(names(office)[1:]) == {""}
    assert all(check.ok for check in office.verify())


def test_two_runs_at_once_do_it_once(
    office_url: str, office: Office, open_office: Callable[[str], Office], gate_end: GateEnd, clock: ManualClock
) -> None:
    day_of_passages(gate_end)
    a_month_later(gate_end, clock)
    other = open_office(office_url)
    seen = []

    def meanwhile(_done: int, _total: int) -> None:
        seen.append(other.retention.run(who="other").busy)

    done = office.retention.run(who="test", advance=meanwhile)
    assert done.destroyed == 1
    assert set(seen) == {True}


def test_the_keys_leave_no_trace_in_the_file(
    sqlite_office_url: str, open_office: Callable[[str], Office], clock: ManualClock
) -> None:
    office = open_office(sqlite_office_url)
    community = office.units.add("community", "幸福社区", "110101001001", None, who="test")
    end = GateEnd(office, enrolled(office, community, "东门").id, clock)
    day_of_passages(end)
    with office.database.read() as tx:
        wrapped = tx.execute(select(DayKeyRow.wrapped)).scalar_one()
    a_month_later(end, clock)
    path = Path(sqlite_office_url.removeprefix("sqlite:///"))
    assert wrapped in everything(path)
    office.retention.run(who="test")
    assert wrapped not in everything(path)


def everything(path: Path) -> bytes:
    files = (path, path.with_name(path.name + "-wal"))
    return b"".join(file.read_bytes() for file in files if file.exists())


def test_the_commands_say_what_is_kept_and_what_went(
    sqlite_office_url: str,
    open_office: Callable[[str], Office],
    tmp_path: Path,
    clock: ManualClock,
    capsys: pytest.CaptureFixture[str],
) -> None:
    office = open_office(sqlite_office_url)
    community = office.units.add("community", "幸福社区", "110101001001", None, who="test")
    clock.go(days=-300)
    end = GateEnd(office, enrolled(office, community, "东门").id, clock)
    day_of_passages(end)

    def said(*arguments: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as ended:
            run_office(["retention", *arguments, "--url", sqlite_office_url, "--var", str(tmp_path / "var")])
        return int(ended.value.code or 0), capsys.readouterr().out

    code, words = said("status")
    assert code == 1, "a day is overdue"
    assert "due: 1 (1 overdue)" in words
    assert said("run")[0] == 2, "no gate vouches for the clock"
    code, words = said("run", "--clock-is-right", "--json")
    assert (code, json.loads(words.splitlines()[-1])["destroyed"]) == (0, 1)
    code, words = said("certificates", "--json")
    assert json.loads(words)["said"]["passages"] == 3
    held = json.loads(said("hold", "2026-11-20", "2026-11-22", "--why", "溯源", "--json")[1])
    assert "溯源" in said("holds")[1]
    assert json.loads(said("release", held["id"], "--json")[1])["released_by"] == "cli"
    assert said("status")[0] == 0
