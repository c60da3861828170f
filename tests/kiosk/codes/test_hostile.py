"""What is made to do harm: an answer with a reason, and never more memory than a small multiple of the input."""

from __future__ import annotations

import base64
import tracemalloc
import zlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import cbor2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from kiosk import codes
from kiosk.codes import IssuerKey, ReadContext, Revoked, Trust, cbor, dcc, jwk
from kiosk.codes.algorithms import BY_COSE_ID, BY_NAME, Ecdsa, PublicKey
from kiosk.codes.shc.jws import MAX_PAYLOAD_BYTES
from kiosk.errors import HandDownError
from kiosk.model import HealthCode, Reason, Verification
from tests.fuzz import forge, fuzz_codes

MOST_HELD = 4 * 2**20  # bytes, while one code is read
CONTEXT = forge.context()
MILLIONS = bytes(5_000_000)
TWICE = zlib.compress(zlib.compress(MILLIONS, 9), 9)
VALID = {4: int((forge.NOON + timedelta(days=1)).timestamp()), 6: int((forge.NOON - timedelta(days=1)).timestamp())}


def read(text: str) -> HealthCode:
    """What `text` says; the memory it takes on the way is looked at."""
    tracemalloc.start()
    try:
        code = codes.read(text, CONTEXT)
        held = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert held < MOST_HELD + 4 * len(text), f"{held / 2**20:.1f} MB"
    assert code.verification is not Verification.VERIFIED
    return code


def deflated(data: bytes) -> bytes:
    return zlib.compress(data, 9, -zlib.MAX_WBITS)


# --- what unpacks without end ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param(forge.europe_packed(zlib.compress(MILLIONS[:2_000_000], 9)), Reason.TOO_LARGE, id="dcc"),
        pytest.param(forge.europe_packed(zlib.compress(MILLIONS, 9)), Reason.TOO_LARGE, id="dcc-large"),
        pytest.param(forge.europe_packed(TWICE), Reason.MALFORMED, id="dcc-twice"),
        pytest.param(forge.card_packed(deflated(MILLIONS)), Reason.SCHEMA, id="card"),
        pytest.param(forge.card_packed(deflated(b"[" * (MAX_PAYLOAD_BYTES - 1))), Reason.SCHEMA, id="card-of-brackets"),
    ],
)  # fmt: skip
def test_a_bomb_is_not_unpacked(text: str, reason: Reason) -> None:
    assert read(text).reason is reason


def test_nothing_is_unpacked_before_the_signature_of_a_card_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    unpacked: list[int] = []
    monkeypatch.setattr("kiosk.codes.shc.jws.inflate", lambda data, most, **_: unpacked.append(len(data)))
    text = forge.card_packed(deflated(MILLIONS))
    end = "00" if not text.endswith("00") else "01"
    assert read(text[:-6] + end * 3).reason in (Reason.BAD_SIGNATURE, Reason.MALFORMED)
    assert unpacked == []


# --- what is nested without end, or claims to be endless --------------------------------------------------------------

NESTED = {
    "arrays": b"\x81" * 500 + b"\x00",
    "endless-arrays": b"\x9f" * 500,
    "maps": b"\xa1\x01" * 250 + b"\x00",
    "tags": b"\xc6" * 500 + b"\x00",
    "keys": b"\xa1" * 500,
    "many": b"\x98\xff" * 250,
    "an-array-of-2^64": b"\x9b" + b"\xff" * 8,
    "a-map-of-2^64": b"\xbb" + b"\xff" * 8,
    "bytes-of-2^64": b"\x5b" + b"\xff" * 8,
    "text-of-4-gb": b"\x7a" + b"\xff" * 4,
    "text-in-pieces": b"\x7f" + b"\x61a" * 200,
    "shared-with-itself": b"\xd8\x1c\x81\xd8\x1d\x00",
    "shared-map": b"\xd8\x1c\xa1\x01\xd8\x1d\x00",
    "string-references": b"\xd9\x01\x00" + b"\x84" + b"\x64long" + b"\xd8\x19\x00" * 3,
}


@pytest.mark.parametrize("item", NESTED.values(), ids=NESTED)
@pytest.mark.parametrize(
    "wrap", [forge.office, forge.europe, forge.zealand, forge.europe_message], ids=["pass", "dcc", "nzcp", "message"]
)
def test_cbor_without_end_is_no_code(wrap: Callable[[bytes], str], item: bytes) -> None:
    assert read(wrap(item)).reason in (Reason.MALFORMED, Reason.SCHEMA, Reason.UNKNOWN_ISSUER)  # whom NZ's claims name


@pytest.mark.parametrize("item", NESTED.values(), ids=NESTED)
def test_neither_is_it_within_good_claims(item: bytes) -> None:
    claims = bytearray(cbor.encode({**VALID, 1: "AT"}))
    claims[0] += 1  # one more entry
    assert read(forge.europe(bytes(claims) + cbor.encode(-260) + item)).reason in (Reason.MALFORMED, Reason.SCHEMA)


# --- numbers --------------------------------------------------------------------------------------------------------

HUGE: tuple[Any, ...] = (2**64 - 1, -(2**64), 10**2000, -(10**2000), float("inf"), float("-inf"), float("nan"), 1e308)


@pytest.mark.parametrize("number", HUGE, ids=lambda number: f"{type(number).__name__}-{str(number)[:5]}")
@pytest.mark.parametrize("label", [4, 5, 6])
def test_a_time_beyond_all_time_is_no_time(label: int, number: Any) -> None:
    good = {1: "AT", **VALID, -260: {1: {}}}
    for wrap in (forge.office, forge.europe, forge.zealand):
        assert read(wrap(cbor2.dumps({**good, label: number}))).reason is not None


@pytest.mark.parametrize("number", ["1" * 4000, "1" * 200_000, "1e308", "1e999", "-1e999", "1" + "0" * 400 + ".5"])
def test_a_cards_time_beyond_all_time_is_no_time(number: str) -> None:
    payload = f'{{"iss":"{forge.CLINIC}","nbf":{number},"vc":{{}}}}'.encode()
    assert read(forge.card(payload)).reason is Reason.SCHEMA


def test_a_provinces_answer_may_hold_any_number() -> None:
    for number in ("1" * 5000, "1e999", "-" + "9" * 4000):
        for body in (f'{{"code":{number}}}', f'{{"code":"0","demo":true,"data":{{"level":{number},"made":{number}}}}}'):
            code = fuzz_codes.PROVINCE.answered(fuzz_codes.ANSWERED, 200, body.encode(), forge.NOON)
            assert code.verification is not Verification.VERIFIED


# --- trust that leads in circles --------------------------------------------------------------------------------------


def _certified(name: str, by: str, key: ec.EllipticCurvePrivateKey, signer: ec.EllipticCurvePrivateKey) -> str:
    def called(common: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, common)])

    builder = x509.CertificateBuilder().subject_name(called(name)).issuer_name(called(by)).serial_number(7)
    builder = builder.not_valid_before(forge.NOON - timedelta(days=9)).not_valid_after(forge.NOON + timedelta(days=9))
    signed = builder.public_key(key.public_key()).sign(signer, SHA256())
    return base64.b64encode(signed.public_bytes(Encoding.DER)).decode()


def _entry(**changes: Any) -> dict[str, Any]:
    return {"scheme": dcc.NAME, "kid": forge.KID.hex(), "alg": "ES256", **changes}


def test_of_a_chain_that_leads_in_a_circle_only_the_first_certificate_is_looked_at() -> None:
    own, other = forge.KEY, ec.generate_private_key(ec.SECP256R1())
    circle = [_certified("A", "B", own, other), _certified("B", "A", other, own)]
    trust = Trust.from_section({"keys": [_entry(x5c=circle * 500)]})
    assert (len(trust), trust.problems) == (1, ())
    assert [key.key.public_numbers() for key in trust] == [own.public_key().public_numbers()]  # type: ignore[union-attr]


def test_a_section_that_holds_itself_gives_no_keys_and_says_so() -> None:
    section: dict[str, Any] = {"keys": [_entry(jwk={})]}
    entry = section["keys"][0]
    entry["jwk"]["x"] = entry["jwk"]
    section["keys"] += [_entry(jwk=entry), _entry(x5c=section["keys"]), _entry(x5c=[entry]), section, section["keys"]]
    section["keys"] += [_entry(usage=entry, jwk=jwk.from_public_key(forge.KEY.public_key()))]
    trust = Trust.from_section(section)
    assert (len(trust), len(trust.problems)) == (0, 7)


@pytest.mark.parametrize("section", [b"[" * 100_000, b'{"keys":' * 50_000, b'{"keys":[' + b"1" * 100_000 + b"]}"])
def test_a_section_nested_without_end_is_not_put_in_force(section: bytes) -> None:
    for from_section in (Trust.from_section, Revoked.from_section):
        with pytest.raises(HandDownError):
            from_section(section)


def test_every_key_of_one_name_is_tried_once(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[object] = []

    class Counting(Ecdsa):
        def verify(self, key: PublicKey, data: bytes, signature: bytes) -> bool:
            tried.append(key)
            return super().verify(key, data, signature)

    known = BY_NAME["ES256"]
    assert isinstance(known, Ecdsa)
    counting = Counting(known.name, known.cose_id, known.curve, known.size, known.hash)
    monkeypatch.setitem(BY_COSE_ID, counting.cose_id, counting)
    other = IssuerKey(dcc.NAME, forge.KID, ec.generate_private_key(ec.SECP256R1()).public_key(), "ES256")
    own = IssuerKey(dcc.NAME, forge.KID, forge.KEY.public_key(), "ES256", "AT")
    context = ReadContext(forge.NOON, Trust.of([*[other] * 99, own]))
    code = codes.read(forge.europe(cbor.encode({1: "AT", **VALID, -260: {1: {}}})), context)
    assert code.reason is Reason.SCHEMA, "the last one made the signature"
    assert len(tried) == 100
