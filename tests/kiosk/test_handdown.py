"""The bundle on disk: whatever is wrong with what arrives or with what lies there, the last good one stays in force."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from kiosk import handdown, signet
from kiosk.errors import HandDownError
from kiosk.handdown import HandDown
from kiosk.model import Footing, iso

OFFICE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OFFICE_KEY = OFFICE.public_key().public_bytes_raw()
ISSUED = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
FIRST = {"policy": b'{"id":"p","version":1}', "watch": b'{"entries":[]}'}
SECOND = {"policy": b'{"id":"p","version":2}', "watch": b'{"entries":[]}'}


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def signed(document: Mapping[str, Any], key: Ed25519PrivateKey = OFFICE) -> dict[str, Any]:
    return {**document, "signature": signet.sign(key, document)}


def manifest(version: int, sections: Mapping[str, bytes], /, **changes: Any) -> dict[str, Any]:
    return signed(
        {
            "version": version,
            "community": "c1",
            "issued_at": iso(ISSUED),
            "valid_until": iso(ISSUED + timedelta(days=2)),
            "sections": {name: sha(content) for name, content in sections.items()},
            **changes,
        }
    )


def contents(sections: Mapping[str, bytes]) -> dict[str, bytes]:
    return {sha(content): content for content in sections.values()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "handdown"


@pytest.fixture
def gate(folder: Path) -> HandDown:
    """A gate with the first bundle in force."""
    down = HandDown(folder, OFFICE_KEY, "c1")
    down.swap(manifest(1, FIRST), contents(FIRST))
    return down


def reopened(folder: Path) -> HandDown:
    return HandDown(folder, OFFICE_KEY, "c1")


def test_a_new_gate_has_no_bundle_and_says_so(folder: Path) -> None:
    down = HandDown(folder, OFFICE_KEY, "c1")
    assert down.bundle.version == 0
    assert not down.bundle.sections
    assert down.footing(ISSUED) is Footing.NONE
    assert down.trouble is None


def test_a_bundle_in_force_survives_a_restart(gate: HandDown, folder: Path) -> None:
    again = reopened(folder)
    assert again.bundle == gate.bundle
    assert again.bundle.sections["policy"] == FIRST["policy"]


def test_only_sections_that_are_not_on_disk_are_missing(gate: HandDown) -> None:
    assert gate.missing(manifest(2, SECOND)) == [("policy", sha(SECOND["policy"]))]
    gate.swap(manifest(2, SECOND), {sha(SECOND["policy"]): SECOND["policy"]})
    assert gate.bundle.version == 2
    assert gate.bundle.sections == SECOND


def test_sections_no_longer_named_are_removed_from_disk(gate: HandDown, folder: Path) -> None:
    gate.swap(manifest(2, SECOND), contents(SECOND))
    assert {path.name for path in folder.iterdir()} == {".lock", "manifest.json", *contents(SECOND)}


def test_files_are_for_the_gate_alone(gate: HandDown, folder: Path) -> None:
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


def test_fields_a_newer_office_adds_are_covered_by_its_signature_and_kept(gate: HandDown, folder: Path) -> None:
    gate.swap(manifest(2, SECOND, later_field={"x": 1}), contents(SECOND))
    assert reopened(folder).bundle.version == 2


@pytest.mark.parametrize(
    ("spoilt", "says"),
    [
        (lambda: {**manifest(2, SECOND), "version": 3}, "not signed"),
        (lambda: {**manifest(2, SECOND), "signature": ""}, "not signed"),
        (lambda: {**manifest(2, SECOND), "signature": 7}, "not signed"),
        (lambda: {**manifest(2, SECOND), "extra": "field"}, "not signed"),
        (lambda: signed({"version": 2, "sections": {}}, Ed25519PrivateKey.generate()), "not signed"),
        (lambda: manifest(2, SECOND, community="c2"), "another community"),
        (lambda: manifest(1, SECOND), "differs"),
        (lambda: manifest(0, SECOND), "no sense"),
        (lambda: manifest(True, SECOND), "no sense"),
        (lambda: manifest(2, SECOND, valid_until=iso(ISSUED)), "no sense"),
        (lambda: manifest(2, SECOND, issued_at="yesterday"), "cannot be read"),
        (lambda: manifest(2, SECOND, sections={"policy": "../../etc/passwd"}), "SHA-256"),
        (lambda: manifest(2, SECOND, sections={"../policy": "0" * 64}), "SHA-256"),
        (lambda: manifest(2, SECOND, sections=["policy"]), "SHA-256"),
        (lambda: signed({}), "cannot be read"),
    ],
)
def test_a_manifest_that_is_not_right_is_refused_and_the_last_good_one_stays(
    gate: HandDown, folder: Path, spoilt: Any, says: str
) -> None:
    with pytest.raises(HandDownError, match=says):
        gate.swap(spoilt(), contents(SECOND))
    with pytest.raises(HandDownError, match=says):
        gate.missing(spoilt())
    assert gate.bundle.sections == FIRST
    assert reopened(folder).bundle.sections == FIRST


def test_a_bundle_older_than_the_one_in_force_is_refused_even_after_a_restart(gate: HandDown, folder: Path) -> None:
    gate.swap(manifest(2, SECOND), contents(SECOND))
    with pytest.raises(HandDownError, match="older"):
        reopened(folder).swap(manifest(1, FIRST), contents(FIRST))
    assert reopened(folder).bundle.version == 2


def test_a_section_that_was_tampered_with_keeps_the_whole_bundle_out(gate: HandDown, folder: Path) -> None:
    with pytest.raises(HandDownError, match="policy"):
        gate.swap(manifest(2, SECOND), {sha(SECOND["policy"]): b'{"id":"p","version":9}'})
    assert gate.bundle.sections == FIRST
    assert reopened(folder).bundle.sections == FIRST


def test_half_a_bundle_is_no_bundle(gate: HandDown) -> None:
    both = {"policy": b"new policy", "watch": b"new watch"}
    with pytest.raises(HandDownError, match="watch: missing"):
        gate.swap(manifest(2, both), {sha(b"new policy"): b"new policy"})
    assert gate.bundle.sections == FIRST


def test_a_crash_before_the_manifest_is_swapped_leaves_the_last_good_bundle(
    gate: HandDown, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace = Path.replace

    def power_cut(path: Path, target: Path) -> Path:
        if target.name == "manifest.json":
            raise SystemExit("power cut")
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", power_cut)
    with pytest.raises(SystemExit):
        gate.swap(manifest(2, SECOND), contents(SECOND))
    monkeypatch.undo()
    after = reopened(folder)
    assert after.bundle.sections == FIRST
    assert after.missing(manifest(2, SECOND)) == []  # what was fetched is not fetched twice
    after.swap(manifest(2, SECOND), {})
    assert reopened(folder).bundle.sections == SECOND
    assert not list(folder.glob("*.new"))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="/dev/full is a Linux device")
def test_a_full_disk_is_said_and_changes_nothing(gate: HandDown, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = os.open

    def full(path: Any, flags: int, mode: int = 0o777) -> int:
        return opened("/dev/full", os.O_WRONLY) if str(path).endswith(".new") else opened(path, flags, mode)

    monkeypatch.setattr(handdown.os, "open", full)
    with pytest.raises(HandDownError, match="No space left"):
        gate.swap(manifest(2, SECOND), contents(SECOND))
    assert gate.bundle.sections == FIRST


def test_a_section_damaged_on_disk_leaves_no_bundle_in_force_until_it_is_fetched_again(
    gate: HandDown, folder: Path
) -> None:
    (folder / sha(FIRST["watch"])).write_bytes(b"{}")
    after = reopened(folder)
    assert after.bundle.version == 0
    assert after.footing(ISSUED) is Footing.NONE
    assert after.trouble
    assert "watch" in after.trouble
    assert after.missing(manifest(1, FIRST)) == [("watch", sha(FIRST["watch"]))]
    after.swap(manifest(1, FIRST), contents(FIRST))
    assert after.bundle.sections == FIRST
    assert after.trouble is None
    assert reopened(folder).bundle.sections == FIRST


def test_damage_on_disk_does_not_open_the_way_to_an_older_bundle(gate: HandDown, folder: Path) -> None:
    gate.swap(manifest(2, SECOND), contents(SECOND))
    (folder / sha(SECOND["policy"])).unlink()
    with pytest.raises(HandDownError, match="older"):
        reopened(folder).swap(manifest(1, FIRST), contents(FIRST))


@pytest.mark.parametrize("rubbish", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"{}"])
def test_a_manifest_on_disk_that_is_rubbish_is_reported_not_raised(folder: Path, rubbish: bytes) -> None:
    folder.mkdir()
    (folder / "manifest.json").write_bytes(rubbish)
    down = reopened(folder)
    assert down.bundle.version == 0
    assert down.trouble


def test_a_manifest_changed_on_disk_is_not_believed(gate: HandDown, folder: Path) -> None:
    path = folder / "manifest.json"
    document = json.loads(path.read_bytes())
    path.write_text(json.dumps({**document, "valid_until": "2099-01-01T00:00:00.000Z"}))
    assert reopened(folder).bundle.version == 0


def test_what_another_process_put_there_meanwhile_is_not_undone(gate: HandDown, folder: Path) -> None:
    reopened(folder).swap(manifest(3, SECOND), contents(SECOND))
    with pytest.raises(HandDownError, match="older"):
        gate.swap(manifest(2, SECOND), contents(SECOND))
    assert gate.bundle.version == 3
    assert reopened(folder).bundle.version == 3


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "handdown").write_text("a file where the folder should be")
    with pytest.raises(HandDownError, match="cannot be stored"):
        HandDown(tmp_path / "handdown", OFFICE_KEY).swap(manifest(1, FIRST), contents(FIRST))


def test_a_gate_that_is_not_enrolled_takes_nothing(folder: Path) -> None:
    with pytest.raises(HandDownError, match="not enrolled"):
        HandDown(folder, None).swap(manifest(1, FIRST), contents(FIRST))


@given(st.timedeltas(min_value=timedelta(days=-1), max_value=timedelta(days=3)))
def test_footing_falls_from_fresh_to_stale_at_half_the_validity_and_to_expired_at_its_end(age: timedelta) -> None:
    bundle = handdown.Bundle(1, ISSUED, ISSUED + timedelta(days=2), {})
    if age > timedelta(days=2) or age < -handdown.CLOCK_TOLERANCE:
        expected = Footing.EXPIRED
    else:
        expected = Footing.STALE if age > timedelta(days=1) else Footing.FRESH
    assert bundle.footing(ISSUED + age) is expected


@pytest.mark.parametrize(
    ("age", "footing"),
    [
        (timedelta(0), Footing.FRESH),
        (timedelta(days=1), Footing.FRESH),
        (timedelta(days=1, milliseconds=1), Footing.STALE),
        (timedelta(days=2), Footing.STALE),
        (timedelta(days=2, milliseconds=1), Footing.EXPIRED),
        (timedelta(minutes=-5), Footing.FRESH),
        (timedelta(minutes=-5, milliseconds=-1), Footing.EXPIRED),
    ],
)
def test_footing_on_both_sides_of_each_boundary(gate: HandDown, age: timedelta, footing: Footing) -> None:
    assert gate.footing(ISSUED + age) is footing
