"""A gate is let in once, with its token; whatever else it sends is explained in one JSON."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from kiosk.model import iso
from sync import protocol
from sync.office.office import Office
from sync.office.values import EVERYTHING, Unit
from tests.web.api.conftest import NOON, GateCalls, Moment


@pytest.fixture
def office_url(sqlite_office_url: str) -> str:
    """SQLite alone, for speed: what differs between databases is in test_oddities.py."""
    return sqlite_office_url


def test_a_token_lets_a_gate_in_and_tells_it_all_it_needs(newcomer: GateCalls, office: Office, community: Unit) -> None:
    answer = newcomer.enroll()
    enrolled = protocol.decode(protocol.Enrolled, answer.data)
    assert answer.status_code == 200
    assert (enrolled.community, enrolled.community_name) == (community.id, "幸福社区")
    assert base64.b64decode(enrolled.office_key) == office.office_key
    assert base64.b64decode(enrolled.token_key) == office.units.token_key(community.id)
    assert enrolled.time == iso(NOON)
    assert office.gates.public_key(enrolled.gate) == newcomer.key.public_key().public_bytes_raw()
    assert "Set-Cookie" not in answer.headers


def test_case_blanks_and_hyphens_in_a_token_do_not_matter(newcomer: GateCalls) -> None:
    newcomer.token = f" {newcomer.token.lower().replace('-', ' ')} "
    assert newcomer.enroll().status_code == 200


def test_a_token_of_another_gate_or_age_is_refused_in_words(newcomer: GateCalls, now: Moment) -> None:
    unknown = newcomer.enroll(token="AAAAA-AAAAA-AAAAA-AAAAA")
    assert (unknown.status_code, unknown.get_json()["error"]) == (403, "token")
    now.at += timedelta(hours=25)
    late = newcomer.enroll()
    assert (late.status_code, late.get_json()["error"]) == (403, "token")
    assert "24 hours" in late.get_json()["detail"]


def test_a_lost_answer_is_given_again_to_the_same_key(gate: GateCalls) -> None:
    first, again = gate.id, gate.enroll()
    assert (again.status_code, again.get_json()["gate"]) == (200, first)


def test_another_key_cannot_use_a_token_again(gate: GateCalls) -> None:
    stranger = base64.b64encode(bytes(31) + b"\1").decode()
    again = gate.enroll(public_key=stranger)
    assert (again.status_code, again.get_json()["error"]) == (403, "token")


@pytest.mark.parametrize(
    "changes",
    [
        {"token": None},
        {"token": 5},
        {"token": "x" * 201},
        {"public_key": "AAAA"},
        {"public_key": "!" * 44},
        {"name": ["list"]},
        {"name": "\ud800"},
        {"software": {}},
    ],
)
def test_a_malformed_request_to_enrol_is_400_and_uses_no_token(newcomer: GateCalls, changes: dict[str, object]) -> None:
    answer = newcomer.enroll(**changes)
    assert (answer.status_code, answer.get_json()["error"]) == (400, "malformed")
    assert newcomer.enroll().status_code == 200


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff", b"[" * 4000])
def test_what_is_no_message_at_all_is_400(client: FlaskClient, body: bytes) -> None:
    answer = client.post(protocol.ENROLL, data=body)
    assert (answer.status_code, answer.get_json()["error"]) == (400, "malformed")


@pytest.mark.parametrize("squeezed", [False, True])
def test_a_request_to_enrol_that_is_too_large_is_413(client: FlaskClient, squeezed: bool) -> None:
    body = b" " * 20_000
    headers = {"Content-Encoding": "gzip"} if squeezed else {}
    answer = client.post(protocol.ENROLL, data=protocol.squeeze(body) if squeezed else body, headers=headers)
    assert (answer.status_code, answer.get_json()["error"]) == (413, "too-large")


def test_guessing_tokens_is_slowed_down_and_told_for_how_long(newcomer: GateCalls, office: Office) -> None:
    statuses = [newcomer.enroll(token=f"guess-{number}").status_code for number in range(11)]
    assert statuses == [403] * 10 + [429]
    answer = newcomer.enroll()
    assert answer.get_json()["error"] == "busy"
    assert 0 < int(answer.headers["Retry-After"]) <= 60
    assert office.gates.list(EVERYTHING)[0].enrolled_at is None
