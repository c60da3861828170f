"""The working group's published COSE messages, as far as they are single-signer messages (COSE_Sign1)."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import cbor2
import pytest
from cbor2 import CBORTag

from kiosk.codes import IssuerKey, cose, cwt, jwk
from kiosk.codes.algorithms import BY_NAME, for_key
from kiosk.model import Reason
from tests.conformance.data import documents
from tests.conformance.report import Report

OTHER_MESSAGES = {
    "sign": "a message of several signers (COSE_Sign)",
    "mac0": "a message authentication code (COSE_Mac0)",
    "encrypted": "an encrypted message (COSE_Encrypt0)",
}
NAMELESS = b"none"  # for examples whose header names no key: without a kid there is no trust


def vectors() -> Iterator[tuple[str, dict[str, Any]]]:
    yield from documents("cose", "*/*.json")


def test_every_single_signer_message_comes_out_as_published(capsys: pytest.CaptureFixture[str]) -> None:
    report = Report("COSE_Sign1")
    for name, vector in vectors():
        group, title = name.partition("/")[0], vector["title"]
        if why := _not_ours(vector["input"]):
            report.not_applicable(group, name, why)
            continue
        opened = _opened(vector)
        if vector.get("fail"):
            judged = report.refused if isinstance(opened, Reason) else report.disagrees
            judged(group, name, f"{title}: {opened}")
        elif opened == _plaintext(vector["input"]):
            report.agreed(group)
        else:
            report.disagrees(group, name, f"{title}: {opened!r}")
    report.show(capsys)
    assert report.disagreed == []


def test_a_message_under_a_key_or_algorithm_we_do_not_take_is_refused() -> None:
    refused = 0
    for name, vector in vectors():
        sign0 = vector["input"].get("sign0")
        if sign0 and _unknown(sign0):
            assert isinstance(_opened(vector), Reason), name
            refused += 1
    assert refused


def test_messages_of_every_other_kind_are_malformed() -> None:
    for name, vector in vectors():
        if "sign0" not in vector["input"]:
            message = bytes.fromhex(vector["output"]["cbor"])
            assert cose.parse(message) is Reason.MALFORMED, name


def test_the_claims_of_the_signed_web_token_are_those_printed_in_the_standard() -> None:
    """RFC 8392, appendix A.1 and A.3."""
    (vector,) = (vector for name, vector in vectors() if name == "CWT/A_3")
    signed = cose.parse(_named(vector))
    assert isinstance(signed, cose.Sign1)
    token = cwt.verified(signed, _keys(vector["input"]["sign0"]))
    assert isinstance(token, cwt.Cwt)
    assert (token.issuer, token.cti) == ("coap://as.example.com", b"\x0b\x71")
    assert (token.claims[cwt.EXP], token.claims[cwt.NBF]) == (1444064944, 1443944944)


def _not_ours(given: dict[str, Any]) -> str:
    for kind, why in OTHER_MESSAGES.items():
        if kind in given:
            return why
    if "external" in given["sign0"]:
        return "signed together with data outside the message, which no code has"
    return _unknown(given["sign0"])


def _unknown(sign0: dict[str, Any]) -> str:
    """Why no key of ours can be behind it; "" when one can."""
    if sign0["alg"] not in BY_NAME:
        return f"algorithm {sign0['alg']} is not taken"
    return "" if _keys(sign0) else f"curve {sign0['key'].get('crv')} is not taken"


def _opened(vector: dict[str, Any]) -> bytes | Reason:
    signed = cose.parse(_named(vector))
    if isinstance(signed, Reason):
        return signed
    key = cose.verify(signed, _keys(vector["input"]["sign0"]))
    return key if isinstance(key, Reason) else signed.payload


def _keys(sign0: dict[str, Any]) -> list[IssuerKey]:
    given = sign0["key"]
    spelled = {name.removesuffix("_hex"): _base64url(given[name]) for name in given if name.endswith("_hex")}
    plain = {name: given[name] for name in ("kty", "crv", "x", "y") if name in given}
    try:
        key = jwk.public_key({**plain, **{name: value for name, value in spelled.items() if name != "d"}})
    except ValueError:
        return []
    return [IssuerKey("any", given.get("kid", "").encode() or NAMELESS, key, for_key(key).name)]


def _named(vector: dict[str, Any]) -> bytes:
    """The message; with a kid in its unprotected header where the example has none at all."""
    message = bytes.fromhex(vector["output"]["cbor"])
    item = cbor2.loads(message)
    tags = []
    while isinstance(item, CBORTag):
        tags.append(item.tag)
        item = item.value
    if "kid" in vector["input"]["sign0"]["key"]:
        return message
    parts = [item[0], {4: NAMELESS, **item[1]}, *item[2:]]
    for tag in reversed(tags):
        parts = CBORTag(tag, parts)
    return cbor2.dumps(parts)


def _plaintext(given: dict[str, Any]) -> bytes:
    return given["plaintext"].encode() if "plaintext" in given else bytes.fromhex(given["plaintext_hex"])


def _base64url(hexadecimal: str) -> str:
    return base64.urlsafe_b64encode(bytes.fromhex(hexadecimal)).rstrip(b"=").decode()
