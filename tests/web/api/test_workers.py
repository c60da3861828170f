"""A signed request is good once, whichever worker process of the office it comes to."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk.model import iso
from sync import protocol, signing
from sync.office.office import Office
from sync.office.settings import OfficeSettings
from tests.journeys.house import ROOT, free_port, until
from tests.web.api.conftest import GateCalls
from web.app import create_office_app

TIMES = 12


@pytest.fixture
def settings(sqlite_office_url: str, tmp_path: Path) -> OfficeSettings:
    return OfficeSettings(url=sqlite_office_url, var=tmp_path / "var")


@pytest.fixture
def enrolled(settings: OfficeSettings) -> tuple[str, Ed25519PrivateKey]:
    """A gate's id and key."""
    office = Office.open(settings)
    street = office.units.add("street", "测试街道", "110101001", None, who="test")
    community = office.units.add("community", "幸福社区", "110101001001", street.id, who="test")
    token = office.enrolment.create_gate(community.id, "东门", who="test")[1]
    gate = GateCalls(create_office_app(office).test_client(), office, token)
    assert gate.enroll().status_code == 200
    office.close()
    return gate.id, gate.key


@pytest.fixture
def served(settings: OfficeSettings, enrolled: object, tmp_path: Path) -> Iterator[str]:
    """The office as its service starts it, in two workers; its address."""
    address = f"127.0.0.1:{free_port()}"
    words = ["serve", "--listen", address, "--workers", "2", "--url", settings.url, "--var", str(settings.var)]
    with (tmp_path / "office.log").open("wb") as log:
        command = [sys.executable, "-m", "sync.office", *words]
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log, start_new_session=True)
    try:
        until(lambda: _answers(f"http://{address}/healthz"), "the office does not answer", patience_s=120)
        yield f"http://{address}"
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=60)


def test_a_request_heard_by_many_workers_at_once_is_answered_once(
    served: str, enrolled: tuple[str, Ed25519PrivateKey], settings: OfficeSettings
) -> None:
    gate, key = enrolled
    now = datetime.now(UTC)
    beat = protocol.Heartbeat("01936f10-0000-7000-8000-0000000000aa", 3, 1, "g", iso(now))
    headers = {"Content-Type": "application/json", "Connection": "close"}
    request = requests.Request("POST", served + protocol.HEARTBEAT, headers, data=protocol.encode(beat)).prepare()
    signing.sign(request, gate, key, now, secrets.token_urlsafe(18))

    def send(_: int) -> str:
        with requests.Session() as session:
            answer = session.send(request, timeout=60)
        return "heard" if answer.status_code == 200 else answer.json()["error"]

    with ThreadPoolExecutor(TIMES) as pool:
        assert Counter(pool.map(send, range(TIMES))) == {"heard": 1, "replay": TIMES - 1}
    again = Office.open(settings)  # and by an office that was started since
    try:
        client = create_office_app(again).test_client()
        sent = dict(request.headers)
        answer = client.post(protocol.HEARTBEAT, base_url=served, data=request.body, headers=sent)
        assert (answer.status_code, answer.get_json()["error"]) == (401, "replay")
    finally:
        again.close()


def _answers(url: str) -> bool:
    try:
        urlopen(url, timeout=5).close()
    except (URLError, OSError):
        return False
    return True
