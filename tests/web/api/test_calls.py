"""Events, hand-down, heartbeat: what a gate gets for what it sends, and for what it should not have sent."""

from __future__ import annotations

import dataclasses
import gzip
import json
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from flask.testing import FlaskClient

from kiosk import signet
from kiosk.handdown import HandDown
from kiosk.model import ZERO_DIGEST, iso
from sync import protocol
from sync.office.office import Office
from sync.office.values import EVERYTHING, EntryFilter, Unit
from tests.sync.office.gate_end import PERSON, passage
from tests.web.api.conftest import NOON, OFFICE_URL, GateCalls

GZIP = {"Content-Encoding": "gzip"}
NO_MESSAGES = (b"", b"{", b"[]", b"null", b"7", b"\xff\xfe", b"[" * 100_000, b'{"a":' * 100_000)
BEAT = {"journal": "01936f10-0000-7000-8000-0000000000aa", "seq": 3, "waiting": 1, "software": "g", "time": iso(NOON)}


@pytest.fixture
def office_url(sqlite_office_url: str) -> str:
    """SQLite alone, for speed: what differs between databases is in test_oddities.py."""
    return sqlite_office_url


def recorded(gate: GateCalls, count: int = 1, **changes: Any) -> None:
    for _ in range(count):
        gate.journal.append("passage", NOON, passage(**changes), PERSON)


def outcome(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["error"]


def test_events_are_taken_and_the_receipt_is_the_offices_own(gate: GateCalls, office: Office) -> None:
    recorded(gate, 3)
    receipt = protocol.decode(protocol.Receipt, gate.push().data)
    assert (receipt.through, receipt.digest) == (3, gate.journal.events[-1].digest)
    statement = protocol.receipt_statement(gate.id, gate.journal.id, receipt)
    assert signet.fits(office.office_key, statement, receipt.signature)
    assert office.gates.get(gate.id, EVERYTHING).through == 3


def test_sending_again_is_harmless(gate: GateCalls, office: Office) -> None:
    recorded(gate, 3)
    assert [gate.push().get_json()["through"] for _ in range(3)] == [3, 3, 3]
    assert office.entries.page(EntryFilter(), EVERYTHING).total == 3


def test_an_empty_push_asks_how_far_the_office_has_come(gate: GateCalls) -> None:
    nothing = protocol.decode(protocol.Receipt, gate.push(1, 0).data)
    assert (nothing.through, nothing.digest) == (0, ZERO_DIGEST)
    recorded(gate, 2)
    gate.push()
    assert gate.push(1, 0).get_json()["through"] == 2


def test_compressed_events_are_taken_like_plain_ones(gate: GateCalls) -> None:
    recorded(gate, 50)
    body = protocol.squeeze(protocol.encode(gate.journal.message()))
    assert gate.post(protocol.EVENTS, body, GZIP).get_json()["through"] == 50


def test_a_gap_says_where_to_go_on(gate: GateCalls) -> None:
    recorded(gate, 5)
    gate.push(1, 2)
    answer = gate.push(4, 5)
    assert (*outcome(answer), answer.get_json()["expected"]) == (409, "gap", 3)


def test_a_fork_names_the_number(gate: GateCalls) -> None:
    recorded(gate, 3)
    gate.push()
    gate.journal.events.pop()
    recorded(gate, 1, direction="out")
    answer = gate.push(3, 3)
    assert (*outcome(answer), answer.get_json()["seq"]) == (409, "fork", 3)


def test_a_broken_chain_names_the_number_and_what_came_before_is_taken(gate: GateCalls, office: Office) -> None:
    recorded(gate, 3)
    gate.journal.events[1] = dataclasses.replace(gate.journal.events[1], open=passage(celsius=36.0))
    answer = gate.push()
    assert (*outcome(answer), answer.get_json()["seq"]) == (422, "chain", 2)
    assert office.gates.get(gate.id, EVERYTHING).through == 1


def test_more_than_five_hundred_events_are_too_many(gate: GateCalls) -> None:
    recorded(gate, 501)
    assert outcome(gate.push()) == (413, "too-large")
    assert gate.push(1, 500).get_json()["through"] == 500


def test_a_gzip_bomb_does_not_go_off(gate: GateCalls) -> None:
    bomb = gzip.compress(b"\0" * 64 * 2**20)
    assert outcome(gate.post(protocol.EVENTS, bomb, GZIP)) == (413, "too-large")


def test_a_body_beyond_the_limit_is_413_before_anything_else(gate: GateCalls) -> None:
    assert outcome(gate.post(protocol.EVENTS, b" " * (protocol.MAX_BODY_BYTES + 1))) == (413, "too-large")


def test_an_unsigned_bomb_is_not_even_opened(client: FlaskClient) -> None:
    bomb = gzip.compress(b"\0" * 64 * 2**20)
    assert outcome(client.post(protocol.EVENTS, data=bomb, headers=GZIP)) == (401, "signature")


@pytest.mark.parametrize("encoding", ["br", "deflate", "gzip, gzip", "zstd"])
def test_other_compressions_are_415(gate: GateCalls, encoding: str) -> None:
    assert outcome(gate.post(protocol.EVENTS, b"{}", {"Content-Encoding": encoding})) == (415, "encoding")


@pytest.mark.parametrize("path", [protocol.EVENTS, protocol.HEARTBEAT])
def test_bodies_that_are_no_message_are_400(gate: GateCalls, path: str) -> None:
    for body in (*NO_MESSAGES, b'{"journal":7}', b'{"journal":"x","events":[]}'):
        assert outcome(gate.post(path, body)) == (400, "malformed"), body[:40]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("at", "2026-11-22T04:00:00Z"),
        ("at", "2026-02-30T04:00:00.000Z"),
        ("at", "9999-99-99T99:99:99.999Z"),
        ("seq", 0),
        ("seq", 2**60),
        ("digest", "0" * 63),
        ("open", None),
        ("clock", {}),
    ],
)
def test_an_event_that_cannot_be_one_is_400(gate: GateCalls, field: str, value: Any) -> None:
    recorded(gate)
    message = json.loads(protocol.encode(gate.journal.message()))
    message["events"][0][field] = value
    assert outcome(gate.post(protocol.EVENTS, json.dumps(message).encode())) == (400, "malformed")


@pytest.mark.parametrize(
    "changes",
    [
        {"data": b'{"journal":"x"}'},
        {"method": "PUT"},
        {"headers": {}},
    ],
)
def test_a_request_changed_on_its_way_is_not_taken(gate: GateCalls, office: Office, changes: dict[str, Any]) -> None:
    recorded(gate)
    request = gate.signed("POST", protocol.EVENTS, protocol.encode(gate.journal.message()))
    assert gate.send(request, **changes).status_code in (401, 405)
    assert office.gates.get(gate.id, EVERYTHING).through == 0


def test_a_request_heard_twice_is_answered_once(gate: GateCalls) -> None:
    recorded(gate)
    request = gate.signed("POST", protocol.EVENTS, protocol.encode(gate.journal.message()))
    assert gate.send(request).status_code == 200
    answer = gate.send(request)
    assert outcome(answer) == (401, "replay")
    assert answer.headers["WWW-Authenticate"] == "Signature"


@pytest.mark.parametrize("off", [timedelta(minutes=5, seconds=2), timedelta(days=-3650)])
def test_a_gate_with_a_wrong_clock_is_told_the_time(gate: GateCalls, off: timedelta) -> None:
    gate.ahead = off
    answer = gate.post(protocol.HEARTBEAT, json.dumps(BEAT).encode())
    assert (*outcome(answer), answer.get_json()["time"]) == (401, "clock", iso(NOON))


@pytest.mark.parametrize("path", [protocol.BUNDLE, protocol.SECTION + "0" * 64])
def test_nothing_is_handed_down_to_strangers(client: FlaskClient, path: str) -> None:
    assert outcome(client.get(path)) == (401, "signature")


def test_what_is_handed_down_is_what_a_gate_takes(
    gate: GateCalls, office: Office, community: Unit, tmp_path: Any
) -> None:
    office.publish.ensure(community.id)
    answer = gate.get(protocol.BUNDLE)
    manifest = answer.get_json()
    down = HandDown(tmp_path / "handdown", office.office_key, community.id)
    fetched = {sha256: gate.get(protocol.SECTION + sha256).data for _, sha256 in down.missing(manifest)}
    down.swap(manifest, fetched)
    assert down.bundle.version == manifest["version"]
    assert set(down.bundle.sections) == set(protocol.SECTIONS)


def test_a_manifest_known_already_is_not_sent_again(gate: GateCalls, office: Office, community: Unit) -> None:
    office.publish.ensure(community.id)
    etag = gate.get(protocol.BUNDLE).headers["ETag"]
    again = gate.get(protocol.BUNDLE, {"If-None-Match": etag})
    assert (again.status_code, again.data) == (304, b"")
    office.publish.publish(community.id, {"notices": {"notices": []}}, who="test")
    assert gate.get(protocol.BUNDLE, {"If-None-Match": etag}).status_code == 200


@pytest.mark.parametrize("name", ["0" * 64, "x", "..", "%2e%2e%2fetc", "0" * 63, "Ü", "a" * 5000])
def test_a_section_nobody_published_is_404(gate: GateCalls, name: str) -> None:
    assert gate.get(protocol.SECTION + name).status_code in (401, 404)


def test_answers_are_compressed_for_who_wants_it(gate: GateCalls, office: Office, community: Unit) -> None:
    office.publish.ensure(community.id)
    sections = gate.get(protocol.BUNDLE).get_json()["sections"]
    plain = gate.get(protocol.SECTION + sections["policy"])
    packed = gate.get(protocol.SECTION + sections["policy"], {"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    refused = gate.get(protocol.SECTION + sections["policy"], {"Accept-Encoding": "gzip;q=0"})
    assert "Content-Encoding" not in refused.headers


def test_a_heartbeat_is_noted_and_answered(gate: GateCalls, office: Office, community: Unit) -> None:
    version = office.publish.ensure(community.id)
    office.gates.request_wake(gate.id, EVERYTHING, who="test")
    beat = protocol.decode(protocol.Beat, gate.post(protocol.HEARTBEAT, json.dumps(BEAT).encode()).data)
    assert beat == protocol.Beat(time=iso(NOON), bundle=version, wake=True)
    assert office.gates.get(gate.id, EVERYTHING).waiting == 1


@pytest.mark.parametrize(
    "changes", [{"seq": -1}, {"seq": 2**63}, {"waiting": "1"}, {"camera": "c" * 65}, {"journal": ""}]
)
def test_a_heartbeat_out_of_bounds_is_400(gate: GateCalls, changes: dict[str, Any]) -> None:
    assert outcome(gate.post(protocol.HEARTBEAT, json.dumps(BEAT | changes).encode())) == (400, "malformed")


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/v1/", "/api/v1/events/extra", "/api/v1/bundle/sections/"])
def test_a_call_that_does_not_exist_is_404_in_json(client: FlaskClient, path: str) -> None:
    assert outcome(client.get(path)) == (404, "not-found")


def test_a_method_that_does_not_exist_is_405_and_says_which_do(client: FlaskClient) -> None:
    answer = client.get(protocol.EVENTS)
    assert outcome(answer) == (405, "method")
    assert "POST" in answer.headers["Allow"]


def test_no_answer_sets_a_cookie_or_asks_for_a_form_token(gate: GateCalls) -> None:
    recorded(gate)
    assert "Set-Cookie" not in gate.push().headers


def test_the_description_names_every_call_there_is(client: FlaskClient) -> None:
    document = client.get(protocol.OPENAPI, base_url=OFFICE_URL).get_json()
    rules = {
        (rule.rule.replace("<", "{").replace(">", "}"), method.lower())
        for rule in client.application.url_map.iter_rules()
        for method in rule.methods or ()
        if rule.endpoint.startswith("api.") and method in ("GET", "POST")
    }
    assert {(path, method) for path, calls in document["paths"].items() for method in calls} == rules
    assert document["openapi"].startswith("3.1")
    assert "http" not in msgspec.json.encode(document["paths"]).decode()  # nothing is loaded from elsewhere


def test_every_reference_in_the_description_leads_somewhere(client: FlaskClient) -> None:
    document = client.get(protocol.OPENAPI).get_json()

    def references(value: Any) -> list[str]:
        if isinstance(value, dict):
            return (
                [str(value["$ref"])]
                if "$ref" in value
                else [ref for item in value.values() for ref in references(item)]
            )
        return [ref for item in value for ref in references(item)] if isinstance(value, list) else []

    for reference in references(document):
        assert reference.removeprefix("#/components/schemas/") in document["components"]["schemas"]
