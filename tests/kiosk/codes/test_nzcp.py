from __future__ import annotations

import base64
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import cbor2
import pytest
from cbor2 import CBORTag
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from kiosk import codes
from kiosk.codes import IssuerKey, ReadContext, Revoked, Trust, jwk, trust_items
from kiosk.codes.algorithms import BY_NAME
from kiosk.model import HealthCode, Holder, Reason, Verification

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
ISSUER = "did:web:health.example.nz"
PRIVATE = ec.generate_private_key(ec.SECP256R1())
PUBLIC = PRIVATE.public_key()
JACK = Holder(name="Jack Sparrow", birth_date="1960-04-16")
CTI = uuid.UUID("60a4f54d-4e30-4332-be33-ad78b1eafa4b")
SUBJECT = {"givenName": "Jack", "familyName": "Sparrow", "dob": "1960-04-16"}
VC: dict[str, Any] = {
    "@context": ["https://www.w3.org/2018/credentials/v1", "https://nzcp.covid19.health.nz/contexts/v1"],
    "version": "1.0.0",
    "type": ["VerifiableCredential", "PublicCovidPass"],
    "credentialSubject": SUBJECT,
}
CLAIMS: dict[Any, Any] = {
    1: ISSUER,
    5: int((NOON - timedelta(days=1)).timestamp()),
    4: int((NOON + timedelta(days=1)).timestamp()),
    7: CTI.bytes,
    "vc": VC,
}
HEADER: dict[int, Any] = {4: b"key-1", 1: -7}


def issue(
    claims: object = CLAIMS, protected: dict[int, Any] = HEADER, unprotected: dict[int, Any] | None = None
) -> str:
    header, payload = cbor2.dumps(protected), cbor2.dumps(claims)
    signature = BY_NAME["ES256"].sign(PRIVATE, cbor2.dumps(["Signature1", header, b"", payload]))
    message = cbor2.dumps(CBORTag(18, [header, unprotected or {}, payload, signature]))
    return "NZCP:/1/" + base64.b32encode(message).decode().rstrip("=")


def read(text: str, at: datetime = NOON, revoked: Revoked | None = None, **changes: Any) -> HealthCode:
    known: dict[str, Any] = {"kid": b"key-1", "alg": "ES256", "issuer": ISSUER, **changes}
    trust = Trust.of([IssuerKey("nz-covid-pass", key=PUBLIC, **known)])
    return codes.read(text, ReadContext(at, trust, revoked or Revoked.none()))


def test_a_pass_says_who_holds_it_and_how_long() -> None:
    code = read(issue())
    assert (code.scheme, code.verification, code.reason) == ("nz-covid-pass", Verification.VERIFIED, None)
    assert (code.holder, code.issuer, code.level.value) == (JACK, ISSUER, "none")
    assert (code.valid_from, code.valid_until) == (NOON - timedelta(days=1), NOON + timedelta(days=1))
    assert code.serial == "urn:uuid:60a4f54d-4e30-4332-be33-ad78b1eafa4b"


@pytest.mark.parametrize(
    ("days", "reason"), [(-2, Reason.NOT_YET_VALID), (-1, None), (0, None), (1, Reason.EXPIRED), (2, Reason.EXPIRED)]
)
def test_a_pass_is_judged_at_the_time_told(days: int, reason: Reason | None) -> None:
    code = read(issue(), NOON + timedelta(days=days))
    assert (code.reason, code.holder) == (reason, JACK)


def test_a_pass_is_revoked_by_its_urn() -> None:
    code = read(issue(), revoked=Revoked({"nz-covid-pass": [f"urn:uuid:{CTI}"]}))
    assert (code.reason, code.holder) == (Reason.REVOKED, JACK)


@pytest.mark.parametrize(
    ("protected", "unprotected", "reason"),
    [
        ({4: "key-1", 1: -7}, {}, None),  # as the specification has it
        ({4: b"key-2", 1: -7}, {}, Reason.UNKNOWN_ISSUER),
        ({1: -7}, {4: b"key-1"}, Reason.MALFORMED),
        ({4: b"key-1"}, {1: -7}, Reason.MALFORMED),
        ({1: -7}, {}, Reason.UNKNOWN_ISSUER),
        ({4: b"key-1", 1: -35}, {}, Reason.BAD_SIGNATURE),
        ({4: b"key-1", 1: -8}, {}, Reason.BAD_SIGNATURE),
        ({4: b"key-1", 1: -7, 2: [99], 99: 1}, {}, Reason.MALFORMED),
    ],
)
def test_algorithm_and_key_are_named_under_the_signature(
    protected: dict[int, Any], unprotected: dict[int, Any], reason: Reason | None
) -> None:
    assert read(issue(protected=protected, unprotected=unprotected)).reason is reason


def test_a_key_counts_for_the_issuer_it_was_given_for_and_what_it_may() -> None:
    assert read(issue(), issuer="did:web:other.example").reason is Reason.UNKNOWN_ISSUER
    assert read(issue(), kid=b"key-2").kid == b"key-1".hex()
    assert read(issue(), issuer="").reason is None
    assert read(issue(), usage=frozenset({"assertionMethod"})).reason is None
    assert read(issue(), usage=frozenset({"authentication"})).reason is Reason.WRONG_USAGE
    assert read(issue(), valid_until=NOON - timedelta(days=1)).reason is Reason.EXPIRED


@pytest.mark.parametrize("named", [{}, {"kid": "key-1"}, {"kid": f"{ISSUER}#key-1"}, {"issuer": ISSUER}])
def test_a_key_given_by_hand_verifies_passes(named: dict[str, str]) -> None:
    context = ReadContext(NOON, Trust.of(trust_items.keys(jwk.from_public_key(PUBLIC) | named)))
    assert codes.read(issue(), context).verification is Verification.VERIFIED
    foreign = codes.read(issue(CLAIMS | {1: "did:web:other.example"}), context)
    bound = named not in ({}, {"kid": "key-1"})
    assert foreign.reason is (Reason.UNKNOWN_ISSUER if bound else None)


@pytest.mark.parametrize(
    "claims",
    [
        CLAIMS | {1: "https://health.example.nz"},
        CLAIMS | {1: 5},
        {key: value for key, value in CLAIMS.items() if key != 4},
        {key: value for key, value in CLAIMS.items() if key != 5},
        {key: value for key, value in CLAIMS.items() if key != 7},
        {key: value for key, value in CLAIMS.items() if key != "vc"},
        CLAIMS | {4: "tomorrow"},
        CLAIMS | {7: b"short"},
        CLAIMS | {"vc": [VC]},
        CLAIMS | {"vc": VC | {"@context": []}},
        CLAIMS | {"vc": VC | {"@context": "https://www.w3.org/2018/credentials/v1"}},
        CLAIMS | {"vc": VC | {"type": ["VerifiableCredential"]}},
        CLAIMS | {"vc": VC | {"type": ["PublicCovidPass", "VerifiableCredential"]}},
        CLAIMS | {"vc": VC | {"version": "2.0.0"}},
        CLAIMS | {"vc": VC | {"version": 1}},
        CLAIMS | {"vc": VC | {"credentialSubject": []}},
        CLAIMS | {"vc": VC | {"credentialSubject": SUBJECT | {"givenName": ""}}},
        CLAIMS | {"vc": VC | {"credentialSubject": SUBJECT | {"givenName": "J" * 101}}},
        CLAIMS | {"vc": VC | {"credentialSubject": SUBJECT | {"familyName": 5}}},
        CLAIMS | {"vc": VC | {"credentialSubject": SUBJECT | {"dob": "16/04/1960"}}},
        CLAIMS | {"vc": VC | {"credentialSubject": SUBJECT | {"dob": "1960-02-30"}}},
        CLAIMS | {"vc": VC | {"credentialSubject": SUBJECT | {"dob": "1960"}}},
    ],
)
def test_claims_that_are_missing_or_of_another_kind_are_schema(claims: dict[Any, Any]) -> None:
    code = read(issue(claims), issuer="")
    assert (code.reason, code.holder) == (Reason.SCHEMA, Holder())


def test_a_family_name_may_be_missing() -> None:
    subject = {"givenName": "Teller", "dob": "1948-02-14"}
    assert read(issue(CLAIMS | {"vc": VC | {"credentialSubject": subject}})).holder.name == "Teller"


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("/1/", "/2/"),
        lambda text: text.replace("/1/", "/"),
        lambda text: text.replace("/1/", "/01/"),
        lambda text: text.lower().replace("nzcp", "NZCP"),
        lambda text: text + "=",
        lambda text: text + " ",
        lambda text: text + "A",
        lambda text: text[:40],
        lambda text: "NZCP:/1/",
        lambda text: "NZCP:/",
    ],
)
def test_another_form_is_malformed(change: Any) -> None:
    assert read(change(issue())).reason is Reason.MALFORMED


def test_a_changed_pass_is_not_the_issuers() -> None:
    text = issue()
    message = bytearray(base64.b32decode(text[8:] + "=" * (-len(text[8:]) % 8)))
    for place in (-1, -70):  # the signature, the holder's birthday
        changed = bytearray(message)
        changed[place] ^= 1
        altered = "NZCP:/1/" + base64.b32encode(bytes(changed)).decode().rstrip("=")
        assert read(altered).reason is Reason.BAD_SIGNATURE
    other = ec.generate_private_key(ec.SECP256R1()).public_key()
    trust = Trust.of([IssuerKey("nz-covid-pass", b"key-1", other, "ES256", ISSUER)])
    assert codes.read(text, ReadContext(NOON, trust)).reason is Reason.BAD_SIGNATURE


@given(st.text() | st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"))
def test_any_text_is_answered(text: str) -> None:
    for prefix in ("NZCP:/", "NZCP:/1/"):
        assert read(prefix + text).verification is Verification.FAILED


@given(
    st.recursive(
        st.none() | st.integers() | st.floats() | st.text(max_size=5) | st.binary(max_size=5),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5) | st.integers(), inner),
        max_leaves=12,
    )
)
def test_any_signed_claims_are_answered(claims: Any) -> None:
    assert read(issue(claims), issuer="").reason is not None
    assert read(issue(CLAIMS | {"vc": claims})).reason is Reason.SCHEMA
    assert read(issue(CLAIMS | {"vc": VC | {"credentialSubject": claims}})).reason is Reason.SCHEMA
