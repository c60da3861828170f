from __future__ import annotations

import base64
import json
import zlib
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import example, given
from hypothesis import strategies as st

from kiosk import codes
from kiosk.codes import ReadContext, Revoked, Trust, jwk, shc, trust_items
from kiosk.codes.shc import jws
from kiosk.model import HealthCode, Holder, Part, Reason, Vaccination, Verification

from .cards import CLINIC, ISSUED_AT, NOON, PATIENT, Clinic, claims, shot

ANA = Holder(name="Ana M. Rivera", birth_date="1990-05-04")
clinic = Clinic()
stranger = Clinic("https://stranger.example")
KID = clinic.kid


def read(text: str, **changes: Any) -> HealthCode:
    return codes.read(text, clinic.context(**changes))


def sealed(payload: bytes, **header: Any) -> str:
    """A JWS of `payload` as it is, with any header."""
    fields = {name: value for name, value in ({"zip": "DEF", "alg": "ES256", "kid": KID} | header).items() if value}
    parts = [base64.urlsafe_b64encode(part).rstrip(b"=") for part in (json.dumps(fields).encode(), payload)]
    signature = jws._ALGORITHM.sign(clinic.private, b".".join(parts))
    return b".".join([*parts, base64.urlsafe_b64encode(signature).rstrip(b"=")]).decode()


def deflated(content: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(content) + packer.flush()


def minified(content: object) -> bytes:
    return json.dumps(content).encode()


def symbol(message: str) -> str:
    (text,) = shc.write(message)
    return text


GOOD = claims(PATIENT, shot("2021-01-01"))


def test_a_card_says_who_it_is_about_who_vouches_and_since_when() -> None:
    code = read(clinic.text(GOOD | {"exp": (NOON + timedelta(days=1)).timestamp()}))
    assert (code.scheme, code.verification, code.reason) == ("smart-health-card", Verification.VERIFIED, None)
    assert (code.holder, code.issuer, code.level.value) == (ANA, CLINIC, "none")
    assert (code.valid_from, code.valid_until) == (ISSUED_AT, NOON + timedelta(days=1))
    assert code.vaccinations == (Vaccination("Moderna (CVX 207)", 1, 2, "2021-01-01"),)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"exp": NOON.timestamp()}, Reason.EXPIRED),
        ({"exp": NOON.timestamp() + 0.001}, None),
        ({"nbf": NOON.timestamp()}, None),
        ({"nbf": NOON.timestamp() + 1}, Reason.NOT_YET_VALID),
        ({"nbf": ISSUED_AT.timestamp() * 1000}, Reason.SCHEMA),
        ({"exp": NOON.timestamp() * 1000}, Reason.SCHEMA),
        ({"nbf": None}, Reason.SCHEMA),
        ({"nbf": "1622576398"}, Reason.SCHEMA),
        ({"nbf": True}, Reason.SCHEMA),
        ({"exp": [1]}, Reason.SCHEMA),
        ({"nbf": 10**400}, Reason.SCHEMA),
        ({"iss": "http://clinic.example/cards"}, Reason.SCHEMA),
        ({"iss": CLINIC + "/"}, Reason.SCHEMA),
        ({"iss": "https://"}, Reason.SCHEMA),
        ({"iss": None}, Reason.SCHEMA),
        ({"iss": "https://clinic.example/\u202ecards"}, Reason.SCHEMA),
        ({"iss": stranger.url}, Reason.UNKNOWN_ISSUER),
        ({"vc": None}, Reason.SCHEMA),
        ({"vc": {"type": ["https://smarthealth.cards#health-card"]}}, Reason.SCHEMA),
    ],
)
def test_each_claim_is_judged(change: dict[str, Any], reason: Reason | None) -> None:
    code = read(clinic.text(GOOD | change))
    assert code.reason is reason
    assert code.holder == (ANA if reason in (None, Reason.EXPIRED, Reason.NOT_YET_VALID) else Holder())


@pytest.mark.parametrize(
    "vc",
    [
        {"type": ["https://smarthealth.cards#wrong-health-card"]},
        {"type": "https://smarthealth.cards#health-card"},
        {"type": []},
        {"credentialSubject": []},
        {"credentialSubject": {"fhirBundle": {"resourceType": "Bundle", "entry": []}}},
        {"credentialSubject": {"fhirVersion": "3.0.2", "fhirBundle": {"resourceType": "Bundle", "entry": []}}},
        {"credentialSubject": {"fhirVersion": "4.0.1"}},
        {"credentialSubject": {"fhirVersion": "4.0.1", "fhirBundle": {"resourceType": "Patient", "entry": []}}},
        {"rid": "a" * 25},
        {"rid": "a.1"},
        {"rid": 5},
    ],
)
def test_a_credential_that_is_no_health_card_is_schema(vc: dict[str, Any]) -> None:
    assert read(clinic.text(claims(PATIENT, vc=vc))).reason is Reason.SCHEMA


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (sealed(deflated(minified(GOOD))), None),
        (sealed(deflated(minified(GOOD)), alg=None), Reason.MALFORMED),
        (sealed(deflated(minified(GOOD)), alg="ES384"), Reason.BAD_SIGNATURE),
        (sealed(deflated(minified(GOOD)), alg="none"), Reason.BAD_SIGNATURE),
        (sealed(deflated(minified(GOOD)), alg=["ES256"]), Reason.MALFORMED),
        (sealed(deflated(minified(GOOD)), zip=None), Reason.MALFORMED),
        (sealed(deflated(minified(GOOD)), zip="GZ"), Reason.MALFORMED),
        (sealed(minified(GOOD), zip=None), Reason.MALFORMED),
        (sealed(deflated(minified(GOOD)), crit=["b64"], b64=False), Reason.MALFORMED),
        (sealed(deflated(minified(GOOD)), kid=None), Reason.UNKNOWN_ISSUER),
        (sealed(deflated(minified(GOOD)), kid=7), Reason.UNKNOWN_ISSUER),
        (sealed(deflated(minified(GOOD)), kid="\ud800"), Reason.UNKNOWN_ISSUER),
        (sealed(deflated(minified(GOOD)), kid="0" * 43), Reason.UNKNOWN_ISSUER),
        (sealed(minified(GOOD)), Reason.SCHEMA),
        (sealed(zlib.compress(minified(GOOD))), Reason.SCHEMA),
        (sealed(deflated(minified(GOOD)) + b"\0"), Reason.SCHEMA),
        (sealed(deflated(minified(GOOD))[:-3]), Reason.SCHEMA),
        (sealed(deflated(b"\xef\xbb\xbf" + minified(GOOD))), Reason.SCHEMA),
        (sealed(deflated(minified(GOOD).decode().encode("utf-16"))), Reason.SCHEMA),
        (sealed(deflated(minified(GOOD) + b" {}")), Reason.SCHEMA),
        (sealed(deflated(minified(list(GOOD)))), Reason.SCHEMA),
        (sealed(deflated(b"[" * 200_000)), Reason.SCHEMA),
        (sealed(deflated(bytes(50_000_000))), Reason.SCHEMA),
        (sealed(deflated(minified(GOOD | {"nbf": float("nan")}))), Reason.SCHEMA),
        (sealed(deflated(minified(GOOD | {"exp": float("inf")}))), Reason.SCHEMA),
        (sealed(deflated(minified(GOOD).replace(b'"nbf": ', b'"nbf": 1e999, "nbg": '))), Reason.SCHEMA),
        (sealed(deflated(minified(GOOD).replace(b'"nbf": ', b'"nbg": ' + b"9" * 9000 + b', "nbf": '))), Reason.SCHEMA),
    ],
    ids=range(27),
)
def test_a_message_is_taken_only_as_the_format_says(message: str, reason: Reason | None) -> None:
    assert shc.read_jws(message, clinic.context()).reason is reason


def test_a_signature_in_der_or_of_another_key_is_bad() -> None:
    good = shc.issue(GOOD, clinic.private)
    signed, _, _ = good.rpartition(".")
    der = clinic.private.sign(signed.encode(), ec.ECDSA(SHA256()))
    assert (
        read(symbol(f"{signed}.{base64.urlsafe_b64encode(der).rstrip(b'=').decode()}")).reason is Reason.BAD_SIGNATURE
    )
    assert read(symbol(good[:-5] + "AAAA" + good[-1])).reason is Reason.BAD_SIGNATURE
    assert read(symbol(signed + ".")).reason is Reason.BAD_SIGNATURE
    assert read(clinic.text(GOOD), alg="ES384").reason is Reason.BAD_SIGNATURE


@pytest.mark.parametrize("change", [".", "..", "a", "ey", "eyJ9.eyJ9", "e y", "eyJ9.e=.e", "ey+/.e.e", "é"])
def test_what_is_no_compact_jws_is_malformed(change: str) -> None:
    assert shc.read_jws(change, clinic.context()).reason is Reason.MALFORMED


def test_blanks_around_a_message_are_refused() -> None:
    good = shc.issue(GOOD, clinic.private)
    for message in (f"{good}\n", f" {good}", f"{good}.", f"{good}.{good}"):
        assert shc.read_jws(message, clinic.context()).reason is Reason.MALFORMED


def test_a_key_counts_for_the_issuer_it_was_given_for() -> None:
    elsewhere = ReadContext(NOON, Trust.of([clinic.key(issuer=stranger.url), clinic.key()]))
    assert codes.read(clinic.text(GOOD), elsewhere).issuer == CLINIC
    assert read(clinic.text(GOOD), issuer=stranger.url).reason is Reason.UNKNOWN_ISSUER
    assert read(clinic.text(GOOD), issuer=stranger.url).kid == KID.encode().hex()
    assert read(clinic.text(GOOD), issuer="").verification is Verification.VERIFIED


def test_a_key_is_judged_by_its_own_validity_and_usage() -> None:
    assert read(clinic.text(GOOD), valid_until=NOON - timedelta(days=1)).reason is Reason.EXPIRED
    assert read(clinic.text(GOOD), valid_from=NOON + timedelta(days=1)).reason is Reason.NOT_YET_VALID
    assert read(clinic.text(GOOD), usage=frozenset({"pass"})).reason is Reason.WRONG_USAGE
    assert read(clinic.text(GOOD), usage=frozenset({"health-card"})).reason is None
    assert read(clinic.text(GOOD), demo=True).reason is Reason.UNKNOWN_ISSUER


@pytest.mark.parametrize("named", [{}, {"kid": KID}, {"kid": KID, "issuer": CLINIC}])
def test_a_key_given_by_hand_verifies_cards(named: dict[str, str]) -> None:
    item = jwk.from_public_key(clinic.private.public_key()) | named
    context = ReadContext(NOON, Trust.of(trust_items.keys(item)))
    assert codes.read(clinic.text(GOOD), context).verification is Verification.VERIFIED
    foreign = codes.read(clinic.text(GOOD | {"iss": stranger.url}), context)
    assert foreign.reason is (Reason.UNKNOWN_ISSUER if "issuer" in named else None)


def test_cards_are_revoked_by_what_their_issuer_calls_them() -> None:
    card = claims(PATIENT, vc={"rid": "vwAjHdarZuc"})
    issued_s = int(ISSUED_AT.timestamp())
    for entry, reason in [
        ("vwAjHdarZuc", Reason.REVOKED),
        ("vwAjHdarZuC", None),
        (f"vwAjHdarZuc.{issued_s + 1}", Reason.REVOKED),
        (f"vwAjHdarZuc.{issued_s}", None),
    ]:
        listed = shc.serials({"kid": KID, "method": "rid", "ctr": 1, "rids": ["other", entry]})
        code = read(clinic.text(card), revoked=Revoked({"smart-health-card": listed}))
        assert (code.reason, code.holder) == (reason, ANA), entry


@pytest.mark.parametrize("rids", [None, [5], ["a.b"], ["a" * 25], [""], ["x."], "x"])
def test_a_revocation_list_that_cannot_be_read_whole_is_refused(rids: object) -> None:
    with pytest.raises(ValueError, match="revocation"):
        shc.serials({"kid": KID, "method": "rid", "rids": rids})


def test_a_card_without_a_revocation_identifier_is_told_by_its_content() -> None:
    card = shc.issue(GOOD, clinic.private)
    context = clinic.context()
    again, other = shc.issue(GOOD, clinic.private), shc.issue(claims(PATIENT), clinic.private)
    serials = [shc.read_jws(message, context).serial for message in (card, again, other)]
    assert serials[0] == serials[1] != serials[2]
    listed = Revoked({"smart-health-card": serials[:1]})
    assert shc.read_jws(card, clinic.context(revoked=listed)).reason is Reason.REVOKED


def test_one_symbol_of_several_is_incomplete_and_says_which() -> None:
    texts = shc.write(shc.issue(GOOD, clinic.private), 3)
    assert [read(text).part for text in texts] == [Part(number, 3) for number in (1, 2, 3)]
    assert {read(text).reason for text in texts} == {Reason.INCOMPLETE}
    assert {read(text).holder for text in texts} == {Holder()}


@given(st.text() | st.text("0123456789/"))
@example("56762909510950")
@example("1/2/5676" + "9" * 100_000)
@example("1" * 5000 + "/1/56")
def test_any_text_is_answered(text: str) -> None:
    code = read("shc:/" + text)
    assert (code.scheme, code.verification) == ("smart-health-card", Verification.FAILED)
    assert code.reason in (Reason.MALFORMED, Reason.TOO_LARGE, Reason.INCOMPLETE, Reason.UNKNOWN_ISSUER)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=20,
)
fields = st.sampled_from(["iss", "nbf", "exp", "vc", "type", "credentialSubject", "fhirBundle", "fhirVersion", "rid"])


@given(st.dictionaries(fields, anything, max_size=4))
def test_any_signed_claims_are_answered(changes: dict[str, Any]) -> None:
    assert read(symbol(sealed(deflated(minified(GOOD | changes))))).scheme == "smart-health-card"
    assert read(symbol(sealed(deflated(minified(claims(PATIENT, vc=changes)))))).scheme == "smart-health-card"


@given(st.binary(max_size=300))
def test_any_signed_bytes_are_answered(payload: bytes) -> None:
    assert shc.read_jws(sealed(payload), clinic.context()).reason is Reason.SCHEMA
