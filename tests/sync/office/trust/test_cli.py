"""trust import | list | lacking | remove, as people and scripts run them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.sync.office.test_cli import Run, json_of
from tests.sync.office.trust import issuing

KEY = issuing.new_key()
SCHEME = ("--scheme", "eu-dcc")


@pytest.fixture
def folder(run: Run, tmp_path: Path) -> Path:
    """A folder with one signer, beside an office with a gate."""
    run("init")
    run("gate", "add", "东门")
    folder = tmp_path / "signers"
    folder.mkdir()
    (folder / "one.der").write_bytes(issuing.certificate(KEY, days=400))
    return folder


def held(run: Run) -> list[Any]:
    return list(json_of(run("trust", "list", "--json")))


def test_an_import_shows_what_it_would_change_and_asks(run: Run, folder: Path) -> None:
    done = run("trust", "import", str(folder), *SCHEME, code=2)
    assert "new      eu-dcc  AT" in done.stdout
    assert "--yes" in done.stderr
    assert held(run) == []
    assert "handed down" in run("trust", "import", str(folder), *SCHEME, "--yes").stdout
    assert [row["issuer"] for row in held(run)] == ["AT"]
    assert "nothing was changed" in run("trust", "import", str(folder), *SCHEME).stdout


def test_a_script_sees_the_changes_and_applies_them_only_when_it_says_so(run: Run, folder: Path) -> None:
    shown = json_of(run("trust", "import", str(folder), *SCHEME, "--json"))
    assert (len(shown["new"]), shown["same"], shown["applied"]) == (1, 0, False)
    assert held(run) == []
    assert json_of(run("trust", "import", str(folder), *SCHEME, "--json", "--yes"))["applied"]
    assert held(run)[0]["source"] == "signers"


def test_replacing_drops_what_the_import_does_not_hold(run: Run, folder: Path) -> None:
    run("trust", "import", str(folder), *SCHEME, "--yes")
    (folder / "one.der").write_bytes(issuing.certificate(issuing.new_key(), "DE"))
    done = run("trust", "import", str(folder), *SCHEME, "--replace", "--yes")
    assert "gone     eu-dcc  AT" in done.stdout
    assert [row["issuer"] for row in held(run)] == ["DE"]


def test_a_signed_list_needs_the_key_that_signed_it(run: Run, folder: Path) -> None:
    gateway = issuing.new_key()
    listed = folder / "dsc.txt"
    listed.write_bytes(issuing.signed_list([issuing.listed(issuing.certificate(KEY))], gateway))
    (folder / "gateway.pem").write_bytes(issuing.spki(gateway))
    refused = run("trust", "import", str(listed), *SCHEME, "--yes", code=2)
    assert "--signed-by" in refused.stderr
    assert held(run) == []
    run("trust", "import", str(listed), *SCHEME, "--signed-by", str(folder / "gateway.pem"), "--yes")
    assert len(held(run)) == 1


def test_a_wrong_file_in_the_folder_changes_nothing(run: Run, folder: Path) -> None:
    (folder / "notes.txt").write_text("not a certificate")
    assert "notes.txt" in run("trust", "import", str(folder), *SCHEME, "--yes", code=2).stderr
    assert held(run) == []


def test_of_many_keys_the_first_are_shown_and_the_rest_counted(run: Run, folder: Path) -> None:
    (folder / "many.pem").write_bytes(issuing.pem(*(issuing.certificate(issuing.new_key()) for _ in range(24))))
    stdout = run("trust", "import", str(folder), *SCHEME, "--yes").stdout
    assert "new      and 5 more" in stdout
    assert "new 25, changed 0, gone 0, same 0; left out 0;" in stdout


def test_removing_shows_the_key_and_asks(run: Run, folder: Path) -> None:
    run("trust", "import", str(folder), *SCHEME, "--yes")
    kid = held(run)[0]["kid"]
    assert "--yes" in run("trust", "remove", kid, code=2).stderr
    assert len(held(run)) == 1
    assert "removed 1" in run("trust", "remove", kid, "--yes").stdout
    assert held(run) == []
    assert "trust list" in run("trust", "remove", kid, "--yes", code=2).stderr


def test_what_gates_lack_is_a_list_and_empty_at_first(run: Run, folder: Path) -> None:
    assert json.loads(run("trust", "lacking", "--json").stdout) == []
    assert run("trust", "lacking").stdout == ""
