from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import segno
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from hypothesis import given
from hypothesis import strategies as st

from kiosk import codes
from kiosk.codes import ReadContext, Revoked, Trust, base45, cwt, jwk, office_pass
from kiosk.model import HealthCode, Holder, Level, Reason, Verification

from .conftest import CLAIMS, NOON, StreetOffice


def test_a_good_pass_says_who_may_come_in_and_nothing_of_health(office: StreetOffice) -> None:
    assert codes.read(office.issue(), office.context()) == HealthCode(
        scheme="office-pass",
        level=Level.NONE,
        holder=Holder(name="王小明", id_last4="123X", household="3栋2单元501"),
        issuer="青山街道",
        valid_from=CLAIMS.valid_from,
        valid_until=CLAIMS.valid_until,
        verification=Verification.VERIFIED,
        serial=bytes(range(16)).hex(),
        kind="resident",
    )


def test_a_pass_fits_a_symbol_that_can_be_read_from_four_centimetres_of_paper(office: StreetOffice) -> None:
    symbol = segno.make(office.issue(), error="m", boost_error=False)
    assert (symbol.mode, symbol.version <= 11) == ("alphanumeric", True)


def test_a_pass_says_what_it_was_made_for_and_an_older_one_does_not(office: StreetOffice) -> None:
    for medium in ("phone", "paper", ""):
        text = office.issue(medium=medium)
        assert codes.read(text, office.context()).medium == medium
        assert segno.make(text, error="m", boost_error=False).version <= 11


def test_what_would_not_fit_a_readable_symbol_is_not_issued(office: StreetOffice) -> None:
    longest = next(length for length in range(60, 0, -1) if _fits(office, "王" * length))
    assert segno.make(office.issue(name="王" * longest), error="m", boost_error=False).version == 11
    with pytest.raises(ValueError, match="too long for a symbol"):
        office.issue(name="王" * (longest + 1))


def _fits(office: StreetOffice, name: str) -> bool:
    try:
        return bool(office.issue(name=name))
    except ValueError:
        return False


@pytest.mark.parametrize("last4", ["0T47", "123X", "0042", ""])
def test_the_last_four_of_any_document_can_stand_in_a_pass(office: StreetOffice, last4: str) -> None:
    assert codes.read(office.issue(id_last4=last4), office.context()).holder.id_last4 == last4


def test_empty_household_and_digits_are_left_out_of_the_symbol(office: StreetOffice) -> None:
    text = office.issue(household="", id_last4="", kind="visitor")
    assert len(text) < len(office.issue())
    assert codes.read(text, office.context()).holder == Holder(name="王小明")


@pytest.mark.parametrize(
    ("shift", "reason"),
    [
        (-timedelta(seconds=1), Reason.NOT_YET_VALID),
        (timedelta(0), None),
        (timedelta(days=14, seconds=-1), None),
        (timedelta(days=14), Reason.EXPIRED),
    ],
)
def test_a_pass_is_good_from_its_first_second_until_before_its_last(
    office: StreetOffice, shift: timedelta, reason: Reason | None
) -> None:
    code = codes.read(office.issue(), office.context(CLAIMS.valid_from + shift))
    assert code.reason is reason
    assert code.verification is (Verification.FAILED if reason else Verification.VERIFIED)
    assert code.holder.name == "王小明"


def test_a_forged_pass_is_a_bad_signature_and_tells_nobodys_name(office: StreetOffice) -> None:
    forger = ec.generate_private_key(ec.SECP256R1())
    forged = office_pass.issue(CLAIMS, forger, kid=jwk.key_id(office.private.public_key()))
    code = codes.read(forged, office.context())
    assert (code.verification, code.reason, code.holder) == (Verification.FAILED, Reason.BAD_SIGNATURE, Holder())


def test_an_altered_pass_is_refused_wherever_it_was_altered(office: StreetOffice) -> None:
    message = base45.decode(office.issue().removeprefix("GP1:"))
    for place in range(len(message)):
        altered = bytes([*message[:place], message[place] ^ 1, *message[place + 1 :]])
        code = codes.read("GP1:" + base45.encode(altered), office.context())
        assert code.verification is Verification.FAILED, place


def test_a_pass_of_an_office_we_do_not_trust_is_of_an_unknown_issuer(office: StreetOffice) -> None:
    assert codes.read(StreetOffice().issue(), office.context()).reason is Reason.UNKNOWN_ISSUER
    assert codes.read(office.issue(), ReadContext(NOON)).reason is Reason.UNKNOWN_ISSUER


def test_of_an_unknown_issuer_the_key_id_is_told_and_nothing_else(office: StreetOffice) -> None:
    code = codes.read(office.issue(), ReadContext(NOON))
    assert (code.kid, code.holder.name, code.issuer) == (office.key.kid.hex(), "", "")
    assert codes.read(office.issue(), office.context()).kid == ""


def test_a_revoked_pass_is_refused_and_says_whose_it_was(office: StreetOffice) -> None:
    revoked = Revoked({"office-pass": [bytes(range(16)).hex().upper()]})
    code = codes.read(office.issue(), office.context(revoked=revoked))
    assert (code.verification, code.reason, code.holder.name) == (Verification.FAILED, Reason.REVOKED, "王小明")


def test_revoking_counts_more_than_expiring(office: StreetOffice) -> None:
    revoked = Revoked({"office-pass": [bytes(range(16)).hex()]})
    code = codes.read(office.issue(), office.context(NOON + timedelta(days=300), revoked=revoked))
    assert code.reason is Reason.REVOKED


def test_another_schemes_revoked_serial_is_not_ours(office: StreetOffice) -> None:
    revoked = Revoked({"nzcp": [bytes(range(16)).hex()]})
    assert codes.read(office.issue(), office.context(revoked=revoked)).reason is None


def test_a_demonstration_key_counts_only_in_a_demonstration(office: StreetOffice) -> None:
    trust = Trust.of([replace(office.key, demo=True)])
    shown = codes.read(office.issue(), ReadContext(NOON, trust, demo=True))
    assert (shown.verification, shown.demo) == (Verification.VERIFIED, True)
    assert codes.read(office.issue(), ReadContext(NOON, trust)).reason is Reason.UNKNOWN_ISSUER


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"valid_until": NOON}, None),
        ({"valid_until": NOON - timedelta(seconds=1)}, Reason.EXPIRED),
        ({"valid_from": NOON}, None),
        ({"valid_from": NOON + timedelta(seconds=1)}, Reason.NOT_YET_VALID),
        ({"usage": frozenset({"pass"})}, None),
        ({"usage": frozenset({"1.3.6.1.4.1.1847.2021.1.1"})}, Reason.WRONG_USAGE),
    ],
)
def test_the_issuers_key_must_itself_be_in_force_and_meant_for_passes(
    office: StreetOffice, changes: dict[str, object], reason: Reason | None
) -> None:
    trust = Trust.of([replace(office.key, **changes)])  # type: ignore[arg-type]
    assert codes.read(office.issue(), ReadContext(NOON, trust)).reason is reason


def test_a_key_of_another_scheme_does_not_vouch_for_a_pass(office: StreetOffice) -> None:
    trust = Trust.of([replace(office.key, scheme="eu-dcc")])
    assert codes.read(office.issue(), ReadContext(NOON, trust)).reason is Reason.UNKNOWN_ISSUER


def test_every_key_with_the_same_kid_is_tried(office: StreetOffice) -> None:
    stranger = replace(StreetOffice().key, kid=office.key.kid)
    ended = replace(office.key, valid_until=NOON - timedelta(days=1))
    trust = Trust.of([stranger, ended, office.key])
    assert codes.read(office.issue(), ReadContext(NOON, trust)).verification is Verification.VERIFIED


def test_another_algorithm_serves_as_well() -> None:
    office = StreetOffice(ed25519.Ed25519PrivateKey.generate())
    assert codes.read(office.issue(), office.context()).verification is Verification.VERIFIED


@pytest.mark.parametrize(
    "changes",
    [
        {"serial": b"short"},
        {"name": ""},
        {"name": "王" * 61},
        {"name": "a\nb"},
        {"issuer": ""},
        {"household": "x" * 61},
        {"id_last4": "12"},
        {"id_last4": "12345"},
        {"id_last4": "123x"},
        {"kind": "king"},
        {"medium": "stone"},
        {"valid_from": CLAIMS.valid_until},
        {"valid_from": NOON.replace(tzinfo=None)},
    ],
)
def test_what_could_not_be_read_again_is_not_issued(office: StreetOffice, changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(changes))):
        office.issue(**changes)


_GOOD = {cwt.ISS: "x", cwt.EXP: 4e9, cwt.NBF: 0, cwt.CTI: bytes(16), -65537: {1: "王", 4: "visitor"}}


def _signed(office: StreetOffice, claims: dict[int, object]) -> str:
    message = cwt.seal_token(claims, key=office.private, kid=office.key.kid)
    return "GP1:" + base45.encode(message)


def test_the_smallest_pass_is_read(office: StreetOffice) -> None:
    code = codes.read(_signed(office, _GOOD), office.context())
    assert (code.verification, code.holder, code.kind) == (Verification.VERIFIED, Holder(name="王"), "visitor")


@pytest.mark.parametrize(
    "wrong",
    [
        {cwt.EXP: None},
        {cwt.EXP: "tomorrow"},
        {cwt.EXP: float("nan")},
        {cwt.EXP: float("inf")},
        {cwt.EXP: 2**63},
        {cwt.EXP: True},
        {cwt.NBF: None},
        {cwt.ISS: 7},
        {cwt.CTI: bytes(15)},
        {cwt.CTI: "text"},
        {-65537: None},
        {-65537: ["王"]},
        {-65537: {4: "visitor"}},
        {-65537: {1: 5, 4: "visitor"}},
        {-65537: {1: "王\u202e", 4: "visitor"}},
        {-65537: {1: "王", 4: ["visitor"]}},
        {-65537: {1: "王", 4: "visitor", 2: 1234}},
        {-65537: {1: "王", 4: "visitor", 2: "１２３４"}},
        {-65537: {1: "王", 4: "visitor", 3: b"\x00"}},
        {-65537: {1: "王", 4: "visitor", 5: "stone"}},
        {-65537: {1: "王", 4: "visitor", 5: ["paper"]}},
    ],
)
def test_a_signed_pass_whose_claims_are_not_ours_fails_the_schema(
    office: StreetOffice, wrong: dict[int, object]
) -> None:
    assert codes.read(_signed(office, _GOOD | wrong), office.context()).reason is Reason.SCHEMA


def test_a_pass_issued_in_the_future_is_not_yet_valid(office: StreetOffice) -> None:
    later = _GOOD | {cwt.IAT: NOON.timestamp() + 1}
    assert codes.read(_signed(office, later), office.context()).reason is Reason.NOT_YET_VALID


@pytest.mark.parametrize("rest", ["", "A", "abc", "A\n", ":::", "FGW", "\ud800", "六六六", " " * 99])
def test_what_is_not_base45_of_a_message_is_malformed(office: StreetOffice, rest: str) -> None:
    assert codes.read("GP1:" + rest, office.context()).reason is Reason.MALFORMED


def test_an_overlong_pass_is_too_large(office: StreetOffice) -> None:
    assert codes.read("GP1:" + "0" * 5000, office.context()).reason is Reason.TOO_LARGE


def test_a_scanned_pass_has_its_number_and_no_other_code_has_one(office: StreetOffice) -> None:
    scanned = codes.read(office.issue(), office.context())
    assert office_pass.number_of(scanned) == office_pass.number(CLAIMS.serial) == "9573-1361-2953"
    for other in (None, codes.read("GL1:green", office.context()), codes.read("GP1:broken", office.context())):
        assert office_pass.number_of(other) == ""


@given(st.binary(min_size=16, max_size=16))
def test_a_pass_number_is_read_back_however_it_is_typed(serial: bytes) -> None:
    number = office_pass.number(serial)
    wide = number.translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"})
    for typed in (number, number.replace("-", ""), number.replace("-", " "), wide):
        assert office_pass.read_number(typed) == number


@given(st.binary(min_size=16, max_size=16), st.integers(0, 11), st.integers(1, 9))
def test_one_wrong_digit_is_no_pass_number(serial: bytes, place: int, off: int) -> None:
    digits = office_pass.number(serial).replace("-", "")
    wrong = digits[:place] + str((int(digits[place]) + off) % 10) + digits[place + 1 :]
    assert office_pass.read_number(wrong) is None


@pytest.mark.parametrize("typed", ["", "13812348000", "110101199003074321", "12345678901X", "١٢٣٤٥٦٧٨٩٠١٢", "0" * 13])
def test_what_is_no_pass_number_is_none(typed: str) -> None:
    assert office_pass.read_number(typed) is None


def test_the_check_digit_is_that_of_the_standard() -> None:
    assert office_pass._check_digit("79462") == "3", "the example of ISO/IEC 7064, MOD 11,10"
