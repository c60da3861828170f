"""A day checked again from what is stored, and by an outsider with a bare interpreter."""

from __future__ import annotations

import base64
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import delete, update

from kiosk import chain, signet
from kiosk.model import Clock
from sync.office import proof
from sync.office.db.days import DayCloseRow
from sync.office.db.log import EventRow
from sync.office.errors import NotFound
from sync.office.office import Office
from sync.office.values import EVERYTHING, Gate
from tests.sync.office.conftest import ManualClock
from tests.sync.office.gate_end import PERSON, GateEnd, Journal, passage

DAY = date(2026, 11, 22)
NEXT = DAY + timedelta(days=1)
Change = Callable[[dict[str, Any]], None]


@dataclass
class Outcome:
    code: int
    said: str


@pytest.fixture
def days(gate_end: GateEnd, clock: ManualClock) -> GateEnd:
    """Two days at a gate: 1–4 and their report 5, 6–8 and their report 9, 10 on the third."""
    for day, count in ((DAY, 4), (NEXT, 3)):
        gate_end.passes(count, celsius=36.0)
        clock.go(days=1)
        said = {"gate": gate_end.id, "day": day.isoformat(), "counts": {"passages": count, "alerts": 0}}
        gate_end.journal.append("day.close", clock.at, said)
    gate_end.passes(1)
    gate_end.send()
    return gate_end


@pytest.fixture
def gate_now(office: Office, days: GateEnd) -> Gate:
    return office.gates.get(days.id, EVERYTHING)


def run(folder: Path, *arguments: str) -> Outcome:
    """The script as an outsider runs it: an interpreter that sees none of our packages."""
    command = [sys.executable, "-I", "-S", "verify.py", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    assert done.stderr == ""
    return Outcome(done.returncode, done.stdout)


@pytest.fixture
def unpacked(office: Office, gate_now: Gate, tmp_path: Path) -> Path:
    folder = tmp_path / "proof"
    content = proof.export(office, gate_now, NEXT, who="test")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        archive.extractall(folder)
    (tmp_path / "proof" / "again.zip").write_bytes(content)
    return folder


def change(folder: Path, how: Change) -> None:
    said = json.loads((folder / "proof.json").read_text(encoding="utf-8"))
    how(said)
    (folder / "proof.json").write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")


def test_a_day_holds_with_its_countersignatures(office: Office, gate_now: Gate, days: GateEnd) -> None:
    (first,), (second,), (third,) = (
        proof.check(office, gate_now, day) for day in (DAY, NEXT, NEXT + timedelta(days=1))
    )
    assert (first.first, first.last, first.countersigned, first.passages, first.ok) == (1, 5, 5, 4, True)
    assert (second.first, second.last, second.countersigned, second.passages) == (5, 9, 9, 3)
    assert (third.first, third.last, third.countersigned, third.passages) == (9, 10, None, 1)
    assert second.digest == days.journal.events[8].digest
    assert proof.check(office, gate_now, DAY - timedelta(days=1)) == ()


@pytest.mark.parametrize(
    ("seq", "values", "why"),
    [
        (7, {"open": "{}"}, "event 7: digest does not fit"),
        (7, {"sealed": b"\x00" * 40}, "sealed with key 00000000"),
        (9, {"digest": "11" * 32}, "event 9 is not the one that was countersigned"),
    ],
)
def test_what_was_altered_in_the_database_is_named(
    office: Office, gate_now: Gate, seq: int, values: dict[str, Any], why: str
) -> None:
    with office.database.write() as tx:
        tx.execute(update(EventRow).where(EventRow.seq == seq).values(**values))
    (found,) = proof.check(office, gate_now, NEXT)
    assert any(why in fault for fault in found.faults), found.faults
    assert proof.check(office, gate_now, DAY)[0].ok


def test_what_was_deleted_or_signed_by_another_is_named(office: Office, gate_now: Gate) -> None:
    with office.database.write() as tx:
        tx.execute(delete(EventRow).where(EventRow.seq == 9))
        tx.execute(update(DayCloseRow).where(DayCloseRow.seq == 5).values(signature="AAAA"))
    (found,) = proof.check(office, gate_now, NEXT)
    assert "event 9 is missing" in found.faults
    assert "day 2026-11-22: the countersignature does not fit" in found.faults


def test_an_outsider_finds_everything_in_order(unpacked: Path, office: Office, days: GateEnd) -> None:
    found = run(unpacked)
    assert (found.code, found.said.splitlines()[-1]) == (0, "OK: everything holds")
    assert f"day 2026-11-23 countersigned: event 9, digest {days.journal.events[8].digest}" in found.said
    assert "Passages of the day: 3 here, 3 by the gate's own count." in found.said
    key = base64.b64encode(office.office_key).decode()
    assert run(unpacked, "--key", key, "again.zip").code == 0
    other = base64.b64encode(Ed25519PrivateKey.generate().public_key().public_bytes_raw()).decode()
    assert "not the one you gave" in run(unpacked, "--key", other, "again.zip").said


def test_nothing_personal_is_given_out(unpacked: Path) -> None:
    text = (unpacked / "proof.json").read_text(encoding="utf-8")
    for word in ("personal", "salt", PERSON["name"], PERSON["phone"], PERSON["id_last4"], PERSON["tokens"][0]):
        assert word not in text
    assert {path.name for path in unpacked.iterdir()} == {"proof.json", "verify.py", "README.txt", "again.zip"}


def set_celsius(said: dict[str, Any]) -> None:
    said["journals"][0]["events"][2]["open"]["celsius"] = 38.9


def drop_an_event(said: dict[str, Any]) -> None:
    del said["journals"][0]["events"][2]


def drop_the_end(said: dict[str, Any]) -> None:
    del said["journals"][0]["events"][-1]


def drop_a_journal(said: dict[str, Any]) -> None:
    said["journals"].clear()


def forge_the_chain(said: dict[str, Any]) -> None:
    """An event changed, and everything after it made to fit again: only the signatures tell."""
    part = said["journals"][0]
    part["events"][1]["open"]["verdict"] = "refuse"
    before = part["before"]["digest"]
    for event in part["events"]:
        event["prev"] = before
        named = {name: event[name] for name in ("seq", "id", "kind", "at", "open", "seal", "prev")}
        before = chain.digest(journal=part["journal"], clock=Clock(**event["clock"]), **named)
        event["digest"] = before


def forge_the_countersignature(said: dict[str, Any]) -> None:
    forge_the_chain(said)
    seal = said["journals"][0]["seals"][-1]
    seal["digest"] = said["journals"][0]["events"][-1]["digest"]
    statement = {name: seal[name] for name in ("day", "journal", "seq", "digest")} | {"gate": said["gate"]["id"]}
    seal["signature"] = signet.sign(Ed25519PrivateKey.generate(), statement)


def another_day(said: dict[str, Any]) -> None:
    said["day"] = "2026-11-22"


def move_the_beginning(said: dict[str, Any]) -> None:
    part = said["journals"][0]
    part["before"] |= {"seq": part["events"][0]["seq"], "digest": part["events"][0]["digest"]}
    del part["events"][0]
    del part["seals"][0]


@pytest.mark.parametrize(
    ("how", "why"),
    [
        (set_celsius, "event 7 (passage, 2026-11-23T04:00:00.000Z): its digest does not fit its content"),
        (drop_an_event, "event 7 is missing"),
        (drop_the_end, "event 9 is not the one that was countersigned"),
        (drop_a_journal, "the journals are not those that the office signed for"),
        (forge_the_chain, "event 9 is not the one that was countersigned"),
        (forge_the_countersignature, "the office's countersignature does not fit"),
        (another_day, "the export was signed for another day"),
        (move_the_beginning, "begins neither at its beginning nor with a countersigned head"),
    ],
)
def test_an_outsider_is_told_what_was_altered(unpacked: Path, how: Change, why: str) -> None:
    change(unpacked, how)
    found = run(unpacked)
    assert found.code == 1
    assert why in found.said
    assert found.said.splitlines()[-1].startswith("NOT OK")


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff", b'{"format": "another"}', b"[" * 100_000])
def test_a_file_that_is_no_proof_is_refused_in_a_sentence(unpacked: Path, content: bytes) -> None:
    (unpacked / "proof.json").write_bytes(content)
    found = run(unpacked)
    assert found.code == 2
    assert "cannot be checked" in found.said


def test_a_day_in_two_journals_is_given_out_with_both(
    office: Office, gate_now: Gate, clock: ManualClock, tmp_path: Path
) -> None:
    after = Journal()
    after.append("journal.begin", clock.at, {"gate": gate_now.id, "why": "fork", "follows": None})
    after.append("passage", clock.at, passage(), PERSON)
    GateEnd(office, gate_now.id, clock, after).send()
    content = proof.export(office, gate_now, NEXT + timedelta(days=1), who="test")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        archive.extractall(tmp_path)
    found = run(tmp_path)
    assert (found.code, found.said.count("Journal ")) == (0, 2)
    assert "not closed by the gate" in found.said


def test_a_day_of_which_nothing_is_here_cannot_be_given_out(office: Office, gate_now: Gate) -> None:
    with pytest.raises(NotFound):
        proof.export(office, gate_now, DAY - timedelta(days=9), who="test")
