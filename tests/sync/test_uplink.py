"""A gate and a real office over HTTP: everything recorded arrives once, and only a verified receipt counts."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk.config import Sync
from kiosk.errors import HandDownError, SyncError
from sync.line import Line
from sync.office.values import EVERYTHING
from sync.uplink import Uplink, Vitals
from tests.sync.live import PATIENT, GateBox, Impostor, LiveOffice, refused


def test_everything_recorded_arrives_once(live: LiveOffice, gate: GateBox) -> None:
    gate.record(7)
    result = gate.uplink().push()
    assert result.sent == 8  # with journal.begin
    assert result.through == live.through(gate) == gate.journal.head().seq
    assert live.visits() == sorted(gate.visits)
    assert gate.waiting == 0


def test_a_long_queue_goes_in_batches_and_says_how_far_it_is(live: LiveOffice, gate: GateBox) -> None:
    gate.record(10)
    steps: list[tuple[int, int]] = []
    gate.uplink(settings=Sync(batch=4)).push(lambda sent, waiting: steps.append((sent, waiting)))
    assert steps == [(4, 7), (8, 3), (11, 0)]
    assert live.visits() == sorted(gate.visits)


def test_pushing_again_sends_nothing_twice_and_moves_last_synced(live: LiveOffice, gate: GateBox) -> None:
    gate.record(3)
    uplink = gate.uplink()
    uplink.push()
    first = gate.journal.outbox().synced_at
    gate.ahead = timedelta(seconds=9)
    assert uplink.push().sent == 0
    assert live.passages() == 3
    second = gate.journal.outbox().synced_at
    assert first
    assert second
    assert second > first


def test_what_the_gate_has_forgotten_still_arrives_and_still_verifies(live: LiveOffice, gate: GateBox) -> None:
    gate.record(2)
    gate.journal.forget_before(gate.now().date() + timedelta(days=2))
    assert gate.journal.after(1, 1)[0].personal is None
    gate.uplink().push()
    assert live.visits() == sorted(gate.visits)
    assert all(check.ok for check in live.office.verify())


def test_two_processes_may_push_the_same_queue(live: LiveOffice, gate: GateBox) -> None:
    gate.record(5)
    beside = Uplink(
        journal=gate.journal,
        handdown=gate.handdown,
        identity=gate.identity,
        sign_key=gate.keys.sign,
        settings=PATIENT,
        now=gate.now,
        keeps=False,
    )
    assert beside.push().sent == 6
    assert gate.waiting == 6  # it wrote nothing down
    assert gate.uplink().push().sent == 6
    assert live.visits() == sorted(gate.visits)
    assert gate.waiting == 0


def test_last_synced_stays_when_the_receipt_is_not_the_offices(live: LiveOffice, gate: GateBox) -> None:
    gate.record(2)
    stranger = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    error = refused(gate.uplink(office_key=stranger).push)
    assert error.word == "rubbish"
    assert not error.permanent
    assert gate.journal.outbox().synced_at is None
    assert gate.waiting == 3
    gate.uplink().push()
    assert live.passages() == 2


def test_an_office_put_back_from_a_backup_is_sent_again_what_it_lost(live: LiveOffice, gate: GateBox) -> None:
    database = Path(live.settings.url.removeprefix("sqlite:///"))
    uplink = gate.uplink()
    gate.record(2)
    uplink.push()
    live.stop()
    shutil.copy(database, database.with_suffix(".backup"))
    live.start()
    gate.record(4)
    uplink.push()
    live.stop()
    for leftover in database.parent.glob(f"{database.name}-*"):
        leftover.unlink()
    shutil.copy(database.with_suffix(".backup"), database)
    live.start()
    assert gate.waiting == 0
    uplink.push()  # nothing is waiting, and yet
    assert live.visits() == sorted(gate.visits)


@pytest.mark.parametrize("ahead", [timedelta(hours=3), timedelta(days=-4000), timedelta(minutes=4)])
def test_a_gate_whose_clock_is_wrong_still_reports_and_says_by_how_much(
    live: LiveOffice, new_gate: Callable[..., GateBox], ahead: timedelta
) -> None:
    gate = new_gate(ahead=ahead)
    gate.record()
    gate.uplink().push()
    assert live.visits() == sorted(gate.visits)
    offset_ms = gate.journal.offset_ms
    assert offset_ms is not None
    assert abs(timedelta(milliseconds=offset_ms) + ahead) < timedelta(seconds=5)
    assert gate.record()[0].clock.offset_ms == offset_ms


def test_a_clock_that_was_set_right_is_measured_anew(live: LiveOffice, new_gate: Callable[..., GateBox]) -> None:
    gate = new_gate(ahead=timedelta(hours=3))
    uplink = gate.uplink()
    uplink.push()
    gate.ahead = timedelta()
    gate.record()
    uplink.push()
    assert live.passages() == 1
    assert abs(gate.journal.offset_ms or 0) < 5000


def test_a_journal_that_was_tampered_with_stops_the_push_for_good(live: LiveOffice, gate: GateBox) -> None:
    gate.record(5)
    with sqlite3.connect(gate.var / "journal.db") as file:
        file.execute("DROP TRIGGER events_only_emptied")
        file.execute("UPDATE events SET open = replace(open, '36.6', '36.5') WHERE number = 4")
    error = refused(gate.uplink().push)
    assert (error.word, error.permanent) == ("chain", True)
    assert "4" in str(error)
    assert live.through(gate) == 3


def test_a_gate_the_office_does_not_know_is_told_and_loses_nothing(live: LiveOffice, gate: GateBox) -> None:
    gate.record()
    error = refused(gate.uplink(gate="01936f10-0000-7000-8000-00000000dead").push)
    assert (error.word, error.permanent) == ("unknown-gate", False)
    assert gate.waiting == 2


RUBBISH = [
    (200, b"<html>hotel wifi</html>", "rubbish"),
    (200, b"", "rubbish"),
    (200, b"{}", "rubbish"),
    (200, b"[" * 100_000, "rubbish"),
    (200, b" " * 300_000, "rubbish"),
    (302, b"", "rubbish"),
    (404, b"<html>nginx</html>", "rubbish"),
    (413, b"<html>nginx</html>", "too-large"),
    (502, b"<html>bad gateway</html>", "rubbish"),
    (500, b'{"error":"internal"}', "internal"),
    (409, b'{"error":"gap","expected":999}', "rubbish"),
    (409, b'{"error":"gap","expected":1}', "rubbish"),
    (409, b'{"error":"gap"}', "gap"),
    (401, b'{"error":"clock","time":"soon"}', "rubbish"),
    (401, b'{"error":"clock"}', "clock"),
    (401, b'{"error":"replay"}', "replay"),
    (418, b'{"error":"teapot","detail":"short and stout"}', "teapot"),
]


@pytest.mark.parametrize(("status", "body", "word"), RUBBISH)
def test_an_office_that_answers_rubbish_costs_nothing(gate: GateBox, status: int, body: bytes, word: str) -> None:
    gate.record()
    with Impostor(status, body, {"Location": "https://elsewhere.example/"}) as impostor:
        uplink = gate.uplink(impostor.url)
        assert refused(uplink.push).word == word
        refused(uplink.beat)
        with pytest.raises((SyncError, HandDownError)):
            uplink.pull()
        assert impostor.requests < 20
    assert gate.waiting == 2
    assert gate.journal.outbox().synced_at is None
    assert gate.handdown.bundle.version == 0


def test_the_offices_wish_to_be_called_later_is_passed_on(gate: GateBox) -> None:
    with Impostor(503, b'{"error":"unavailable"}', {"Retry-After": "7"}) as office:
        assert refused(gate.uplink(office.url).push).retry_after_s == 7
    with Impostor(502, b"<html>", {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}) as office:
        assert refused(gate.uplink(office.url).push).retry_after_s == 0
    with Impostor(502, b"<html>", {"Retry-After": "soon"}) as office:
        assert refused(gate.uplink(office.url).push).retry_after_s is None


def test_an_office_that_is_away_is_named(live: LiveOffice, gate: GateBox) -> None:
    live.stop()
    error = refused(gate.uplink().push)
    live.start()
    assert error.word == "unreachable"
    assert live.url in str(error)


@pytest.mark.parametrize("url", ["http://10.1.2.3:8700", "http://office.example", "http://localhost.evil.example"])
def test_plain_http_is_for_loopback_alone(url: str) -> None:
    with pytest.raises(SyncError, match="https"):
        Line(url, 1)


@pytest.mark.parametrize(
    "url",
    ["", "office", "ftp://office.example", "https://", "https://office.example/?a=1", "https://[::1", "http://x:y"],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(SyncError, match="address"):
        Line(url, 1)


def test_an_address_with_a_password_is_refused_without_repeating_it() -> None:
    with pytest.raises(SyncError) as caught:
        Line("https://user:geheim@office.example", 1)
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8700/", "http://[::1]:8700", "http://localhost", "https://o.example/a/"]
)
def test_addresses_that_will_do(url: str) -> None:
    assert Line(url, 1).office_url == url.rstrip("/")


def test_a_heartbeat_tells_the_office_how_the_gate_is(live: LiveOffice, gate: GateBox) -> None:
    gate.record(2)
    live.office.gates.request_wake(gate.identity.gate, EVERYTHING, who="test")
    beat = gate.uplink().beat(Vitals(camera="ok", thermometer="silent", disk_free_mb=512))
    assert beat.wake
    shown = live.office.gates.get(gate.identity.gate, EVERYTHING)
    assert (shown.camera, shown.thermometer, shown.disk_free_mb) == ("ok", "silent", 512)
    assert (shown.waiting, shown.gate_seq) == (3, 3)
    assert gate.journal.offset_ms is not None
