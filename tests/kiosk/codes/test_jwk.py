from __future__ import annotations

import base64
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from kiosk.codes import jwk

# RFC 7638 §3.1 and RFC 8037 appendix A.3
RSA = {
    "kty": "RSA",
    "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjB"
    "ZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8"
    "KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_"
    "xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
    "e": "AQAB",
}
OKP = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}


@pytest.mark.parametrize(
    ("document", "thumbprint"),
    [(RSA, "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"), (OKP, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k")],
)
def test_thumbprints_are_the_published_ones(document: dict[str, str], thumbprint: str) -> None:
    key = jwk.public_key(document | {"alg": "any", "kid": "any"})
    assert base64.urlsafe_b64encode(jwk.thumbprint(key)).rstrip(b"=").decode() == thumbprint
    assert jwk.key_id(key) == jwk.thumbprint(key)[:8]
    assert jwk.from_public_key(key) == document


GOOD = jwk.from_public_key(ec.generate_private_key(ec.SECP256R1()).public_key())


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"d": "AA"}, "private"),
        ({"x": None}, "'x' is missing"),
        ({"x": "a+b/"}, "base64url"),
        ({"x": "A"}, "base64url"),
        ({"x": GOOD["x"] + "AAAA"}, "long"),
        ({"y": GOOD["x"]}, "curve"),
        ({"crv": "P-521"}, "unknown kind"),
        ({"crv": ["P-256"]}, "unknown kind"),
        ({"kty": None}, "unknown kind"),
    ],
)
def test_what_is_no_public_key_is_refused_with_the_reason(changes: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        jwk.public_key(GOOD | changes)


def test_a_giant_rsa_key_is_refused_before_it_costs_anything() -> None:
    with pytest.raises(ValueError, match="8192"):
        jwk.public_key({"kty": "RSA", "e": "AQAB", "n": "_" * 100_000})


def test_a_curve_without_a_name_has_no_jwk() -> None:
    with pytest.raises(ValueError, match="secp521r1"):
        jwk.from_public_key(ec.generate_private_key(ec.SECP521R1()).public_key())
