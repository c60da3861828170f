from __future__ import annotations

import base64
import hashlib
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed448
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID, ObjectIdentifier

from kiosk.codes import jwk, trust_items
from kiosk.codes.shc import kid_of

from .conftest import NOON, StreetOffice

TESTS_ONLY = "1.3.6.1.4.1.1847.2021.1.1"


def spki(key: ec.EllipticCurvePublicKey | ed448.Ed448PublicKey) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def certificate(private: ec.EllipticCurvePrivateKey, *usages: str) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "signer")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).serial_number(7)
    builder = (
        builder.not_valid_before(NOON).not_valid_after(NOON + timedelta(days=365)).public_key(private.public_key())
    )
    if usages:
        builder = builder.add_extension(x509.ExtendedKeyUsage([ObjectIdentifier(usage) for usage in usages]), False)
    return builder.sign(private, SHA256()).public_bytes(Encoding.DER)


def nameless(office: StreetOffice) -> set[bytes]:
    """What a key goes by that was given without a name."""
    return {office.key.kid, kid_of(office.key.key).encode(), trust_items.NAMELESS}


def test_a_certificate_goes_by_its_hash_and_brings_validity_and_usage() -> None:
    der = certificate(ec.generate_private_key(ec.SECP256R1()), TESTS_ONLY)
    (key,) = trust_items.keys(base64.b64encode(der).decode())
    assert (key.scheme, key.kid, key.alg) == ("*", hashlib.sha256(der).digest()[:8], "ES256")
    assert (key.valid_from, key.valid_until) == (NOON, NOON + timedelta(days=365))
    assert key.usage == {TESTS_ONLY}


def test_a_certificate_without_usages_may_be_used_for_everything() -> None:
    (key,) = trust_items.keys(base64.b64encode(certificate(ec.generate_private_key(ec.SECP384R1()))).decode())
    assert (key.usage, key.alg, key.demo) == (frozenset(), "ES384", False)


def test_a_bare_public_key_goes_by_its_hash_and_its_thumbprint_and_without_a_name(office: StreetOffice) -> None:
    der = spki(office.key.key)  # type: ignore[arg-type]
    wrapped = base64.encodebytes(der).decode()
    kids = {key.kid for key in trust_items.keys(wrapped)}
    assert kids == {hashlib.sha256(der).digest()[:8], *nameless(office)}


def test_a_key_of_a_did_document_is_its_issuers_alone(office: StreetOffice) -> None:
    document = jwk.from_public_key(office.key.key) | {"kid": "did:web:example.nz#key-1"}
    found = trust_items.keys(document)
    assert {key.kid for key in found} == {b"key-1", b"did:web:example.nz#key-1"}
    assert {key.issuer for key in found} == {"did:web:example.nz"}


def test_a_jwk_may_name_the_only_issuer_it_counts_for(office: StreetOffice) -> None:
    document = jwk.from_public_key(office.key.key)
    assert {key.issuer for key in trust_items.keys(document)} == {""}
    assert {key.issuer for key in trust_items.keys(document | {"issuer": "https://a.example"})} == {"https://a.example"}


def test_a_jwk_goes_by_its_kid_however_that_is_spelled(office: StreetOffice) -> None:
    document = jwk.from_public_key(office.key.key)
    assert {key.kid for key in trust_items.keys(document)} == nameless(office)
    for spelled in (office.key.kid.hex(), base64.urlsafe_b64encode(office.key.kid).decode().rstrip("=")):
        kids = {key.kid for key in trust_items.keys(document | {"kid": spelled})}
        assert {office.key.kid, spelled.encode()} <= kids


@pytest.mark.parametrize(
    ("item", "problem"),
    [
        (7, "base64 DER or a JWK"),
        (None, "base64 DER or a JWK"),
        ([], "base64 DER or a JWK"),
        ("A" * 20_000, "base64 DER or a JWK"),
        ("not base64!", "not base64"),
        ("", "neither"),
        ("AAAA", "neither"),
        ("ключ", "not base64"),
        ({}, "unknown kind of key"),
        ({"kty": "EC"}, "unknown kind of key"),
        (base64.b64encode(spki(ec.generate_private_key(ec.SECP521R1()).public_key())).decode(), "no algorithm"),
        (base64.b64encode(spki(ed448.Ed448PrivateKey.generate().public_key())).decode(), "no algorithm"),
        (base64.b64encode(certificate(ec.generate_private_key(ec.SECP521R1()))).decode(), "no algorithm"),
    ],
    ids=range(13),  # the keys differ from process to process, the names of the tests must not
)
def test_what_is_no_key_is_refused_with_the_reason(item: object, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        trust_items.keys(item)


def test_a_kid_that_is_no_text_is_refused(office: StreetOffice) -> None:
    with pytest.raises(ValueError, match="kid must be text"):
        trust_items.keys(jwk.from_public_key(office.key.key) | {"kid": 7})
    with pytest.raises(ValueError, match="issuer must be text"):
        trust_items.keys(jwk.from_public_key(office.key.key) | {"issuer": 7})
