"""Of a signed request nothing may be changed, and it is good once: whatever is altered on its way is refused."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import assume, given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from kiosk.model import iso
from sync import protocol
from sync.office.office import Office
from sync.office.values import Unit
from tests.web.api.conftest import NOON, OFFICE_URL, GateCalls
from tests.web.api.hostile import examples, held, refused
from web.app import create_office_app

BEAT = {"journal": "01936f10-0000-7000-8000-0000000000aa", "seq": 3, "waiting": 1, "software": "g", "time": iso(NOON)}
INPUT, SIGNATURE, DIGEST = "Signature-Input", "Signature", "Content-Digest"
WORDS = {"signature", "clock", "unknown-gate"}


@dataclass(frozen=True)
class Travelling:
    """A request on its way: what somebody between the two can lay hands on."""

    method: str
    path: str
    office: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def put(self, name: str, value: str) -> Travelling:
        return replace(self, headers=tuple((key, value if key == name else old) for key, old in self.headers))

    def without(self, name: str) -> Travelling:
        return replace(self, headers=tuple(line for line in self.headers if line[0] != name))

    def twice(self, name: str, value: str) -> Travelling:
        return replace(self, headers=(*self.headers, (name, value)))

    def __getitem__(self, name: str) -> str:
        return dict(self.headers)[name]


@pytest.fixture
def office_url(sqlite_office_url: str) -> str:
    return sqlite_office_url


@pytest.fixture
def other(client: FlaskClient, office: Office, community: Unit) -> GateCalls:
    """A second gate of the same office."""
    calls = GateCalls(client, office, office.enrolment.create_gate(community.id, "西门", who="test")[1])
    calls.enroll()
    return calls


def sent(gate: GateCalls, fields: dict[str, Any] = BEAT) -> Travelling:
    """A heartbeat as it leaves the gate."""
    body = protocol.encode(protocol.Heartbeat(**fields))
    request = gate.signed("POST", protocol.HEARTBEAT, body, {"Content-Type": "application/json"})
    return Travelling("POST", protocol.HEARTBEAT, OFFICE_URL, tuple(dict(request.headers).items()), body)


def arrive(client: FlaskClient, request: Travelling) -> TestResponse:
    return client.open(
        request.path,
        base_url=request.office,
        method=request.method,
        data=request.body,
        headers=[line for line in request.headers if line[0] != "Content-Length"],
    )


def digest_of(body: bytes, name: str = "sha-256") -> str:
    value = (hashlib.sha256 if name == "sha-256" else hashlib.sha512)(body).digest()
    return f"{name}=:{base64.b64encode(value).decode()}:"


Change = Callable[[Travelling, st.DataObject, "GateCalls"], Travelling]


def body(request: Travelling, data: st.DataObject, _: GateCalls) -> Travelling:
    at = data.draw(st.integers(0, len(request.body) - 1))
    other = data.draw(st.binary(max_size=3).filter(lambda new: new != request.body[at : at + 1]))
    return replace(request, body=request.body[:at] + other + request.body[at + 1 :])


def body_with_its_digest(request: Travelling, data: st.DataObject, gate: GateCalls) -> Travelling:
    changed = body(request, data, gate)
    return changed.put(DIGEST, digest_of(changed.body))


def path(request: Travelling, data: st.DataObject, _: GateCalls) -> Travelling:
    return replace(request, path=data.draw(st.sampled_from((protocol.EVENTS, protocol.KEY))))


def query(request: Travelling, data: st.DataObject, _: GateCalls) -> Travelling:
    return replace(request, path=request.path + "?" + data.draw(st.text("ab=&%20", min_size=1)))


def method(request: Travelling, data: st.DataObject, _: GateCalls) -> Travelling:
    return replace(request, method=data.draw(st.sampled_from(("GET", "PUT", "DELETE", "PATCH", "HEAD"))))


def host(request: Travelling, data: st.DataObject, _: GateCalls) -> Travelling:
    elsewhere = ("http://office.example", "https://office.example:444", "https://other.example", "https://[::1]")
    return replace(request, office=data.draw(st.sampled_from(elsewhere)))


def nonce(request: Travelling, data: st.DataObject, _: GateCalls) -> Travelling:
    new = data.draw(st.sampled_from((secrets.token_urlsafe(18), "x", "n" * 65)))
    return request.put(INPUT, re.sub(r'nonce="[^"]*"', f'nonce="{new}"', request[INPUT]))


def created(request: Travelling, data: st.DataObject, _: GateCalls) -> Travelling:
    by = data.draw(st.integers(-(10**14), 10**14).filter(bool))
    moved = re.sub(r"created=(\d+)", lambda found: f"created={int(found[1]) + by}", request[INPUT])
    return request.put(INPUT, moved)


def key_of_another_gate(request: Travelling, data: st.DataObject, other: GateCalls) -> Travelling:
    named = data.draw(st.sampled_from((other.id, "01936f10-0000-7000-8000-00000000dead", "", "' OR 1=1 --")))
    return request.put(INPUT, re.sub(r'keyid="[^"]*"', f'keyid="{named}"', request[INPUT]))


def parameters(request: Travelling, data: st.DataObject, _: GateCalls) -> Travelling:
    said = request[INPUT]
    return request.put(
        INPUT,
        data.draw(
            st.sampled_from(
                (
                    re.sub(r";created=\d+", "", said),
                    re.sub(r"created=(\d+)", r"created=\1.0", said),
                    re.sub(r";nonce=\"[^\"]*\"", "", said),
                    re.sub(r";keyid=\"[^\"]*\"", "", said),
                    said.replace("ed25519", "hmac-sha256"),
                    said + ";expires=9999999999",
                    said + ';tag="x"',
                    said.replace('"content-digest"', ""),
                    said.replace('"@method" ', ""),
                    said.replace('"@target-uri"', '"@path"'),
                    said.replace('"@method" "@target-uri"', '"@target-uri" "@method"'),
                    said.replace('"content-digest"', '"content-digest" "content-digest"'),
                    said.replace("gate=", "other="),
                    f"{said}, {said.replace('gate=', 'more=')}",
                )
            )
        ),
    )


def digest(request: Travelling, data: st.DataObject, _: GateCalls) -> Travelling:
    other = data.draw(st.binary(max_size=10))
    return data.draw(
        st.sampled_from(
            (
                request.put(DIGEST, digest_of(other)),
                request.put(DIGEST, digest_of(request.body, "sha-512")),
                request.put(DIGEST, f"{request[DIGEST]}, {digest_of(other, 'sha-512')}"),
                request.put(DIGEST, "md5=:rL0Y20zC+Fzt72VPzMSk2A==:"),
                request.put(DIGEST, "sha-256=:rubbish"),
                request.twice(DIGEST, digest_of(other)),
                request.without(DIGEST),
            )
        )
    )


def signature(request: Travelling, data: st.DataObject, other: GateCalls) -> Travelling:
    value = bytearray(base64.b64decode(request[SIGNATURE].split(":")[1]))
    value[data.draw(st.integers(0, 63))] ^= data.draw(st.integers(1, 255))
    spelt = base64.b64encode(value).decode()
    return data.draw(
        st.sampled_from(
            (
                request.put(SIGNATURE, f"gate=:{spelt}:"),
                request.put(SIGNATURE, "gate=::"),
                request.put(SIGNATURE, f"gate=:{base64.b64encode(bytes(value[:63])).decode()}:"),
                request.put(SIGNATURE, sent(other)[SIGNATURE]),
                request.twice(SIGNATURE, f"gate=:{spelt}:"),
                request.without(SIGNATURE),
                request.without(INPUT),
            )
        )
    )


def any_character(request: Travelling, data: st.DataObject, _: GateCalls) -> Travelling:
    """One character of what was added to the request for its protection."""
    name = data.draw(st.sampled_from((INPUT, DIGEST)))
    value = request[name]
    at = data.draw(st.integers(0, len(value) - 1))
    new = data.draw(st.characters(min_codepoint=33, max_codepoint=255).filter(lambda char: char != value[at]))
    assume(not (name == DIGEST and value[at + 1 : at + 3] == "=:"))  # bits that base64 leaves unused
    return request.put(name, value[:at] + new + value[at + 1 :])


CHANGES: tuple[Change, ...] = (
    body, body_with_its_digest, path, query, method, host, nonce, created, key_of_another_gate, parameters, digest,
    signature, any_character,
)  # fmt: skip


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
@examples(8)
@given(data=st.data())
def test_what_was_changed_is_refused_and_the_request_itself_is_good_once(
    gate: GateCalls, other: GateCalls, office: Office, change: Change, data: st.DataObject
) -> None:
    request, before = sent(gate), held(office)
    changed = arrive(gate.client, change(request, data, other))
    if change is method:
        assert changed.status_code == 405
    else:
        assert refused(changed).error in WORDS
    assert held(office) == before
    assert arrive(gate.client, request).status_code == 200, "what was refused has not spent the nonce"
    assert refused(arrive(gate.client, request)).error == "replay"


@examples(8)
@given(order=st.randoms(use_true_random=False), more=st.text("abcxyz-", min_size=1, max_size=12))
def test_the_order_of_headers_and_what_stands_beside_them_do_not_matter(gate: GateCalls, order: Any, more: str) -> None:
    request = sent(gate)
    lines = [*request.headers, (f"X-{more}", more)]
    order.shuffle(lines)
    assert arrive(gate.client, replace(request, headers=tuple(lines))).status_code == 200


@examples(8)
@given(seconds=st.integers(301, 10**9), ahead=st.booleans())
def test_a_clock_that_is_more_than_five_minutes_off_is_told_the_time(
    gate: GateCalls, seconds: int, *, ahead: bool
) -> None:
    gate.ahead = timedelta(seconds=seconds if ahead else -seconds)
    problem = refused(arrive(gate.client, sent(gate)))
    assert (problem.error, problem.time) == ("clock", iso(NOON))


def test_an_office_that_was_started_again_remembers_what_it_heard(gate: GateCalls, office: Office) -> None:
    request = sent(gate)
    assert arrive(gate.client, request).status_code == 200
    again = Office.open(office.settings, office.now)
    try:
        assert refused(arrive(create_office_app(again).test_client(), request)).error == "replay"
    finally:
        again.close()
