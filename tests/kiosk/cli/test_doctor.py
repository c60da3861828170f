"""The doctor names what does not work and what to do, and changes nothing."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from kiosk import service
from kiosk.__main__ import app
from kiosk.config import load
from kiosk.identity import Identity, Keys
from kiosk.journal import Journal
from kiosk.model import Draft


class Kiosk:
    """A gate's folder; `camera` and `thermometer` are those of its one lane."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.var = folder / "var"
        pictures = folder / "pictures"
        pictures.mkdir()
        cv2.imwrite(str(pictures / "1.png"), np.zeros((120, 160, 3), np.uint8))
        self.configure(camera=str(pictures))

    def configure(self, camera: str, thermometer: str = "none", var: str = "var") -> None:
        text = f'[gate]\nname = "东门"\nvar = "{var}"\n[[lane]]\nname = "1"\n'
        text += f'camera = "{camera}"\nthermometer = "{thermometer}"\n'
        (self.folder / "kiosk.toml").write_text(text, encoding="utf-8")

    def enrol(self, office_url: str) -> None:
        Identity("g-1", "c-1", "幸福社区", office_url, b"o" * 32, b"t" * 32).save(self.var)

    def begin_journal(self) -> None:
        gate = service.build(load(self.folder / "kiosk.toml"))
        gate.journal.append(Draft("passage", service.utc_now(), {"verdict": "admit"}, {"name": "张三"}))
        gate.stop()

    def examine(self) -> tuple[int, dict[str, dict[str, Any]]]:
        """The exit code, and the findings by what was looked at."""
        result = self.run("--json")
        return result.exit_code, {finding["what"]: finding for finding in json.loads(result.stdout)}

    def run(self, *words: str) -> Any:
        return CliRunner().invoke(app, ["doctor", "--config", str(self.folder / "kiosk.toml"), *words])


@pytest.fixture
def kiosk(tmp_path: Path) -> Kiosk:
    return Kiosk(tmp_path)


@contextmanager
def office(date: str | None = None) -> Iterator[str]:
    """Something that answers with the time `date`, by default the right one."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()

        def date_time_string(self, timestamp: float | None = None) -> str:
            return super().date_time_string(timestamp) if date is None else date  # type: ignore[arg-type]

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_gate_where_all_is_well_has_nothing_to_mend(kiosk: Kiosk) -> None:
    kiosk.begin_journal()
    with office() as url:
        kiosk.enrol(url)
        code, findings = kiosk.examine()
    assert [finding for finding in findings.values() if not finding["ok"]] == []
    assert code == 0
    assert {"journal", "clock", "line to the office", "lane 1: camera", "disk"} <= findings.keys()
    assert findings["journal"]["state"].startswith("2 events")
    assert findings["code reader"]["state"] == "read 4 test pictures and their colours"


def test_a_new_gate_is_told_to_enrol_and_nothing_is_made(kiosk: Kiosk) -> None:
    code, findings = kiosk.examine()
    assert code == 1
    assert (findings["office"]["state"], findings["office"]["ok"]) == ("not enrolled", False)
    assert "enroll" in findings["office"]["advice"]
    assert findings["journal"]["ok"]
    assert not kiosk.var.exists()


def test_devices_that_are_not_there_are_named_with_what_to_do(kiosk: Kiosk) -> None:
    kiosk.configure(camera="/nowhere/film.mp4", thermometer="serial:/dev/nowhere@9600")
    code, findings = kiosk.examine()
    assert code == 1
    camera, thermometer = findings["lane 1: camera"], findings["lane 1: thermometer"]
    assert (camera["ok"], thermometer["ok"]) == (False, False)
    assert "/nowhere/film.mp4" in camera["state"]
    assert "/dev/nowhere" in thermometer["state"]
    assert "dialout" in thermometer["advice"]


def test_the_password_of_a_camera_is_not_shown(kiosk: Kiosk) -> None:
    kiosk.configure(camera="rtsp://admin:geheim@127.0.0.1:9/stream")
    result = kiosk.run()
    assert "127.0.0.1:9" in result.stdout
    assert "geheim" not in result.output


def test_what_stands_in_brackets_is_shown_too(kiosk: Kiosk) -> None:
    (kiosk.folder / "file").touch(mode=0o600)
    kiosk.configure(camera=str(kiosk.folder / "pictures"), var="file/var")
    code, findings = kiosk.examine()
    assert not findings["folder for data"]["ok"]
    assert code == 1
    assert "[gate]" in " ".join(kiosk.run().stdout.split())


def test_a_journal_somebody_changed_is_found(kiosk: Kiosk) -> None:
    kiosk.begin_journal()
    with closing(sqlite3.connect(kiosk.var / "journal.db")) as file, file:
        for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            file.execute(f"DROP TRIGGER {name}")
        file.execute("""UPDATE events SET open = '{"verdict":"refuse"}' WHERE kind = 'passage'""")
    code, findings = kiosk.examine()
    assert code == 1
    assert findings["journal"]["state"].startswith("broken at 2")


def test_a_lost_key_is_told_and_not_replaced(kiosk: Kiosk) -> None:
    kiosk.begin_journal()
    key = kiosk.var / "keys" / "gate.key"
    key.unlink()
    _, findings = kiosk.examine()
    assert "backup" in findings["journal"]["state"]
    assert not key.exists()


def test_an_identity_that_others_may_read_stops_no_other_finding(kiosk: Kiosk) -> None:
    kiosk.begin_journal()
    kiosk.enrol("http://127.0.0.1:9")
    (kiosk.var / "identity.json").chmod(0o644)
    code, findings = kiosk.examine()
    assert code == 1
    assert "chmod 600" in findings["office"]["state"]
    assert findings["journal"]["ok"]


def test_an_office_that_does_not_answer_is_told(kiosk: Kiosk) -> None:
    kiosk.begin_journal()
    kiosk.enrol("http://127.0.0.1:9")
    _, findings = kiosk.examine()
    assert not findings["line to the office"]["ok"]
    assert "http://127.0.0.1:9" in findings["line to the office"]["advice"]


@pytest.mark.parametrize(
    ("date", "advice"), [("Sun, 01 Nov 2020 04:00:00 GMT", "set this machine's clock"), ("soon", "is that address")]
)
def test_a_clock_that_the_office_would_not_accept_is_told(kiosk: Kiosk, date: str, advice: str) -> None:
    kiosk.begin_journal()
    with office(date) as url:
        kiosk.enrol(url)
        _, findings = kiosk.examine()
    assert not findings["clock"]["ok"]
    assert advice in findings["clock"]["advice"]


def test_a_province_with_an_address_but_no_secret_is_named(kiosk: Kiosk) -> None:
    with (kiosk.folder / "kiosk.toml").open("a", encoding="utf-8") as file:
        file.write('\n[provinces.access.suishen]\nendpoint = "https://example.cn"\n')
    code, findings = kiosk.examine()
    assert code == 1
    assert "GATEHOUSE_SUISHEN_SECRET" in findings["province suishen"]["advice"]
    assert "province bamin" not in findings


def test_the_oldest_readable_day_is_shown_and_whether_its_destruction_is_overdue(kiosk: Kiosk) -> None:
    kiosk.begin_journal()
    today = datetime.now(UTC).astimezone(load(kiosk.folder / "kiosk.toml").zone).date()
    assert f"oldest readable day {today}" in kiosk.examine()[1]["retention"]["state"]
    with gate_journal(kiosk) as journal:
        journal.append(Draft("passage", datetime.now(UTC) - timedelta(days=40), {"verdict": "admit"}, {"name": "张三"}))
    found = kiosk.examine()[1]["retention"]
    assert (found["ok"], "9 days overdue" in found["state"]) == (False, True)
    with gate_journal(kiosk) as journal:
        journal.forget_before(today - timedelta(days=30))
    found = kiosk.examine()[1]["retention"]
    assert (found["ok"], f"destroyed before {today - timedelta(days=30)}" in found["state"]) == (True, True)


@contextmanager
def gate_journal(kiosk: Kiosk) -> Iterator[Journal]:
    zone = load(kiosk.folder / "kiosk.toml").zone
    key = Keys.load(kiosk.var).gate
    with Journal.open(kiosk.var / "journal.db", key, now=lambda: datetime.now(UTC), zone=zone) as journal:
        yield journal
