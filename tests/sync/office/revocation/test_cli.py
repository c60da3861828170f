"""revocation import | status, as people and scripts run them."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tests.sync.office.test_cli import Run, json_of


@pytest.fixture
def listed(run: Run, tmp_path: Path) -> Path:
    """A list of three hashes, one of them twice, with a wrong line, beside an office with a gate."""
    run("init")
    run("gate", "add", "东门")
    digests = [hashlib.sha256(name).hexdigest() for name in (b"one", b"two", b"three", b"one")]
    path = tmp_path / "revoked.txt"
    path.write_text("\n".join([*digests, "nonsense"]))
    return path


def count(run: Run) -> int:
    return int(json_of(run("revocation", "status", "--json"))["count"])


def test_an_import_shows_what_it_would_change_and_asks(run: Run, listed: Path) -> None:
    done = run("revocation", "import", str(listed), code=2)
    assert "left out revoked.txt line 5" in done.stdout
    assert "added 3, removed 0; duplicates 1, malformed 1; then 3 hashes, 0.3 MB for each gate" in done.stdout
    assert "--yes" in done.stderr
    assert count(run) == 0
    assert "handed down" in run("revocation", "import", str(listed), "--yes").stdout
    assert count(run) == 3
    assert "nothing was changed" in run("revocation", "import", str(listed)).stdout
    assert "3 hashes" in run("revocation", "status").stdout


def test_a_script_sees_the_changes_and_applies_them_only_when_it_says_so(run: Run, listed: Path) -> None:
    shown = json_of(run("revocation", "import", str(listed), "--json"))
    assert (shown["added"], shown["duplicates"], shown["malformed"], shown["applied"]) == (3, 1, 1, False)
    assert count(run) == 0
    assert json_of(run("revocation", "import", str(listed), "--json", "--yes"))["applied"]


def test_hashes_can_be_taken_off_again_or_the_list_replaced(run: Run, listed: Path) -> None:
    run("revocation", "import", str(listed), "--yes")
    listed.write_text(hashlib.sha256(b"one").hexdigest())
    assert "added 0, removed 1" in run("revocation", "import", str(listed), "--remove", "--yes").stdout
    assert "added 1, removed 2" in run("revocation", "import", str(listed), "--replace", "--yes").stdout
    assert count(run) == 1
    assert "exclude" in run("revocation", "import", str(listed), "--replace", "--remove", code=2).stderr


def test_a_file_without_a_hash_changes_nothing(run: Run, listed: Path) -> None:
    listed.write_text("hello\n")
    assert "revoked.txt" in run("revocation", "import", str(listed), "--replace", "--yes", code=2).stderr
    assert count(run) == 0
