"""A certificate's whole way from text to HealthCode."""

from __future__ import annotations

import zlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cbor2 import CBOREncodeError, CBORTag
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given
from hypothesis import strategies as st

from kiosk import codes
from kiosk.codes import ReadContext, Revoked, Trust, base45, cbor, cose
from kiosk.codes.dcc import hashes
from kiosk.codes.revocation import HashList, compact
from kiosk.model import HealthCode, Holder, LabTest, Level, Reason, Recovery, Vaccination, Verification

from ..ministry import (
    NOON,
    RECOVERIES,
    TESTS,
    UVCI,
    VACCINATIONS,
    Ministry,
    payload,
    text,
)

MINISTRY = Ministry()
CONTEXT = MINISTRY.context()


def read(ministry: Ministry = MINISTRY, shown: Any = None, **changes: Any) -> HealthCode:
    return codes.read(ministry.issue(shown, **changes), ministry.context())


def test_a_vaccination_says_who_what_and_until_when() -> None:
    shown = payload("v")
    code = read(shown=shown)
    assert replace(code, certificate=None) == HealthCode(
        scheme="eu-dcc",
        level=Level.NONE,
        holder=Holder(name="Erika Maria Mustermann", birth_date="1998-02-26"),
        vaccinations=(Vaccination("EU/1/20/1528", 2, 2, "2021-02-18"),),
        issuer="AT",
        valid_from=NOON - timedelta(days=1),
        valid_until=NOON + timedelta(days=30),
        verification=Verification.VERIFIED,
        serial=UVCI,
    )
    assert code.certificate is not None
    assert code.certificate["payload"] == shown
    assert (code.certificate["kind"], code.certificate["country"]) == ("vaccination", "AT")


@pytest.mark.parametrize(
    ("entry", "kind", "result"),
    [
        ({}, "pcr", "negative"),
        ({"tt": "LP217198-3", "tr": "260373001"}, "antigen", "positive"),
        ({"tt": "94504-8", "tr": "455371000124106"}, "94504-8", "unknown"),
    ],
)
def test_a_test_says_its_kind_time_and_result(entry: dict[str, Any], kind: str, result: str) -> None:
    taken_at = datetime(2021, 11, 21, 10, 34, 56, tzinfo=UTC)
    code = read(shown=payload("t", entry=entry))
    assert code.tests == (LabTest(kind, taken_at, result),)


def test_a_recovery_says_its_three_days() -> None:
    code = read(shown=payload("r"))
    assert code.recoveries == (Recovery("2021-02-20", "2021-04-04", "2021-10-04"),)
    assert (code.tests, code.vaccinations) == ((), ())


@pytest.mark.parametrize(
    ("name", "version", "written"),
    [
        ({"fn": "Goessinger", "fnt": "GOESSINGER"}, "1.0.0", "Goessinger"),
        ({"fnt": "DCERVENKOVA<PANKLOVA", "gnt": "JIRINA<MARIA"}, "1.0.0", "JIRINA MARIA DCERVENKOVA PANKLOVA"),
        ({"gn": "Kim", "gnt": "KIM"}, "1.3.3", "Kim"),
        ({"fn": "王", "fnt": "WANG", "gn": "小明", "gnt": "XIAOMING"}, "1.3.0", "王小明"),
        ({"fn": " X\u0000\u202ey ", "fnt": "XY"}, "1.3.0", "X y"),
        ({"fn": "", "fnt": "LI"}, "1.3.0", "LI"),
    ],
)
def test_the_holder_is_named_as_they_write_it(name: dict[str, str], version: str, written: str) -> None:
    assert read(shown=payload("v", version, nam=name)).holder.name == written


@pytest.mark.parametrize(
    ("dob", "known"),
    [("1950", "1950"), ("1901-08", "1901-08"), ("", ""), ("1979-00-00", "1979"), ("1979-04-00", "1979-04")],
)
def test_as_much_of_a_birth_date_as_is_known(dob: str, known: str) -> None:
    assert read(shown=payload("v", dob=dob)).holder.birth_date == known


def test_both_signature_algorithms_are_taken() -> None:
    for private in (ec.generate_private_key(ec.SECP256R1()), rsa.generate_private_key(65537, 2048)):
        assert read(Ministry(private)).verification is Verification.VERIFIED


@pytest.mark.parametrize(
    ("tags", "taken"), [((), True), ((18,), True), ((18, 61), True), ((61,), True), ((18, 18), False)]
)
def test_a_message_wears_one_tag_or_none(tags: tuple[int, ...], taken: bool) -> None:
    code = read(tags=tags)
    assert (code.verification is Verification.VERIFIED) is taken
    assert code.reason is (None if taken else Reason.MALFORMED)


def test_headers_are_read_protected_first() -> None:
    kid, other = MINISTRY.kid, b"\x00" * 8
    cases: list[tuple[Any, Any, Reason | None]] = [
        ({1: -7, 4: kid}, {}, None),
        ({1: -7}, {4: kid}, None),
        ({1: -7, 4: kid}, {4: other}, None),
        ({1: -7, 4: other}, {4: kid}, Reason.UNKNOWN_ISSUER),
        ({1: -7}, {}, Reason.UNKNOWN_ISSUER),
        (b"\xa0", {1: -7, 4: kid}, None),
        (b"", {1: -7, 4: kid}, None),
        ({1: -37, 4: kid}, {}, Reason.BAD_SIGNATURE),
        ({1: -37}, {1: -7, 4: kid}, Reason.BAD_SIGNATURE),
    ]
    for protected, unprotected, reason in cases:
        assert read(protected=protected, unprotected=unprotected).reason is reason, (protected, unprotected)


def test_an_unknown_issuers_key_is_named() -> None:
    code = codes.read(MINISTRY.issue(), ReadContext(NOON))
    assert (code.reason, code.kid, code.holder) == (Reason.UNKNOWN_ISSUER, MINISTRY.kid.hex(), Holder())


def test_every_key_of_a_kid_is_tried() -> None:
    (own,) = CONTEXT.keys("eu-dcc", MINISTRY.kid)
    other = replace(own, key=ec.generate_private_key(ec.SECP256R1()).public_key())
    for keys in ([other, own], [own, other]):
        assert codes.read(MINISTRY.issue(), ReadContext(NOON, Trust.of(keys))).verification is Verification.VERIFIED
    assert codes.read(MINISTRY.issue(), ReadContext(NOON, Trust.of([other]))).reason is Reason.BAD_SIGNATURE


@pytest.mark.parametrize("arc", ["1.3.6.1.4.1.1847.2021.1", "1.3.6.1.4.1.0.1847.2021.1"])
@pytest.mark.parametrize(("number", "group"), [(1, "t"), (2, "v"), (3, "r")])
def test_a_key_vouches_only_for_the_kinds_its_certificate_names(arc: str, number: int, group: str) -> None:
    ministry = Ministry(usages=(f"{arc}.{number}", "1.3.6.1.5.5.7.3.1"))
    for shown in "vtr":
        expected = None if shown == group else Reason.WRONG_USAGE
        assert read(ministry, payload(shown)).reason is expected


def test_a_key_whose_certificate_names_none_of_the_kinds_vouches_for_all() -> None:
    for usages in ((), ("1.3.6.1.5.5.7.3.1",), (TESTS, VACCINATIONS, RECOVERIES)):
        assert read(Ministry(usages=usages)).reason is None


def seconds(at: datetime) -> float:
    return at.timestamp()


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({6: seconds(NOON)}, None),
        ({6: seconds(NOON) + 0.5}, Reason.NOT_YET_VALID),
        ({6: int(seconds(NOON)) + 1}, Reason.NOT_YET_VALID),
        ({4: seconds(NOON)}, None),
        ({4: int(seconds(NOON))}, None),
        ({4: seconds(NOON) - 0.5}, Reason.EXPIRED),
        ({5: int(seconds(NOON)) + 1}, Reason.NOT_YET_VALID),
        ({6: ...}, None),
        ({4: ...}, Reason.SCHEMA),
        ({4: "2021-12-01"}, Reason.SCHEMA),
        ({4: float("nan")}, Reason.SCHEMA),
        ({4: 2**70}, Reason.SCHEMA),
        ({1: 7}, Reason.SCHEMA),
        ({1: ...}, None),
        ({-260: ...}, Reason.SCHEMA),
        ({-260: {2: payload()}}, Reason.SCHEMA),
        ({-260: [payload()]}, Reason.SCHEMA),
    ],
)
def test_claims_are_judged_at_the_time_that_is_passed_in(claims: dict[int, Any], reason: Reason | None) -> None:
    assert read(claims=claims).reason is reason


def test_an_expired_certificate_still_says_whose_it_is() -> None:
    code = codes.read(MINISTRY.issue(), MINISTRY.context(NOON + timedelta(days=31)))
    assert (code.verification, code.reason, code.holder.birth_date) == (
        Verification.FAILED,
        Reason.EXPIRED,
        "1998-02-26",
    )


def test_the_signers_own_validity_counts() -> None:
    for valid, reason in (
        ((NOON, NOON), None),
        ((NOON - timedelta(days=9), NOON - timedelta(seconds=1)), Reason.EXPIRED),
        ((NOON + timedelta(seconds=1), NOON + timedelta(days=9)), Reason.NOT_YET_VALID),
    ):
        assert read(Ministry(valid=valid)).reason is reason


def test_a_revoked_certificate_fails_and_a_perhaps_revoked_one_waits_for_a_person() -> None:
    exactly = MINISTRY.context(revoked=Revoked({"eu-dcc": [UVCI]}))
    assert codes.read(MINISTRY.issue(), exactly).reason is Reason.REVOKED
    message = MINISTRY.message(payload())
    signed = cose.parse(message)
    assert not isinstance(signed, Reason)
    for digest in hashes.of(UVCI, "AT", signed):
        listed = Revoked().with_hashes(HashList(compact("eu-dcc", [digest])))
        code = codes.read(text(message), MINISTRY.context(revoked=listed))
        assert (code.verification, code.reason) == (Verification.UNVERIFIED, Reason.POSSIBLY_REVOKED)
        assert code.holder.name
        late = codes.read(text(message), MINISTRY.context(NOON + timedelta(days=60), listed))
        assert (late.verification, late.reason) == (Verification.FAILED, Reason.EXPIRED)


def test_a_date_under_its_tag_is_the_date() -> None:
    tagged = payload("t", entry={"sc": CBORTag(0, "2021-11-21T10:34:56Z")}, dob=CBORTag(1004, "1998-02-26"))
    code = read(shown=tagged)
    assert code.tests[0].taken_at == datetime(2021, 11, 21, 10, 34, 56, tzinfo=UTC)
    assert code.certificate is not None
    assert code.certificate["payload"]["dob"] == "1998-02-26"


BOMB = zlib.compress(bytes(20_000_000))


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ("", Reason.MALFORMED),
        ("HC1:", Reason.MALFORMED),
        (base45.encode(zlib.compress(MINISTRY.message(payload())) + b"\x00"), Reason.MALFORMED),
        (base45.encode(zlib.compress(MINISTRY.message(payload()) + b"\x00")), Reason.MALFORMED),
        (base45.encode(zlib.compress(MINISTRY.message(payload()))[:-1]), Reason.MALFORMED),
        (base45.encode(MINISTRY.message(payload())), Reason.MALFORMED),
        (base45.encode(BOMB[:5000]), Reason.TOO_LARGE),
        (MINISTRY.issue()[4:].lower(), Reason.MALFORMED),
        (MINISTRY.issue(), Reason.MALFORMED),  # the prefix twice
        ("0" * 9000, Reason.TOO_LARGE),
    ],
    ids=range(10),
)
def test_what_departs_from_the_form_is_refused(wrong: str, reason: Reason) -> None:
    assert codes.read("HC1:" + wrong, CONTEXT).reason is reason


@given(at=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_no_changed_bit_goes_unnoticed(at: int, bit: int) -> None:
    message = bytearray(MINISTRY.message(payload()))
    message[at % len(message)] ^= 1 << bit
    code = codes.read(text(bytes(message)), CONTEXT)
    assert code.verification is Verification.FAILED or code.certificate is not None
    if code.verification is Verification.VERIFIED:  # a bit of the unprotected header, or of the tag's number
        assert code.holder == Holder(name="Erika Maria Mustermann", birth_date="1998-02-26")


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9) | st.binary(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*"vtr", "ver", "nam", "fnt", 1]), inner)
    ),
    max_leaves=20,
)


@given(ANYTHING)
def test_anything_a_trusted_issuer_signs_is_answered(shown: Any) -> None:
    claims = {-260: {1: shown}} if encodable(shown) else {-260: 0}
    assert read(claims=claims).reason is Reason.SCHEMA


@given(st.sampled_from("vtr"), st.data(), ANYTHING)
def test_any_one_member_may_be_anything(group: str, data: st.DataObject, value: Any) -> None:
    shown = payload(group)
    place = data.draw(st.sampled_from([shown, shown["nam"] | {}, shown[group][0]]))
    changed = {**place, data.draw(st.sampled_from(sorted(place))): value if encodable(value) else 0}
    if place is shown[group][0]:
        shown[group] = [changed]
    else:
        shown = shown | (changed if "ver" in place else {"nam": changed})
    assert read(shown=shown).reason in (None, Reason.SCHEMA)


def encodable(value: Any) -> bool:
    """Whether CBOR can say it: surrogates cannot be sent at all."""
    try:
        return bool(cbor.encode(value))
    except (UnicodeEncodeError, CBOREncodeError):
        return False
