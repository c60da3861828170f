"""The API over a real office on SQLite, and a gate that signs what it sends."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from sync import protocol, signing
from sync.office.office import Office
from sync.office.settings import OfficeSettings
from sync.office.values import Unit
from tests.sync.office.gate_end import Journal

OFFICE_URL = "https://office.example"
NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


@dataclass
class Moment:
    """A clock that goes only when told to."""

    at: datetime = NOON

    def __call__(self) -> datetime:
        return self.at


@dataclass
class GateCalls:
    """A gate that calls the API. Its clock is `ahead` of the office's."""

    client: FlaskClient
    office: Office
    token: str
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    id: str = ""
    journal: Journal = field(default_factory=Journal)
    ahead: timedelta = timedelta()

    def enroll(self, **changes: Any) -> TestResponse:
        public_key = base64.b64encode(self.key.public_key().public_bytes_raw()).decode()
        fields = {"token": self.token, "public_key": public_key, "name": "东门", "software": "gatehouse/test"}
        answer = self.client.post(protocol.ENROLL, json=fields | changes, base_url=OFFICE_URL)
        if answer.status_code == 200:
            self.id = answer.get_json()["gate"]
        return answer

    def signed(self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Any:
        """The request as it would travel."""
        request = requests.Request(method, OFFICE_URL + path, data=body or None, headers=dict(headers or {})).prepare()
        signing.sign(request, self.id, self.key, self.office.now() + self.ahead, secrets.token_urlsafe(18))
        return request

    def send(self, request: Any, **changes: Any) -> TestResponse:
        """Deliver it, with `changes` made on its way."""
        seen = {"method": request.method, "data": request.body, "headers": dict(request.headers), **changes}
        path = request.url.removeprefix(OFFICE_URL)
        return self.client.open(path, base_url=OFFICE_URL, **seen)

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> TestResponse:
        return self.send(self.signed("GET", path, headers=headers))

    def post(self, path: str, body: bytes, headers: Mapping[str, str] | None = None) -> TestResponse:
        return self.send(self.signed("POST", path, body, {"Content-Type": "application/json", **(headers or {})}))

    def push(self, first: int = 1, last: int | None = None) -> TestResponse:
        return self.post(protocol.EVENTS, protocol.encode(self.journal.message(first, last)))


@pytest.fixture
def now() -> Moment:
    return Moment()


@pytest.fixture
def office(office_url: str, tmp_path: Path, now: Moment) -> Iterator[Office]:
    opened = Office.open(OfficeSettings(url=office_url, var=tmp_path / "var"), now)
    yield opened
    opened.close()


@pytest.fixture
def community(office: Office) -> Unit:
    street = office.units.add("street", "测试街道", "110101001", None, who="test")
    return office.units.add("community", "幸福社区", "110101001001", street.id, who="test")


@pytest.fixture
def client(office: Office, office_app: Callable[[Office], Flask]) -> FlaskClient:
    """Of the whole office: its pages, its CSRF protection and its small limit on forms are around the API."""
    return office_app(office).test_client()


@pytest.fixture
def newcomer(client: FlaskClient, office: Office, community: Unit) -> GateCalls:
    """A gate with a token, not enrolled yet."""
    _, token = office.enrolment.create_gate(community.id, "东门", who="test")
    return GateCalls(client, office, token)


@pytest.fixture
def gate(newcomer: GateCalls) -> GateCalls:
    assert newcomer.enroll().status_code == 200
    return newcomer
