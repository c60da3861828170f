from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kiosk import codes
from kiosk.codes import base45, registry
from kiosk.model import HealthCode, Holder, Reason, Verification

from .conftest import StreetOffice


def _fails(code: HealthCode) -> bool:
    return code.verification is not Verification.VERIFIED and code.reason is not None


@given(st.text())
@example("")
@example("\x00")
@example("\ud800")
def test_any_text_is_answered_and_never_verified(office: StreetOffice, text: str) -> None:
    assert _fails(codes.read(text, office.context()))


@given(st.sampled_from([scheme.prefix for scheme in registry.SCHEMES]), st.text())
def test_any_text_behind_a_prefix_is_answered_by_its_scheme(office: StreetOffice, prefix: str, rest: str) -> None:
    code = codes.read(prefix + rest, office.context())
    assert _fails(code)
    assert code.scheme != registry.UNKNOWN


@given(st.binary(max_size=500))
def test_any_bytes_in_a_pass_are_answered(office: StreetOffice, message: bytes) -> None:
    code = codes.read("GP1:" + base45.encode(message), office.context())
    assert (code.scheme, code.verification) == ("office-pass", Verification.FAILED)


@pytest.mark.parametrize(
    "text", ["https://example.com/menu", "gp1:ABC", " GP1:ABC", "GP2:ABC", "GP1", "HC2:6BF", "11010519491231002X"]
)
def test_what_no_scheme_claims_is_no_health_code_we_know(office: StreetOffice, text: str) -> None:
    assert codes.read(text, office.context()) == HealthCode(
        scheme="unknown", holder=Holder(), verification=Verification.FAILED, reason=Reason.UNKNOWN_SCHEME
    )


@pytest.mark.parametrize(("prefix", "scheme"), [("", "unknown"), ("GP1:", "office-pass"), ("GL1:", "level-token")])
def test_a_very_long_text_is_too_large(office: StreetOffice, prefix: str, scheme: str) -> None:
    code = codes.read(prefix + "A" * 5_000_000, office.context())
    assert (code.scheme, code.reason) == (scheme, Reason.TOO_LARGE)


def test_two_schemes_never_claim_the_same_text() -> None:
    prefixes = [scheme.prefix for scheme in registry.SCHEMES]
    assert not [(a, b) for a in prefixes for b in prefixes if a is not b and a.startswith(b)]
