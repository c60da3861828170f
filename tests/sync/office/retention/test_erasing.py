"""Somebody asks to be forgotten: they are, nobody else is, and the proof stands as before."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from kiosk import tokens
from kiosk.model import iso
from sync.office import proof
from sync.office.__main__ import run as run_office
from sync.office.db.log import AlertRow
from sync.office.errors import NotFound, Refused
from sync.office.lists.wanted import Wanted
from sync.office.office import Office
from sync.office.retention.finding import number
from sync.office.second_person import SamePerson
from sync.office.values import EVERYTHING, EntryFilter, Gate, Scope, Unit
from tests.sync.office.conftest import NOON, ManualClock
from tests.sync.office.gate_end import PERSON, GateEnd, enrolled

LI, LI_PHONE = "110101199003070775", "13900001111"
WANG, WANG_PHONE = "110101198501011239", "13700002222"


def person(office: Office, community: str, name: str, id_number: str, phone: str) -> dict[str, Any]:
    """The personal part of a passage, with tokens as a gate of the community makes them."""
    key = office.units.token_key(community)
    known = [tokens.token(key, "id", id_number), tokens.token(key, "phone", phone)]
    said = {"name": name, "id_number": id_number, "id_last4": id_number[-4:], "phone": phone, "tokens": known}
    code = {"code_token": tokens.token(key, "code", f"code of {name}")}
    return {**PERSON, **said, **code, "serial": "", "facts": {"person": {"name": name}}}


def recorded(office: Office, end: GateEnd, community: str) -> None:
    """Li and Wang come, Li with a fever; both are on lists and announced."""
    first = len(end.journal.events) + 1
    li = person(office, community, "李小红", LI, LI_PHONE)
    wang = person(office, community, "王大明", WANG, WANG_PHONE)
    end.passes(2, li, visit="visit-of-li")
    end.passes(3, wang, visit="visit-of-wang")
    alert = {"gate": "g", "lane": "1", "alert": "fever", "visit": "visit-of-li", "verdict": "isolate", "demo": False}
    end.journal.append("alert", end.now(), alert | {"zh": "发热", "en": "Fever"}, {"name": "李小红", "phone": LI_PHONE})
    end.send(first)
    for name, id_number, phone in (("李小红", LI, LI_PHONE), ("王大明", WANG, WANG_PHONE)):
        listed = Wanted(name=name, id_number=id_number, phone=phone, household="3-2-501", why="resident")
        office.people.add("roster", community, listed, who="test")


def close_alerts(office: Office) -> None:
    with office.database.write() as tx:
        tx.execute(update(AlertRow).values(closed_at=NOON, closed_by="x", done="x"))


def erase(office: Office, community: str, typed: str = LI) -> Any:
    asked = office.erasures.ask(community, number(typed), "own-request", EVERYTHING, who="clerk")
    return office.erasures.approve(asked.id, EVERYTHING, who="leader")


def shown(office: Office) -> list[str]:
    return sorted(row.name for row in office.entries.page(EntryFilter(), EVERYTHING).rows)


def test_a_person_is_found_by_id_number_and_by_phone_with_a_reason_that_is_audited(
    office: Office, community: Unit, gate_end: GateEnd
) -> None:
    recorded(office, gate_end, community.id)
    for typed in (LI, LI_PHONE, "139 0000 1111"):
        (found,) = office.finding.search(number(typed), "本人查询", EVERYTHING, who="clerk")
        held = {name: count for name, count in found.counts().items() if count}
        assert held == {"passages": 2, "other": 1, "alerts": 1, "listed": 1}
    row = office.audit.page(EVERYTHING).rows[0]
    assert (row.who, row.what, row.detail) == ("clerk", "person.search", "5 found: 本人查询")
    assert LI not in repr(row)
    assert LI_PHONE not in repr(row)
    with pytest.raises(Refused, match="say why"):
        office.finding.search(number(LI), " ", EVERYTHING, who="clerk")
    with pytest.raises(Refused, match="no ID number") as wrong:
        number("110101199003070776")
    assert "1101" not in str(wrong.value)


def test_a_person_of_another_branch_is_not_found(
    office: Office, street: Unit, community: Unit, gate_end: GateEnd
) -> None:
    recorded(office, gate_end, community.id)
    other = office.units.add("community", "和平社区", "110101001002", street.id, who="test")
    assert office.finding.search(number(LI), "查询", Scope(other.id), who="clerk") == ()
    with pytest.raises(NotFound):
        office.erasures.preview(community.id, number(LI), Scope(other.id))


def test_a_deletion_takes_one_person_and_leaves_the_others_and_the_proof(
    office: Office, community: Unit, gate: Gate, gate_end: GateEnd
) -> None:
    recorded(office, gate_end, community.id)
    close_alerts(office)
    before = [(check.seq, check.digest) for check in office.verify()]
    done = erase(office, community.id)
    assert done.state == "waiting", "the gate has yet to do it"
    assert shown(office) == ["", "", "王*明", "王*明", "王*明"]
    assert [(check.seq, check.digest, check.ok) for check in office.verify()] == [(*one, True) for one in before]
    assert all(check.ok for check in proof.check(office, gate, NOON.date()))
    assert office.finding.search(number(LI), "再查", EVERYTHING, who="clerk") == ()
    (wang,) = office.finding.search(number(WANG), "查", EVERYTHING, who="clerk")
    assert (wang.counts()["passages"], wang.counts()["listed"]) == (3, 1)
    said = office.retention.certificates.get(done.certificate or 0, EVERYTHING).said
    assert (said["kind"], said["parts"], said["asked_by"], said["by"]) == ("person", 5, "clerk", "leader")
    assert office.retention.certificates.check().why == ""
    trace = json.dumps([said, repr(office.audit.page(EVERYTHING, size=500)), repr(done)], ensure_ascii=False)
    assert not [word for word in ("李小红", LI, LI_PHONE) if word in trace]


def test_what_an_open_alert_or_a_held_day_is_about_stays_and_is_named_before(
    office: Office, community: Unit, gate_end: GateEnd
) -> None:
    recorded(office, gate_end, community.id)
    preview = office.erasures.preview(community.id, number(LI), EVERYTHING)
    assert (preview.going.total, preview.kept) == (1, 4), "only the roster's entry may go while the fever is open"
    close_alerts(office)
    assert office.erasures.preview(community.id, number(LI), EVERYTHING).kept == 0
    office.retention.holds.hold(community.id, NOON.date(), NOON.date(), "溯源", EVERYTHING, who="leader")
    assert office.erasures.preview(community.id, number(LI), EVERYTHING).kept_parts == 3


def test_a_running_watch_entry_stays(office: Office, community: Unit, gate_end: GateEnd) -> None:
    day = NOON.date()
    listed = Wanted(name="李小红", id_number=LI, why="observation", begins=day, ends=day + timedelta(days=14))
    office.people.add("watch", community.id, listed, who="test")
    preview = office.erasures.preview(community.id, number(LI), EVERYTHING)
    assert (preview.going.total, preview.kept_entries) == (0, 1)


def test_whoever_asks_does_not_approve(office: Office, community: Unit, gate_end: GateEnd) -> None:
    recorded(office, gate_end, community.id)
    asked = office.erasures.ask(community.id, number(LI), "own-request", EVERYTHING, who="clerk")
    with pytest.raises(SamePerson):
        office.erasures.approve(asked.id, EVERYTHING, who="clerk")
    assert "李*红" in shown(office)
    assert office.erasures.cancel(asked.id, EVERYTHING, who="clerk").state == "cancelled"
    with pytest.raises(Refused, match="decided already"):
        office.erasures.approve(asked.id, EVERYTHING, who="leader")


def test_the_request_ends_when_every_gate_has_done_it_and_takes_what_came_meanwhile(
    office: Office, community: Unit, gate_end: GateEnd, clock: ManualClock
) -> None:
    recorded(office, gate_end, community.id)
    close_alerts(office)
    first = len(gate_end.journal.events) + 1
    gate_end.passes(1, person(office, community.id, "李小红", LI, LI_PHONE))  # waits at the gate
    clock.go(minutes=1)
    done = erase(office, community.id)
    manifest = office.publish.manifest(community.id)
    assert manifest is not None
    (order,) = office.publish.document(manifest.sections["erasures"])["erasures"]
    token = tokens.token(office.units.token_key(community.id), "id", LI)
    assert order == {"id": done.id, "tokens": [token], "until": iso(done.done_at)}
    assert office.erasures.settle() == 0

    clock.go(minutes=1)
    gate_end.journal.append("journal.erase", clock(), {"gate": "g", "request": done.id, "parts": 4, "at": iso(clock())})
    gate_end.send(first)

    assert "李*红" in shown(office)
    assert office.erasures.settle() == 1
    assert "李*红" not in shown(office)
    ended = office.erasures.get(done.id, EVERYTHING)
    assert (ended.state, ended.gates[0].parts) == ("done", 4)
    manifest = office.publish.manifest(community.id)
    assert manifest is not None
    assert office.publish.document(manifest.sections["erasures"]) == {"erasures": []}


def test_no_byte_of_the_person_is_left_in_the_file_and_everybody_else_is(
    sqlite_office_url: str, open_office: Callable[[str], Office], clock: ManualClock
) -> None:
    office = open_office(sqlite_office_url)
    community = office.units.add("community", "幸福社区", "110101001001", None, who="test")
    gate = enrolled(office, community, "东门")
    end = GateEnd(office, gate.id, clock)
    recorded(office, end, community.id)
    close_alerts(office)
    path, key = Path(sqlite_office_url.removeprefix("sqlite:///")), office.units.token_key(community.id)
    li = [tokens.token(key, "id", LI), tokens.token(key, "phone", LI_PHONE)]
    wang = tokens.token(key, "id", WANG)
    assert traces(path, *li)

    done = erase(office, community.id)
    end.journal.append("journal.erase", clock(), {"gate": gate.id, "request": done.id, "parts": 3})
    end.send(len(end.journal.events))
    office.erasures.settle()

    words = ("李小红", "李*红", LI, LI_PHONE)
    assert traces(path, *li) == []
    assert [word for word in words if word.encode() in everything(path)] == []
    assert traces(path, wang)
    assert shown(office).count("王*明") == 3


def traces(path: Path, *found: str) -> list[str]:
    """Which tokens stand in the file, as text or as bytes."""
    content = everything(path)
    return [token for token in found if token.encode() in content or bytes.fromhex(token) in content]


def everything(path: Path) -> bytes:
    files = (path, path.with_name(path.name + "-wal"))
    return b"".join(file.read_bytes() for file in files if file.exists())


def test_the_commands_take_the_number_from_standard_input_only(
    sqlite_office_url: str,
    open_office: Callable[[str], Office],
    clock: ManualClock,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    office = open_office(sqlite_office_url)
    community = office.units.add("community", "幸福社区", "110101001001", None, who="test")
    end = GateEnd(office, enrolled(office, community, "东门").id, clock)
    recorded(office, end, community.id)
    close_alerts(office)

    def said(*arguments: str) -> Any:
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{LI}\n"))
        with pytest.raises(SystemExit) as ended:
            run_office(["person", *arguments, "--url", sqlite_office_url, "--var", str(tmp_path / "var"), "--json"])
        assert not ended.value.code
        return json.loads(capsys.readouterr().out.splitlines()[-1])

    (found,) = said("search", "--why", "本人查询")
    assert (found["passages"], found["listed"], len(found["entries"])) == (2, 1, 2)
    asked = said("ask", "--yes")
    assert said("approve", asked["id"], "--sole", "--yes")["state"] == "waiting"
    assert [row["waiting"] for row in said("requests")] == ["东门"]
    assert said("search", "--why", "本人查询") == []
