"""A whole house for a journey: an office and a gate as their users start them, each a process of its own."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from typer import Typer
from typer.testing import CliRunner

from kiosk.__main__ import app as kiosk_commands
from kiosk.provinces.stand_in import SECRET
from sync.__main__ import app as sync_commands
from sync.office.__main__ import app as office_commands

ROOT = Path(__file__).parents[2]
PATIENCE_S = 90.0  # an office takes half a minute to begin on a machine with twenty other things to do
NO_PAGES = 501
COMMANDS: dict[str, Typer] = {"kiosk": kiosk_commands, "sync": sync_commands, "sync.office": office_commands}

Found = TypeVar("Found")

KIOSK = """
[gate]
name = "东门"
[web]
listen = "127.0.0.1:{gate_port}"
[sync]
interval_s = 1
{lanes}
"""
CAMERA_LANE = """
[[lane]]
name = "1"
camera = "{camera}"
measure_timeout_s = 30
show_s = 6
"""
TABLET_LANE = """
[[lane]]
name = "tablet"
kind = "tablet"
show_s = 3
"""


class House:
    """`folder` holds kiosk.toml, the gate's var/ and the office's; `lanes` is the lanes' part of kiosk.toml."""

    def __init__(self, folder: Path, lanes: str) -> None:
        self.folder = folder
        self.gate_port, self.office_port = free_port(), free_port()
        self.gate_url, self.office_url = (f"http://127.0.0.1:{port}" for port in (self.gate_port, self.office_port))
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._env = _clean() | {
            "GATEHOUSE_OFFICE_VAR": str(folder / "office"),
            "GATEHOUSE_OFFICE_LISTEN": f"127.0.0.1:{self.office_port}",
            "GATEHOUSE_TEST_PROVINCE_SECRET": SECRET,
        }
        config = KIOSK.format(gate_port=self.gate_port, lanes=lanes)
        (folder / "kiosk.toml").write_text(config, encoding="utf-8")
        begun, self.login, self.password = _begun()
        shutil.copytree(begun, folder / "office")
        self.pin = ""  # of the volunteer, once enrolled

    # --- commands ----------------------------------------------------------------------------------------------

    def run(self, module: str, *words: str) -> str:
        """What a command prints; it must succeed. It runs in this process, with nothing but the house's settings: a
        process of its own would take seconds to begin (that it can be one is tested where the commands are)."""
        return _run(self._env, module, *words)

    def kiosk(self, *words: str) -> str:
        return self.run("kiosk", *words, "--config", str(self.folder / "kiosk.toml"))

    def json(self, module: str, *words: str) -> Any:
        return json.loads(self.run(module, *words, "--json"))

    def enrol(self) -> str:
        """Enrol the gate and add a volunteer; the volunteer's PIN. The office must run."""
        token = self.json("sync.office", "gate", "add", "东门")["token"]
        self.kiosk("enroll", self.office_url, token)
        self.pin = str(json.loads(self.kiosk("volunteer", "add", "王小明", "--json"))["pin"])
        return self.pin

    def entries(self) -> list[dict[str, Any]]:
        """The office's entry log, newest first."""
        listed = self.json("sync.office", "entries", "--size", "500")
        return listed["rows"] if isinstance(listed, dict) else listed

    # --- processes ---------------------------------------------------------------------------------------------

    def start_office(self, workers: int = 2) -> None:
        served = ("serve", "--workers", str(workers))
        self._start("office", "sync.office", *served, answers=f"{self.office_url}/healthz")

    def start_gate(self, *words: str) -> None:
        config = str(self.folder / "kiosk.toml")
        self._start("gate", "kiosk", "run", "--config", config, *words, answers=f"{self.gate_url}/healthz")

    def start_province(self, port: int) -> None:
        """The test province, where a gate of a demonstration may ask it."""
        self._start("province", "kiosk", "province", "serve", "--port", str(port), answers=f"http://127.0.0.1:{port}/")

    def wait_for_hand_down(self) -> None:
        """Until the gate holds the office's keys and rules; before that it knows no pass."""
        manifest = self.folder / "var" / "handdown" / "manifest.json"
        until(manifest.exists, "the gate got no hand-down")

    def stop(self, name: str) -> None:
        """Stop as Ctrl-C does."""
        self._end(name, signal.SIGTERM)

    def kill(self, name: str) -> None:
        """Kill the process and its workers at once."""
        self._end(name, signal.SIGKILL)

    def close(self) -> None:
        for name in tuple(self._processes):
            self.kill(name)

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")

    def _start(self, name: str, module: str, *words: str, answers: str) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self._processes[name] = subprocess.Popen(
                [sys.executable, "-m", module, *words],
                cwd=ROOT,
                env=self._env,
                stdout=log,
                stderr=log,
                start_new_session=True,  # so that a kill reaches its workers too
            )
        until(lambda: self._alive(name) and _answers(answers), f"{name} does not answer:\n{self.log(name)}")

    def _alive(self, name: str) -> bool:
        process = self._processes[name]
        assert process.poll() is None, f"{name} ended with {process.returncode}:\n{self.log(name)}"
        return True

    def _end(self, name: str, how: signal.Signals) -> None:
        process = self._processes.pop(name)
        if process.poll() is None:
            os.killpg(process.pid, how)
        process.wait(timeout=60)


def until(found: Callable[[], Found | None], otherwise: str, patience_s: float = PATIENCE_S) -> Found:
    """The first true answer of `found`; fails with `otherwise` when none came in time."""
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        if answer := found():
            return answer
        time.sleep(0.1)  # looks again, up to a deadline: other processes cannot wake this one
    raise AssertionError(otherwise)


@cache
def _begun() -> tuple[Path, str, str]:
    """The folder of an office as `init` leaves it, for every house of this process to copy; the administrator's login
    and first password."""
    folder = Path(tempfile.mkdtemp(prefix="gatehouse-begun-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    env = _clean() | {"GATEHOUSE_OFFICE_VAR": str(folder)}
    first = json.loads(_run(env, "sync.office", "init", "--json"))
    return folder, first["login"], first["password"]


def _clean() -> dict[str, str]:
    """The environment without a setting of ours."""
    return {key: value for key, value in os.environ.items() if not key.startswith("GATEHOUSE_")}


def _run(env: dict[str, str], module: str, *words: str) -> str:
    runner = CliRunner(env={name: env.get(name) for name in {*os.environ, *env}})
    done = runner.invoke(COMMANDS[module], [*words], prog_name=f"python -m {module}")
    assert done.exit_code == 0, f"{module} {' '.join(words)}: {done.output} {done.exception!r}"
    return done.stdout


def _answers(url: str) -> bool:
    try:
        urlopen(url, timeout=10).close()
    except HTTPError as error:
        return error.code == NO_PAGES  # the test province only takes questions
    except (URLError, OSError):
        return False
    return True


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
