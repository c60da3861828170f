"""The office's commands as people and scripts run them."""

from __future__ import annotations

import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from kiosk.codes import enrolment as enrolment_codes
from sync.office import __main__ as office_command
from sync.office.office import Office
from sync.office.settings import OfficeSettings
from sync.office.values import EVERYTHING
from tests.sync.office.conftest import ManualClock
from tests.sync.office.gate_end import GateEnd, enrolled
from tests.sync.office.passes.sheets import xlsx

ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Done:
    stdout: str
    stderr: str


Run = Callable[..., Done]


@pytest.fixture
def var(tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the office that the commands work on; its tables are there already, which is only quicker."""
    for name in [name for name in os.environ if name.startswith("GATEHOUSE_")]:
        monkeypatch.delenv(name)
    folder = tmp_path / "var"
    folder.mkdir(mode=0o700)
    shutil.copyfile(sqlite_template, folder / "office.db")
    monkeypatch.setenv("GATEHOUSE_OFFICE_VAR", str(folder))
    return folder


@pytest.fixture
def run(var: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command as `python -m sync.office` does, and expects its exit code."""

    def runner(*arguments: str, code: int = 0) -> Done:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            office_command.run(arguments)
        done = Done(*capsys.readouterr())
        assert ended.value.code == code, done
        return done

    return runner


@pytest.fixture
def an_office(var: Path, clock: ManualClock) -> Callable[[], Office]:
    """The same office as the commands', opened in the test."""
    return lambda: Office.open(OfficeSettings(url=f"sqlite:///{var / 'office.db'}", var=var), clock)


def json_of(done: Done) -> Any:
    return json.loads(done.stdout)


def test_init_prepares_everything_once(run: Run) -> None:
    first = json_of(run("init", "--json", "--community", "幸福社区"))
    again = json_of(run("init", "--json", "--community", "阳光社区"))

    assert (first["login"], len(first["password"])) == ("admin", 19)
    assert again == first | {"password": None}
    assert [unit["level"] for unit in json_of(run("unit", "list", "--json"))] == ["street", "community"]


def test_a_gate_is_added_with_a_token_for_a_script(run: Run) -> None:
    community = json_of(run("init", "--json"))["community"]

    added = json_of(run("gate", "add", "东门", "--json"))

    assert added["community"] == community
    assert len(added["token"]) == 23
    assert [gate["gate"] for gate in json_of(run("gate", "list", "--json"))] == [added["gate"]]
    renewed = json_of(run("gate", "token", "东门", "--json"))
    assert (renewed["gate"], renewed["token"] != added["token"]) == (added["gate"], True)


def test_a_terminal_shows_the_symbol_that_a_gates_camera_reads(run: Run) -> None:
    run("init")
    added = json_of(run("gate", "add", "东门", "--address", "https://office.example/", "--json"))
    code = enrolment_codes.parse(added["code"])
    assert (code.url, code.token) == ("https://office.example", added["token"])
    assert enrolment_codes.grouped(code.fingerprint) == added["check"]
    shown = run("gate", "token", "东门").stdout
    assert shown.count("█") > 100
    assert "GE1:" not in shown
    assert "not enrolled" in run("gate", "renew-key", "东门", code=2).stderr


def test_a_command_says_what_to_do_instead_of_failing_with_a_trace(run: Run) -> None:
    assert "sync.office init" in run("gate", "add", "东门", code=2).stderr
    run("init")
    run("unit", "add", "阳光社区")
    assert "--community" in run("gate", "add", "东门", code=2).stderr
    assert json_of(run("gate", "add", "东门", "--community", "阳光社区", "--json"))["name"] == "东门"
    assert "2026-11-22" in run("entries", "--day", "today", code=2).stderr
    assert "gate list" in run("verify", "--gate", "西门", code=2).stderr
    assert "not supported" in run("init", "--url", "mysql://host/db", code=2).stderr


def test_entries_and_verify_answer_a_script(run: Run, an_office: Callable[[], Office], clock: ManualClock) -> None:
    run("init")
    office = an_office()
    end = GateEnd(office, enrolled(office, office.units.communities(EVERYTHING)[0], "东门").id, clock)
    end.passes(2)
    end.passes(1, verdict="isolate", celsius=38.5)
    end.send()
    office.close()

    lines = json_of(run("entries", "--json"))
    assert {line["verdict"] for line in lines} == {"admit", "isolate"}
    assert len(lines) == 3
    (hot,) = json_of(run("entries", "--json", "--verdict", "isolate", "--gate", "东门"))
    assert (hot["celsius"], hot["name"], hot["reasons"][0]["zh"]) == (38.5, "张*丰", "通行证有效")
    assert "3 entries" in run("entries").stdout
    (check,) = json_of(run("verify", "--json"))
    assert (check["ok"], check["seq"], check["digest"]) == (True, 3, end.journal.events[-1].digest)


def test_verify_fails_when_the_database_was_altered(
    run: Run, an_office: Callable[[], Office], clock: ManualClock, var: Path
) -> None:
    run("init")
    office = an_office()
    end = GateEnd(office, enrolled(office, office.units.communities(EVERYTHING)[0], "东门").id, clock)
    end.passes(4)
    end.send()
    office.close()
    with sqlite3.connect(var / "office.db") as database:
        database.execute("DELETE FROM event WHERE seq = 2")

    (check,) = json_of(run("verify", "--json", code=1))

    assert (check["ok"], check["first_bad"]) == (False, 2)


def test_a_pass_is_issued_listed_and_revoked(run: Run) -> None:
    run("init")

    issued = json_of(run("pass", "issue", "张三", "--id-last4", "123X", "--household", "3-2-501", "--json"))

    assert issued["text"].startswith("GP1:")
    assert [row["name"] for row in json_of(run("pass", "list", "--json"))] == ["张*"]
    assert json_of(run("pass", "revoke", issued["serial"], "--json", "--why", "搬走"))["revoked_at"]
    assert json_of(run("pass", "list", "--state", "revoked", "--json"))[0]["revoked_why"] == "搬走"
    assert "no pass" in run("pass", "revoke", "00", code=2).stderr
    assert json_of(run("passes", "list", "--json")) == json_of(run("pass", "list", "--json"))


def test_a_household_gets_passes_that_are_found_issued_anew_and_revoked_together(run: Run) -> None:
    run("init")
    both = json_of(run("pass", "household", "3-2-501", "张三:123X", "李四", "--medium", "phone", "--json"))
    assert [(one["name"], one["medium"]) for one in both] == [("张三", "phone"), ("李四", "phone")]
    assert len(json_of(run("pass", "list", "--find", "3栋2单元501", "--json"))) == 2
    assert "say why" in run("pass", "reissue", both[0]["number"], code=2).stderr
    new = json_of(run("pass", "reissue", both[0]["number"], "--why", "lost", "--medium", "paper", "--json"))
    assert (new["medium"], new["valid_until"]) == ("paper", both[0]["valid_until"])
    link = json_of(run("pass", "link", both[1]["serial"], "--office-url", "https://office.example/", "--json"))
    assert link["link"].startswith("https://office.example/my-pass#")
    assert json_of(run("pass", "revoke", "--household", "3-2-501", "--json")) == {"household": "3-2-501", "revoked": 2}
    assert "name one pass" in run("pass", "revoke", code=2).stderr


def test_a_list_is_checked_issued_and_printed(run: Run, tmp_path: Path) -> None:
    run("init")
    people, out = tmp_path / "people.xlsx", tmp_path / "passes.pdf"
    people.write_bytes(xlsx([["张三", "123X", "3-2-501"], ["李四", "0042"], ["", "1111"]]))
    checked = json_of(run("pass", "bulk", str(people), "--check", "--json", code=1))
    assert (checked["issued"], checked["good"]) == (0, 2)
    assert [(one["row"], one["column"]) for one in checked["problems"]] == [(4, "姓名")]
    assert "--yes" in run("pass", "bulk", str(people), code=2).stderr
    assert json_of(run("pass", "list", "--json")) == []
    done = json_of(run("pass", "bulk", str(people), "--yes", "--pdf", str(out), "--json"))
    assert (done["issued"], out.read_bytes()[:5]) == (2, b"%PDF-")
    told = run("pass", "bulk", str(people), "--yes", code=2)
    assert "row 4, 姓名" in told.stderr
    assert "row 2: has a valid pass" in told.stderr
    assert "2 passes on 2 pages" in run("pass", "sheet", str(out), "--batch", done["batch"], "--paper", "a6").stdout
    assert "nothing to print" in run("pass", "sheet", str(out), "--find", "王五", code=2).stderr
    assert "--paper" in run("pass", "sheet", str(out), "--paper", "a0", code=2).stderr
    assert "cannot be read" in run("pass", "bulk", str(tmp_path), code=2).stderr
    assert "cannot be written" in run("pass", "template", str(tmp_path / "no" / "t.xlsx"), code=2).stderr
    run("pass", "template", str(people))
    assert "nobody below the heading" in run("pass", "bulk", str(people), code=2).stderr


def test_people_are_added_listed_and_reset(run: Run) -> None:
    run("init")

    added = json_of(run("user", "add", "Li", "--name", "李梅", "--json"))

    assert added["login"] == "li"
    assert json_of(run("user", "reset", "li", "--json"))["password"] != added["password"]
    assert [user["login"] for user in json_of(run("user", "list", "--json"))] == ["admin", "li"]
    assert "role" in run("user", "add", "wang", "--role", "emperor", code=2).stderr


def test_a_busy_port_is_one_clear_message(var: Path) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        address = f"127.0.0.1:{busy.getsockname()[1]}"

        done = subprocess.run(
            [sys.executable, "-m", "sync.office", "serve", "--listen", address],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    assert done.returncode == 2
    assert address in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "command",
    [
        *(["serve"], ["init"], ["entries"], ["verify"], ["demo"], ["gate", "add"], ["gate", "list"], ["gate", "token"]),
        *(
            ["gate", "revoke"],
            ["gate", "suspend"],
            ["gate", "wipe"],
            ["parked", "retry"],
            ["user", "list"],
            ["pass", "list"],
            ["unit", "list"],
        ),
        *(["user", "add"], ["user", "reset"], ["pass", "issue"], ["pass", "bulk"], ["unit", "add"]),
    ],
)
def test_every_command_explains_itself(command: list[str]) -> None:
    result = CliRunner().invoke(office_command.app, [*command, "--help"])

    assert result.exit_code == 0
    assert "Usage" in result.output
