from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from kiosk.codes import certificates

from .conftest import NOON
from .test_trust_items import TESTS_ONLY, certificate

PRIVATE = ec.generate_private_key(ec.SECP256R1())
GOOD = certificate(PRIVATE, TESTS_ONLY)


def _odd(oid: str, value: bytes, *usages: str) -> bytes:
    """A certificate with an extension that holds whatever it is given."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COUNTRY_NAME, "AT")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).serial_number(7)
    builder = builder.not_valid_before(NOON).not_valid_after(NOON + timedelta(days=365))
    if usages:
        purposes = x509.ExtendedKeyUsage([x509.ObjectIdentifier(usage) for usage in usages])
        builder = builder.add_extension(purposes, critical=False)
    builder = builder.add_extension(x509.UnrecognizedExtension(x509.ObjectIdentifier(oid), value), critical=False)
    return builder.public_key(PRIVATE.public_key()).sign(PRIVATE, SHA256()).public_bytes(Encoding.DER)


def test_a_certificate_says_its_key_validity_and_usage() -> None:
    found = certificates.read(GOOD)
    assert found.kid == hashlib.sha256(GOOD).digest()[:8]
    assert (found.alg, found.usage, found.country) == ("ES256", {TESTS_ONLY}, "")
    assert (found.valid_from, found.valid_until) == (NOON, NOON + timedelta(days=365))


def test_an_extension_that_one_library_refuses_costs_neither_key_nor_usage() -> None:
    odd = _odd("2.5.29.19", b"\x30\x03\x01\x01", TESTS_ONLY)  # basic constraints that break off
    with pytest.raises(ValueError, match="asn1"):
        _ = x509.load_der_x509_certificate(odd).extensions
    found, good = certificates.read(odd), certificates.read(GOOD)
    assert (found.key, found.usage, found.country) == (good.key, good.usage, "AT")
    assert (found.valid_from, found.valid_until) == (good.valid_from, good.valid_until)


def test_an_empty_list_of_usages_limits_nothing() -> None:
    assert certificates.read(_odd("2.5.29.37", b"\x30\x00")).usage == frozenset()


def test_a_key_that_no_algorithm_can_use_is_named_as_such() -> None:
    with pytest.raises(ValueError, match="no algorithm") as refused:
        certificates.read(certificate(ec.generate_private_key(ec.SECP521R1())))
    assert not isinstance(refused.value, certificates.NoCertificate)


@given(st.binary(max_size=60), st.integers(0, len(GOOD) - 1))
def test_anything_else_is_no_certificate(junk: bytes, cut: int) -> None:
    for data in (junk, GOOD[:cut], GOOD + junk + b"\x00"):
        with pytest.raises(certificates.NoCertificate):
            certificates.read(data)
