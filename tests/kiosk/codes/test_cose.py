from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import cbor2
import pytest
from cbor2 import CBORTag
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.codes import IssuerKey, Trust, cose, cwt
from kiosk.codes.algorithms import BY_COSE_ID, PrivateKey, PublicKey, for_key
from kiosk.codes.context import ANY_SCHEME, ReadContext
from kiosk.model import Reason, from_iso

Vectors = Callable[[str], list[tuple[str, dict[str, Any]]]]

RSA = rsa.generate_private_key(65537, 2048)
KEYS: dict[str, PrivateKey] = {
    "ES256": ec.generate_private_key(ec.SECP256R1()),
    "ES384": ec.generate_private_key(ec.SECP384R1()),
    "PS256": RSA,
    "EdDSA": ed25519.Ed25519PrivateKey.generate(),
}
P256 = KEYS["ES256"]
KID = b"office-1"


def trusted(key: PublicKey, kid: bytes = KID, alg: str = "") -> IssuerKey:
    return IssuerKey(ANY_SCHEME, kid, key, alg or for_key(key).name)


def opened(message: bytes, *keys: IssuerKey) -> bytes | Reason:
    """The payload, or why not."""
    sign1 = cose.parse(message)
    if isinstance(sign1, Reason):
        return sign1
    key = cose.verify(sign1, [key for key in keys if key.kid == sign1.kid])
    return key if isinstance(key, Reason) else sign1.payload


def signed(
    protected: object, unprotected: object, *, hashed: bytes | None = None, payload: bytes = b"hello"
) -> list[object]:
    """The four parts of a message that P256 signed over `hashed` (the protected header as sent, unless told)."""
    header = protected if isinstance(protected, bytes) else cbor2.dumps(protected)
    to_sign = cbor2.dumps(["Signature1", header if hashed is None else hashed, b"", payload])
    return [header, unprotected, payload, BY_COSE_ID[-7].sign(P256, to_sign)]


OFFICE = trusted(P256.public_key())


@pytest.mark.parametrize("name", KEYS)
def test_every_algorithm_signs_and_verifies(name: str) -> None:
    message = cose.sign(b"hello", key=KEYS[name], kid=KID)
    assert opened(message, trusted(KEYS[name].public_key())) == b"hello"


@pytest.mark.parametrize("name", KEYS)
def test_a_changed_signature_of_any_length_is_a_bad_signature(name: str) -> None:
    tag = cbor2.loads(cose.sign(b"hello", key=KEYS[name], kid=KID))
    for signature in (b"", bytes(64), tag.value[3][:-1], tag.value[3] + b"\0", bytes(len(tag.value[3]))):
        message = cbor2.dumps(CBORTag(18, [*tag.value[:3], signature]))
        assert opened(message, trusted(KEYS[name].public_key())) is Reason.BAD_SIGNATURE


@pytest.mark.parametrize("name", KEYS)
@pytest.mark.parametrize("other", KEYS)
def test_the_key_must_fit_the_algorithm(name: str, other: str) -> None:
    message = cose.sign(b"hello", key=KEYS[name], kid=KID)
    unfit = trusted(KEYS[other].public_key(), alg=name)
    assert opened(message, unfit) == (b"hello" if name == other else Reason.BAD_SIGNATURE)


def test_a_key_trusted_for_another_algorithm_is_not_used() -> None:
    assert opened(cose.sign(b"x", key=P256, kid=KID), replace(OFFICE, alg="ES384")) is Reason.BAD_SIGNATURE


def test_small_rsa_keys_and_odd_curves_fit_nothing() -> None:
    for key in (rsa.generate_private_key(65537, 1024), ec.generate_private_key(ec.SECP521R1())):
        with pytest.raises(ValueError, match="no algorithm"):
            cose.sign(b"x", key=key, kid=KID)


@pytest.mark.parametrize(
    ("wrap", "taken"),
    [
        (lambda parts: CBORTag(18, parts), True),
        (lambda parts: parts, True),
        (lambda parts: CBORTag(61, CBORTag(18, parts)), True),
        (lambda parts: CBORTag(61, parts), True),
        (lambda parts: CBORTag(18, CBORTag(18, parts)), False),
        (lambda parts: CBORTag(61, CBORTag(61, CBORTag(18, parts))), False),
        (lambda parts: CBORTag(18, CBORTag(61, parts)), False),
        (lambda parts: CBORTag(98, parts), False),
        (lambda parts: CBORTag(55799, CBORTag(18, parts)), False),
        (lambda parts: [parts], False),
        (lambda parts: parts[:3], False),
        (lambda parts: [*parts, b""], False),
        (lambda parts: {0: parts}, False),
        (lambda parts: 18, False),
    ],
)
def test_a_message_is_taken_tagged_once_or_not_at_all(wrap: Callable[[list[object]], object], taken: bool) -> None:
    message = cbor2.dumps(wrap(signed({1: -7, 4: KID}, {})))
    assert opened(message, OFFICE) == (b"hello" if taken else Reason.MALFORMED)


@pytest.mark.parametrize(
    ("protected", "unprotected", "hashed"),
    [
        ({1: -7, 4: KID}, {}, None),
        ({1: -7}, {4: KID}, None),
        ({4: KID}, {1: -7}, None),
        (b"", {1: -7, 4: KID}, None),
        (b"\xa0", {1: -7, 4: KID}, b""),
        ({1: -7, 4: KID}, {4: b"another"}, None),
        ({1: -7, 4: KID}, {1: -35}, None),
        ({1: -7, 4: KID, 3: "application/cwt", -70000: [1]}, {}, None),
        ({1: -7, 4: KID, 2: [1]}, {}, None),
    ],
)
def test_headers_are_read_protected_first(protected: object, unprotected: object, hashed: bytes | None) -> None:
    message = cbor2.dumps(CBORTag(18, signed(protected, unprotected, hashed=hashed)))
    assert opened(message, OFFICE) == b"hello"


@pytest.mark.parametrize(
    ("protected", "unprotected", "reason"),
    [
        ({1: -7}, {}, Reason.UNKNOWN_ISSUER),
        ({1: -7, 4: b""}, {}, Reason.UNKNOWN_ISSUER),
        ({1: -7, 4: "office-1"}, {}, Reason.UNKNOWN_ISSUER),
        ({1: -7, 4: b"stranger"}, {4: KID}, Reason.UNKNOWN_ISSUER),
        ({4: KID}, {}, Reason.MALFORMED),
        ({1: -999, 4: KID}, {}, Reason.BAD_SIGNATURE),
        ({1: "ES256", 4: KID}, {}, Reason.BAD_SIGNATURE),
        ({1: [-7], 4: KID}, {}, Reason.BAD_SIGNATURE),
        ({1: -35, 4: KID}, {1: -7}, Reason.BAD_SIGNATURE),
        ([1, -7], {4: KID}, Reason.MALFORMED),
        (b"\xa1\x01", {4: KID}, Reason.MALFORMED),
        (b"\xa0\x00", {1: -7, 4: KID}, Reason.MALFORMED),
        ({1: -7, 4: KID, 2: [-70000], -70000: 1}, {}, Reason.MALFORMED),
        ({1: -7, 4: KID, 2: []}, {}, Reason.MALFORMED),
        ({1: -7, 4: KID, 2: 1}, {}, Reason.MALFORMED),
        ({1: -7, 4: KID}, [], Reason.MALFORMED),
        ({1: -7, 4: KID}, None, Reason.MALFORMED),
    ],
)
def test_headers_that_lead_to_no_key_or_make_no_sense(protected: object, unprotected: object, reason: Reason) -> None:
    assert opened(cbor2.dumps(CBORTag(18, signed(protected, unprotected))), OFFICE) is reason


def test_a_detached_payload_and_a_payload_that_is_no_bytes_are_malformed() -> None:
    header, unprotected, _, signature = signed({1: -7, 4: KID}, {})
    for payload in (None, "hello", [b"hello"]):
        assert opened(cbor2.dumps([header, unprotected, payload, signature]), OFFICE) is Reason.MALFORMED


def test_every_key_with_the_kid_is_tried() -> None:
    strangers = [trusted(ec.generate_private_key(ec.SECP256R1()).public_key()) for _ in range(3)]
    message = cose.sign(b"hello", key=P256, kid=KID)
    assert opened(message, *strangers, OFFICE) == b"hello"
    assert opened(message, *strangers) is Reason.BAD_SIGNATURE
    assert opened(message) is Reason.UNKNOWN_ISSUER


def test_anything_behind_the_message_is_malformed() -> None:
    assert opened(cose.sign(b"hello", key=P256, kid=KID) + b"\0", OFFICE) is Reason.MALFORMED


def test_a_message_beyond_the_cap_is_too_large() -> None:
    message = cose.sign(bytes(cose.MAX_MESSAGE_BYTES), key=P256, kid=KID)
    assert opened(message, OFFICE) is Reason.TOO_LARGE
    assert isinstance(cose.parse(message, len(message)), cose.Sign1)


@pytest.mark.parametrize(
    "bomb",
    [
        bytes.fromhex("9b7fffffffffffffff"),
        bytes.fromhex("5b7fffffffffffffff"),
        bytes.fromhex("bb0000010000000000"),
        b"\x81" * 10_000,
        b"\xc1" * 10_000,
        b"\xd8\x1c" * 5_000,
        bytes.fromhex("d81c81d81d00"),
        bytes.fromhex("c482193b9a01"),
        bytes.fromhex("d8236328612b292b"),
        b"\x9f" * 10_000,
        b"\xff",
        b"",
    ],
)
def test_bombs_and_cycles_are_malformed(bomb: bytes) -> None:
    assert opened(bomb, OFFICE) is Reason.MALFORMED


@given(st.binary(max_size=400))
def test_any_bytes_are_answered(message: bytes) -> None:
    assert isinstance(opened(message, OFFICE), Reason)


HEADERS = st.dictionaries(
    st.integers(-8, 8) | st.text(max_size=3),
    st.integers() | st.binary(max_size=9) | st.none() | st.lists(st.integers(), max_size=3) | st.floats(),
    max_size=4,
)


@given(HEADERS, HEADERS, st.binary(max_size=70), st.sampled_from([None, 18, 61, 98]))
def test_any_headers_are_answered(protected: object, unprotected: object, signature: bytes, tag: int | None) -> None:
    parts: object = [cbor2.dumps(protected), unprotected, b"hello", signature]
    message = cbor2.dumps(parts if tag is None else CBORTag(tag, parts))
    assert isinstance(opened(message, OFFICE), Reason)


@settings(max_examples=40)
@given(st.recursive(st.none() | st.floats() | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner)))
def test_any_signed_claims_are_answered(claims: object) -> None:
    message = cose.sign(cbor2.dumps(claims), key=P256, kid=KID)
    context = ReadContext(from_iso("2026-11-22T00:00:00Z"), Trust.of([OFFICE]))
    assert cwt.open_token(message, "any", context) is Reason.SCHEMA
