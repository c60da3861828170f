"""A stolen kiosk: its key is refused with the very next request, whichever worker of the office it has a line to."""

from __future__ import annotations

import http.client
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk.identity import Identity, Keys
from sync import protocol, signing
from sync.enrolment import enroll
from sync.office import settings
from sync.office.office import Office
from sync.office.values import EVERYTHING
from tests.journeys.house import House

LINES = 12  # connections, spread by the system over the office's workers


class OpenLine:
    """One connection that is kept open, and never opened again."""

    def __init__(self, house: House, identity: Identity) -> None:
        self._url = house.office_url + protocol.BUNDLE
        self._identity = identity
        self._connection = http.client.HTTPConnection("127.0.0.1", house.office_port, timeout=30)
        self._connection.connect()
        self._connection.auto_open = 0

    def call(self, key: Ed25519PrivateKey) -> int:
        request = requests.Request("GET", self._url).prepare()
        signing.sign(request, self._identity.gate, key, datetime.now(UTC), secrets.token_urlsafe(18))
        self._connection.request("GET", protocol.BUNDLE, headers=dict(request.headers))
        answer = self._connection.getresponse()
        answer.read()
        return answer.status

    def close(self) -> None:
        self._connection.close()


def test_a_revoked_key_is_refused_at_once_on_every_open_connection(house: Callable[[str], House], tmp_path: Path):
    place = house("")
    place.start_office()
    token = place.json("sync.office", "gate", "add", "东门")["token"]
    identity = enroll(place.office_url, token, tmp_path / "stolen", "东门")
    key = Keys.load(tmp_path / "stolen").sign
    office = Office.open(settings.load({}, var=place.folder / "office"))
    lines = [OpenLine(place, identity) for _ in range(LINES)]
    try:
        assert {line.call(key) for line in lines} == {200}
        office.enrolment.cut_off(identity.gate, EVERYTHING, who="li")
        assert {line.call(key) for line in lines} == {401}
    finally:
        for line in lines:
            line.close()
        office.close()
