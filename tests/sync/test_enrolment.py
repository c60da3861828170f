"""Becoming known to an office: once, whole, and with clear words when it does not work."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.errors import SyncError
from kiosk.identity import Identity, Keys
from sync.enrolment import enroll
from sync.office.values import EVERYTHING
from tests.sync.live import GateBox, Impostor, LiveOffice


def test_a_gate_learns_who_it_is_and_keeps_it_to_itself(live: LiveOffice, tmp_path: Path) -> None:
    var = tmp_path / "gate"
    identity = enroll(f" {live.url}/ ", f" {live.token('东门')} ", var, "东门")
    assert identity == Identity.load(var)
    assert (identity.office_url, identity.community, identity.community_name) == (
        live.url,
        live.community.id,
        "幸福社区",
    )
    assert identity.office_key == live.office.office_key
    assert identity.token_key == live.office.units.token_key(live.community.id)
    assert {path.stat().st_mode & 0o077 for path in var.rglob("*") if path.is_file()} == {0}
    known = live.office.gates.public_key(identity.gate)
    assert known == Keys.load(var).sign.public_key().public_bytes_raw()


def test_a_gate_that_is_enrolled_is_not_enrolled_again_by_mistake(live: LiveOffice, gate: GateBox) -> None:
    token = live.token("西门")
    with pytest.raises(SyncError, match="--again"):
        enroll(live.url, token, gate.var, "西门")
    assert Identity.load(gate.var) == gate.identity
    again = enroll(live.url, token, gate.var, "西门", again=True)
    assert again.gate != gate.identity.gate
    assert Identity.load(gate.var) == again


def test_an_identity_that_cannot_be_read_can_be_replaced(live: LiveOffice, tmp_path: Path) -> None:
    (tmp_path / "identity.json").write_text("{")
    (tmp_path / "identity.json").chmod(0o600)
    identity = enroll(live.url, live.token("东门"), tmp_path, "东门", again=True)
    assert Identity.load(tmp_path) == identity


def test_a_wrong_token_changes_nothing_and_says_what_to_do(live: LiveOffice, tmp_path: Path) -> None:
    with pytest.raises(SyncError, match="ask the office for a new one"):
        enroll(live.url, "AAAAA-AAAAA-AAAAA-AAAAA", tmp_path, "东门")
    assert Identity.load(tmp_path) is None


def test_a_token_is_good_for_one_gate(live: LiveOffice, tmp_path: Path) -> None:
    token = live.token("东门")
    enroll(live.url, token, tmp_path / "first", "东门")
    with pytest.raises(SyncError, match="used already"):
        enroll(live.url, token, tmp_path / "second", "东门")
    assert live.office.gates.list(EVERYTHING)[0].enrolled_at is not None


def test_an_office_that_is_away_is_named(tmp_path: Path) -> None:
    with pytest.raises(SyncError, match=r"127\.0\.0\.1:9: the office cannot be reached"):
        enroll("http://127.0.0.1:9", "token", tmp_path, "东门")


def test_plain_http_across_the_network_is_refused_before_the_token_leaves(tmp_path: Path) -> None:
    with pytest.raises(SyncError, match="https"):
        enroll("http://192.0.2.1:8700", "token", tmp_path, "东门")


@pytest.mark.parametrize(
    ("status", "body", "says"),
    [
        (200, b"<html>router</html>", "no office"),
        (200, b"{}", "no office"),
        (404, b"not found", "no office"),
        (404, b'{"error":"not-found"}', "version"),
        (301, b"", "moved"),
        (429, b'{"error":"busy"}', "60 s"),
        (500, b'{"error":"internal","detail":"trouble at the office"}', "trouble at the office"),
    ],
)
def test_what_is_no_office_is_called_by_its_name(tmp_path: Path, status: int, body: bytes, says: str) -> None:
    with Impostor(status, body, {"Retry-After": "60"}) as impostor, pytest.raises(SyncError, match=says):
        enroll(impostor.url, "token", tmp_path, "东门")
    assert Identity.load(tmp_path) is None
