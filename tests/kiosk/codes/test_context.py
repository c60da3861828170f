from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.codes import IssuerKey, Revoked, Trust, jwk
from kiosk.errors import HandDownError
from kiosk.model import from_iso

from .conftest import StreetOffice

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


def entry(office: StreetOffice, **changes: Any) -> dict[str, Any]:
    return {
        "scheme": "office-pass",
        "kid": office.key.kid.hex(),
        "alg": "ES256",
        "jwk": jwk.from_public_key(office.key.key),
        "issuer": "青山街道",
        "valid_from": "2026-01-01T00:00:00.000Z",
        "valid_until": None,
        "usage": ["pass"],
        "demo": True,
    } | changes


def test_a_section_gives_its_keys_by_scheme_and_kid(office: StreetOffice) -> None:
    trust = Trust.from_section({"keys": [entry(office)]})
    (key,) = trust.keys("office-pass", office.key.kid)
    assert key == IssuerKey(
        scheme="office-pass",
        kid=office.key.kid,
        key=office.key.key,
        alg="ES256",
        issuer="青山街道",
        valid_from=from_iso("2026-01-01T00:00:00Z"),
        usage=frozenset({"pass"}),
        demo=True,
    )
    assert (trust.keys("office-pass", b"?"), trust.keys("eu-dcc", office.key.kid), trust.problems) == ((), (), ())


@pytest.mark.parametrize(
    "private",
    [
        ec.generate_private_key(ec.SECP256R1()),
        ec.generate_private_key(ec.SECP384R1()),
        ed25519.Ed25519PrivateKey.generate(),
        rsa.generate_private_key(65537, 2048),
    ],
)
def test_keys_of_every_kind_survive_the_section(private: Any) -> None:
    key = StreetOffice(private).key
    section = json.dumps(Trust.of([key]).to_section()).encode()
    assert Trust.from_section(section).keys("office-pass", key.kid) == (key,)


def test_the_same_bytes_are_parsed_once(office: StreetOffice) -> None:
    section = json.dumps({"keys": [entry(office)]}).encode()
    assert Trust.from_section(section) is Trust.from_section(bytes(bytearray(section)))


def certificate(private: ec.EllipticCurvePrivateKey) -> str:
    """In base64 DER, good through 2026, for vaccinations."""
    name = x509.Name([])
    usage = x509.ExtendedKeyUsage([x509.ObjectIdentifier("1.3.6.1.4.1.1847.2021.1.2")])
    builder = (
        x509.CertificateBuilder(name, name, private.public_key(), 1)
        .not_valid_before(from_iso("2026-01-01T00:00:00Z"))
        .not_valid_after(from_iso("2027-01-01T00:00:00Z"))
        .add_extension(usage, critical=False)
    )
    return base64.b64encode(builder.sign(private, SHA256()).public_bytes(Encoding.DER)).decode()


def test_a_key_may_be_given_as_its_certificate_which_then_limits_it(office: StreetOffice) -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    plain = {"scheme": "eu-dcc", "kid": "ab", "alg": "ES256", "x5c": [certificate(private)]}
    narrower = plain | {"valid_until": "2026-06-01T00:00:00Z", "usage": ["pass"]}
    first, second = Trust.from_section({"keys": [plain, narrower]}).keys("eu-dcc", b"\xab")
    assert first.key == private.public_key()
    assert (first.valid_from, first.valid_until) == (from_iso("2026-01-01T00:00:00Z"), from_iso("2027-01-01T00:00:00Z"))
    assert first.usage == {"1.3.6.1.4.1.1847.2021.1.2"}
    assert (second.valid_until, second.usage) == (from_iso("2026-06-01T00:00:00Z"), {"pass"})


@pytest.mark.parametrize("chain", [[], "AAAA", [5], ["not base64!"], ["AAAA"]])
def test_a_certificate_that_is_none_leaves_its_key_out(office: StreetOffice, chain: Any) -> None:
    trust = Trust.from_section({"keys": [entry(office, x5c=chain)]})
    assert (len(trust), len(trust.problems)) == (0, 1)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"scheme": "*"}, "names no scheme"),
        ({"scheme": ""}, "names no scheme"),
        ({"kid": "xyz"}, "hex"),
        ({"kid": ""}, "kid"),
        ({"kid": 5}, "must be"),
        ({"alg": "none"}, "'none' is not known"),
        ({"alg": "ES384"}, "cannot do ES384"),
        ({"jwk": "key"}, "jwk"),
        ({"jwk": {"kty": "oct", "k": "AA"}}, "unknown kind of key"),
        ({"valid_from": "yesterday"}, "yesterday"),
        ({"valid_from": "2026-01-01"}, "zone"),
        ({"demo": "no"}, "demo"),
        ({"usage": "pass"}, "usage"),
    ],
)
def test_an_unusable_key_is_left_out_and_named_and_the_others_count(
    office: StreetOffice, changes: dict[str, Any], problem: str
) -> None:
    trust = Trust.from_section({"keys": [entry(office, **changes), entry(office)]})
    assert len(trust) == 1
    assert trust.problems[0].startswith("trust keys[0]: ")
    assert problem in trust.problems[0]


def test_a_private_key_in_a_section_is_refused_and_not_repeated(office: StreetOffice) -> None:
    secret = jwk.from_public_key(office.key.key) | {"d": "c2VjcmV0"}
    trust = Trust.from_section({"keys": [entry(office, jwk=secret)]})
    assert "private key" in trust.problems[0]
    assert "c2VjcmV0" not in trust.problems[0]


@settings(max_examples=40)
@given(st.lists(JSON | st.fixed_dictionaries({"scheme": JSON, "kid": JSON, "alg": JSON, "jwk": JSON})))
def test_any_entries_are_taken_or_named(entries: list[Any]) -> None:
    trust = Trust.from_section({"keys": entries})
    assert len(trust) + len(trust.problems) == len(entries)


@pytest.mark.parametrize("section", [b"", b"[]", b"{}", b'{"keys": 1}', b"\xff", b"[" * 100_000])
def test_what_is_no_trust_section_is_not_put_in_force(section: bytes) -> None:
    with pytest.raises(HandDownError, match="section 'trust'"):
        Trust.from_section(section)


def test_revoked_serials_are_found_in_any_spelling() -> None:
    revoked = Revoked.from_section(b'{"serials": {"office-pass": ["00Ff"]}}')
    assert revoked.contains("office-pass", "00fF")
    assert not revoked.contains("office-pass", "00fe")
    assert not revoked.contains("level-token", "00ff")
    assert not Revoked.none().contains("office-pass", "00ff")


@pytest.mark.parametrize(
    "section", [b"", b"[]", b"{}", b'{"serials": []}', b'{"serials": {"a": 1}}', b'{"serials": {"a": [1]}}']
)
def test_a_revoked_section_with_anything_unreadable_is_refused_whole(section: bytes) -> None:
    with pytest.raises(HandDownError, match="section 'revoked'"):
        Revoked.from_section(section)
