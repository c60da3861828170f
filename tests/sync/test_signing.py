"""A request is what an enrolled gate sent just now, or it is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import assume, given
from hypothesis import strategies as st

from sync import signing
from sync.signing import SignatureError

GATE = "01936f10-0000-7000-8000-000000000001"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()
NOW = datetime(2026, 11, 22, 3, 30, tzinfo=UTC)
URL = "http://127.0.0.1:8700/api/v1/events"
NONCE = "0123456789abcdef"


class Once:
    """A nonce store."""

    def __init__(self) -> None:
        self.seen: set[tuple[str, str]] = set()

    def __call__(self, gate: str, nonce: str) -> bool:
        new = (gate, nonce) not in self.seen
        self.seen.add((gate, nonce))
        return new


def signed(body: bytes = b'{"a":1}', *, nonce: str = NONCE, method: str = "POST", **changes: Any) -> Any:
    request = requests.Request(method, URL, data=body or None).prepare()
    signing.sign(request, changes.get("gate", GATE), changes.get("key", KEY), changes.get("now", NOW), nonce)
    return request


def verify(request: Any, **changes: Any) -> str:
    """What the office makes of `request`; `changes` are what it sees otherwise than it was sent."""
    seen: dict[str, Any] = {
        "method": request.method,
        "url": request.url,
        "headers": request.headers,
        "body": request.body or b"",
        "find_key": lambda gate: PUBLIC if gate == GATE else None,
        "use_nonce": Once(),
        "now": NOW,
    }
    return signing.verify(**{**seen, **changes})


def refused(request: Any, **changes: Any) -> str:
    with pytest.raises(SignatureError) as caught:
        verify(request, **changes)
    return caught.value.word


def test_a_signed_request_names_its_gate() -> None:
    assert verify(signed()) == GATE
    assert verify(signed(b"", method="GET")) == GATE


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_a_changed_body_is_refused(body: bytes, other: bytes) -> None:
    assume(body != other)
    assert refused(signed(body), body=other) == "signature"


@given(st.text("/abcdefv1.?=&%20", max_size=20))
def test_a_changed_path_is_refused(path: str) -> None:
    assume(f"http://127.0.0.1:8700/{path}" != URL)
    assert refused(signed(), url=f"http://127.0.0.1:8700/{path}") == "signature"


@pytest.mark.parametrize("url", ["https://127.0.0.1:8700/api/v1/events", "http://localhost:8700/api/v1/events", ""])
def test_a_request_for_another_office_is_refused(url: str) -> None:
    assert refused(signed(), url=url) == "signature"


@given(st.sampled_from(["GET", "PUT", "DELETE", "PATCH", "post", "Ü", ""]))
def test_a_changed_method_is_refused(method: str) -> None:
    assert refused(signed(), method=method) == "signature"


@given(st.text("0123456789abcdef", min_size=16, max_size=64))
def test_a_changed_nonce_is_refused(nonce: str) -> None:
    assume(nonce != NONCE)
    request = signed()
    request.headers["Signature-Input"] = request.headers["Signature-Input"].replace(NONCE, nonce)
    assert refused(request) == "signature"


@given(st.integers(min_value=-300, max_value=300).filter(bool))
def test_a_changed_time_is_refused(seconds: int) -> None:
    request, created = signed(), int(NOW.timestamp())
    request.headers["Signature-Input"] = request.headers["Signature-Input"].replace(
        str(created), str(created + seconds)
    )
    assert refused(request) == "signature"


@given(st.integers(min_value=-300, max_value=300))
def test_clocks_may_differ_by_five_minutes(seconds: int) -> None:
    assert verify(signed(now=NOW + timedelta(seconds=seconds))) == GATE


@given(st.integers(min_value=301, max_value=10**9), st.sampled_from([-1, 1]))
def test_a_clock_that_differs_by_more_is_named_as_the_reason(seconds: int, sign: int) -> None:
    created = NOW + timedelta(seconds=seconds * sign)
    with pytest.raises(SignatureError, match="ahead of" if sign > 0 else "behind") as caught:
        verify(signed(now=created))
    assert caught.value.word == "clock"


def test_a_request_is_good_once() -> None:
    request, once = signed(), Once()
    assert verify(request, use_nonce=once) == GATE
    assert refused(request, use_nonce=once) == "replay"


def test_two_gates_may_use_the_same_nonce() -> None:
    once = Once()
    verify(signed(), use_nonce=once)
    assert verify(signed(gate="other"), use_nonce=once, find_key=lambda _: PUBLIC) == "other"


def test_a_forged_request_does_not_spend_the_nonce() -> None:
    once = Once()
    refused(signed(key=Ed25519PrivateKey.generate()), use_nonce=once)
    assert verify(signed(), use_nonce=once) == GATE


def test_a_gate_nobody_enrolled_is_told_so() -> None:
    assert refused(signed(gate="nobody")) == "unknown-gate"


def test_another_gates_key_does_not_do() -> None:
    assert refused(signed(key=Ed25519PrivateKey.generate())) == "signature"


@pytest.mark.parametrize("header", ["Signature", "Signature-Input", "Content-Digest"])
def test_a_request_without_one_of_the_three_headers_is_refused(header: str) -> None:
    request = signed()
    del request.headers[header]
    assert refused(request) == "signature"


@pytest.mark.parametrize("missing", ['"@method" ', '"@target-uri" ', ' "content-digest"'])
def test_a_signature_that_leaves_something_uncovered_is_refused(missing: str) -> None:
    request = signed()
    request.headers["Signature-Input"] = request.headers["Signature-Input"].replace(missing, "")
    assert refused(request) == "signature"


@pytest.mark.parametrize("covered", [("@method", "@target-uri"), ("@method", "content-digest"), ("@authority",)])
def test_a_valid_signature_over_too_little_is_refused(covered: tuple[str, ...], monkeypatch: Any) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(signing, "COVERED", covered)
        request = signed()
    if "content-digest" not in covered:
        request.headers["Signature-Input"] = request.headers["Signature-Input"].replace(' "content-digest"', "")
    assert refused(request) == "signature"


def test_a_body_without_a_signed_digest_is_refused_even_if_empty() -> None:
    request = signed(b"", method="GET")
    request.headers["Content-Digest"] = signed(b"x").headers["Content-Digest"]
    assert refused(request) == "signature"


@pytest.mark.parametrize("nonce", ["", "short", "x" * 65])
def test_a_nonce_that_is_none_is_refused(nonce: str) -> None:
    assert refused(signed(nonce=nonce)) == "signature"


def test_two_signatures_on_one_request_are_refused() -> None:
    request = signed()
    for header in ("Signature", "Signature-Input"):
        value = request.headers[header]
        request.headers[header] = f"{value}, {value.replace('gate=', 'other=', 1)}"
    assert refused(request) == "signature"


@given(st.sampled_from(["Signature", "Signature-Input", "Content-Digest"]), st.text(max_size=80))
def test_rubbish_in_a_header_is_a_refusal_and_never_a_crash(header: str, rubbish: str) -> None:
    request = signed()
    request.headers[header] = rubbish
    assert refused(request) in ("signature", "unknown-gate", "clock")


@given(st.text('()=;:"@abcdegiklnorstuy-0123456789 ,', max_size=120))
def test_rubbish_that_looks_like_a_signature_is_refused_too(rubbish: str) -> None:
    request = signed()
    request.headers["Signature-Input"] = f"gate={rubbish}"
    assert refused(request) in ("signature", "unknown-gate", "clock")


def test_a_key_store_that_is_down_is_no_bad_signature() -> None:
    def down(gate: str) -> bytes | None:
        raise ConnectionError("database away")

    with pytest.raises(ConnectionError):
        verify(signed(), find_key=down)
