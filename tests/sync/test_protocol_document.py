"""docs/protocol.md is exact: its worked example is recomputed here from nothing but the standard's own words."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk import chain
from kiosk.handdown import HandDown
from kiosk.model import ZERO_DIGEST
from sync import protocol, signing
from web.api.openapi import MESSAGES

DOCUMENT = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text(encoding="utf-8")
EXAMPLES = dict(re.findall(r"<!-- example: (\w+) -->\n```\n(.*?)\n```", DOCUMENT, re.DOTALL))
GATE_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OFFICE_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32, 64)))
NOW = datetime(2026, 11, 22, 3, 30, 2, tzinfo=UTC)


def sha256(text: str | bytes) -> str:
    return hashlib.sha256(text if isinstance(text, bytes) else text.encode()).hexdigest()


def headers() -> dict[str, str]:
    return dict(line.split(": ", 1) for line in EXAMPLES["request"].splitlines()[1:])


def test_public_keys_are_those_of_the_private_ones() -> None:
    halves = [base64.b64encode(key.public_key().public_bytes_raw()).decode() for key in (GATE_KEY, OFFICE_KEY)]
    assert EXAMPLES["public_keys"].splitlines() == halves


def test_the_seal_is_the_hash_of_salt_and_personal_part() -> None:
    assert sha256(bytes(range(16)) + EXAMPLES["personal"].encode()) == EXAMPLES["seal"]


def test_the_digest_is_the_hash_of_what_is_digested() -> None:
    assert sha256(EXAMPLES["digested"]) == EXAMPLES["digest"]
    event = json.loads(EXAMPLES["body"])["events"][0]
    digested = {key: value for key, value in event.items() if key not in ("personal", "salt", "digest")}
    digested["journal"] = json.loads(EXAMPLES["body"])["journal"]
    assert rfc8785.dumps(digested).decode() == EXAMPLES["digested"]
    assert rfc8785.dumps(event["personal"]).decode() == EXAMPLES["personal"]


def test_the_body_is_what_our_own_ends_write_and_read() -> None:
    message = protocol.decode(protocol.Events, EXAMPLES["body"].encode())
    assert protocol.encode(message).decode() == EXAMPLES["body"]
    assert chain.flaw(protocol.from_wire(message.journal, message.events[0]), ZERO_DIGEST) is None


def test_the_signature_base_is_signed_by_the_gate_key() -> None:
    digest = base64.b64encode(hashlib.sha256(EXAMPLES["body"].encode()).digest()).decode()
    assert headers()["Content-Digest"] == f"sha-256=:{digest}:"
    signature = base64.b64encode(GATE_KEY.sign(EXAMPLES["base"].encode())).decode()
    assert headers()["Signature"] == f"gate=:{signature}:"
    params = EXAMPLES["base"].splitlines()[3].removeprefix('"@signature-params": ')
    assert headers()["Signature-Input"] == f"gate={params}"


def test_the_example_request_is_taken_and_is_what_our_gate_sends() -> None:
    method, url = EXAMPLES["request"].splitlines()[0].split()
    public = GATE_KEY.public_key().public_bytes_raw()
    gate = signing.verify(method, url, headers(), EXAMPLES["body"].encode(), lambda _: public, lambda *_: True, NOW)
    ours = requests.Request(method, url, data=EXAMPLES["body"].encode()).prepare()
    created = datetime.fromtimestamp(1795318200, UTC)
    signing.sign(ours, gate, GATE_KEY, created, "Zm9vYmFyYmF6cXV4MTIzNA")
    assert {name: ours.headers[name] for name in headers()} == headers()


def test_the_receipt_is_signed_by_the_office_key() -> None:
    receipt = protocol.decode(protocol.Receipt, EXAMPLES["receipt"].encode())
    message = json.loads(EXAMPLES["body"])
    statement = protocol.receipt_statement(message["events"][0]["open"]["gate"], message["journal"], receipt)
    assert rfc8785.dumps(statement).decode() == EXAMPLES["receipt_statement"]
    OFFICE_KEY.public_key().verify(base64.b64decode(receipt.signature), EXAMPLES["receipt_statement"].encode())


def test_the_manifest_is_one_a_gate_takes(tmp_path: Path) -> None:
    manifest = json.loads(EXAMPLES["manifest"])
    statement = rfc8785.dumps({key: value for key, value in manifest.items() if key != "signature"})
    OFFICE_KEY.public_key().verify(base64.b64decode(manifest["signature"]), statement)
    gate = HandDown(tmp_path, OFFICE_KEY.public_key().public_bytes_raw(), manifest["community"])
    gate.swap(manifest, {sha256(b'{"notices":[]}'): b'{"notices":[]}'})
    assert gate.bundle.version == 7


@pytest.mark.parametrize("kind", [*MESSAGES, protocol.WireEvent, protocol.WireClock])
def test_every_field_of_every_message_is_described(kind: Any) -> None:
    missing = [field for field in kind.__struct_fields__ if not re.search(rf"\b{field}\b", DOCUMENT)]
    assert missing == []


def test_every_call_is_described() -> None:
    from web.api import openapi

    for path in openapi.document()["paths"]:
        assert path.replace("{sha256}", "<sha256>") in DOCUMENT


def test_limits_in_the_text_are_those_in_the_code() -> None:
    from web.api.views import ENROLL_BYTES, ENROLL_LIMIT

    assert protocol.MAX_EVENTS == 500
    assert protocol.MAX_BODY_BYTES == 8 * 2**20
    assert protocol.MAX_SECTION_BYTES == 32 * 2**20
    assert ENROLL_BYTES == 8 * 2**10
    assert ENROLL_LIMIT == "10 per minute"
    assert signing.TOLERANCE.total_seconds() == 300
