"""Keys and identity: the gate's own, whole or not at all, and nobody else's to read."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from kiosk.identity import Identity, IdentityError, Keys

ROOT = Path(__file__).parents[2]
IDENTITY = Identity(
    gate="g-7",
    community="c-3",
    community_name="幸福里社区",
    office_url="https://office.example:8700",
    office_key=bytes(range(32)),
    token_key=bytes(range(32, 64)),
)


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_before_enrolment_there_is_no_identity(tmp_path: Path) -> None:
    assert Identity.load(tmp_path) is None


def test_an_identity_is_read_back_as_it_was_saved(tmp_path: Path) -> None:
    IDENTITY.save(tmp_path)
    assert Identity.load(tmp_path) == IDENTITY
    assert _mode(tmp_path / "identity.json") == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["identity.json"]


def test_enrolling_anew_replaces_the_identity_whole(tmp_path: Path) -> None:
    IDENTITY.save(tmp_path)
    moved = replace(IDENTITY, gate="g-8", office_url="https://other.example")
    moved.save(tmp_path)
    assert Identity.load(tmp_path) == moved


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        b"\xff\xfe",
        b'{"gate": 7, "community": "", "community_name": "", "office_url": "", "office_key": "", "token_key": ""}',
        b'{"gate": "", "community": "", "community_name": "", "office_url": "", "office_key": "!", "token_key": ""}',
        b'{"gate": "", "community": "", "community_name": "", "office_url": "", "office_key": "AA==", "token_key": ""}',
    ],
)
def test_an_identity_that_is_none_is_named_with_what_to_do(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "identity.json"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(IdentityError, match=r"identity\.json.*--again"):
        Identity.load(tmp_path)


def test_an_identity_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(IdentityError, match="cannot be written"):
        IDENTITY.save(tmp_path / "nowhere")


def test_keys_are_made_once_and_stay(tmp_path: Path) -> None:
    var = tmp_path / "var"
    made = Keys.load_or_create(var)
    assert len(made.gate) == 32
    again = Keys.load_or_create(var)
    assert again.gate == made.gate
    assert again.sign.private_bytes_raw() == made.sign.private_bytes_raw()
    assert Keys.load(var).gate == made.gate
    assert made.gate != made.sign.private_bytes_raw()


def test_keys_are_for_the_gates_own_user_only(tmp_path: Path) -> None:
    previous = os.umask(0)
    try:
        Keys.load_or_create(tmp_path)
    finally:
        os.umask(previous)
    folder = tmp_path / "keys"
    assert _mode(folder) == 0o700
    assert {path.name: _mode(path) for path in folder.iterdir()} == {"gate.key": 0o600, "sign.key": 0o600}


@pytest.mark.parametrize("name", ["keys", "keys/gate.key", "keys/sign.key", "identity.json"])
def test_what_others_may_read_is_refused_and_the_remedy_named(tmp_path: Path, name: str) -> None:
    Keys.load_or_create(tmp_path)
    IDENTITY.save(tmp_path)
    path = tmp_path / name
    path.chmod(_mode(path) | 0o044)
    with pytest.raises(IdentityError, match=rf"others may use it.*chmod {'700' if path.is_dir() else '600'}"):
        Identity.load(tmp_path) if name == "identity.json" else Keys.load_or_create(tmp_path)


@pytest.mark.parametrize("name", ["gate.key", "sign.key"])
@pytest.mark.parametrize("content", [b"", b"short", bytes(33)])
def test_a_torn_key_is_named_and_never_replaced(tmp_path: Path, name: str, content: bytes) -> None:
    Keys.load_or_create(tmp_path)
    (tmp_path / "keys" / name).write_bytes(content)
    with pytest.raises(IdentityError, match=rf"{name}.*bytes instead of 32.*backup"):
        Keys.load_or_create(tmp_path)
    assert (tmp_path / "keys" / name).read_bytes() == content


def test_a_command_that_only_reads_makes_no_keys(tmp_path: Path) -> None:
    with pytest.raises(IdentityError, match=r"missing.*backup"):
        Keys.load(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("a file where a folder should be")
    with pytest.raises(IdentityError, match="check its folder"):
        Keys.load_or_create(tmp_path / "var")


def test_two_processes_that_start_at_once_agree_on_the_keys(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from kiosk.identity import Keys; sys.stdin.read()\n"
        "keys = Keys.load_or_create(Path(sys.argv[1])); print(keys.gate.hex(), keys.sign.private_bytes_raw().hex())"
    )
    run = [sys.executable, "-c", code, str(tmp_path)]
    racing = [
        subprocess.Popen(run, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(3)
    ]
    answers = set()
    for process in racing:
        assert process.stdin
        process.stdin.close()  # the starting shot
    for process in racing:
        assert process.stdout
        with process:
            answers.add(process.stdout.read())
    assert len(answers) == 1
    assert len(answers.pop().split()) == 2


def test_threads_that_start_at_once_agree_on_the_keys(tmp_path: Path) -> None:
    found: list[bytes] = []
    threads = [threading.Thread(target=lambda: found.append(Keys.load_or_create(tmp_path).gate)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(found), len(set(found))) == (8, 1)
    assert sorted(path.name for path in (tmp_path / "keys").iterdir()) == ["gate.key", "sign.key"]


def test_no_secret_shows_in_a_log(tmp_path: Path) -> None:
    keys = Keys.load_or_create(tmp_path)
    shown = f"{keys!r} {IDENTITY!r} {IDENTITY}"
    for secret in (keys.gate, keys.sign.private_bytes_raw(), IDENTITY.token_key):
        assert repr(secret) not in shown
        assert secret.hex() not in shown
    assert "幸福里社区" in shown
