"""X.509 certificates of issuers: key, validity, extended key usage.

`cryptography` refuses some countries' certificates for an extension that is not as it should be. The key and the
usage are still to be had: then `asn1crypto`, which takes each part for itself, reads them.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from asn1crypto import x509 as lenient
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_der_public_key

from kiosk.codes.algorithms import PublicKey, for_key

KID_BYTES = 8

_USAGE = x509.ExtendedKeyUsage.oid.dotted_string


class NoCertificate(ValueError):
    """What was given is no X.509 certificate, or one without a key that can be read."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """`kid` is what codes call the certificate's key: the first eight bytes of the SHA-256 of its DER.

    `usage` holds the extended key usages as dotted OIDs, empty when it names none; `country` is the subject's, "" when
    it has none.
    """

    kid: bytes
    key: PublicKey
    alg: str
    valid_from: datetime
    valid_until: datetime
    usage: frozenset[str]
    country: str


def read(der: bytes) -> Certificate:
    """The certificate in `der`.

    Raises NoCertificate, and another ValueError for a kind or size of key that no algorithm here can use.
    """
    try:
        key, valid_from, valid_until, usage, country = _strictly(der)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key, valid_from, valid_until, usage, country = _leniently(der)
    kid = hashlib.sha256(der).digest()[:KID_BYTES]
    return Certificate(kid, key, for_key(key).name, valid_from, valid_until, usage, country)


_Parts = tuple[PublicKey, datetime, datetime, frozenset[str], str]


def _strictly(der: bytes) -> _Parts:
    certificate = x509.load_der_x509_certificate(der)
    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        named = frozenset(purpose.dotted_string for purpose in usage)
    except x509.ExtensionNotFound:
        named = frozenset()
    countries = certificate.subject.get_attributes_for_oid(x509.NameOID.COUNTRY_NAME)
    return (
        cast(PublicKey, certificate.public_key()),
        certificate.not_valid_before_utc,
        certificate.not_valid_after_utc,
        named,
        str(countries[0].value) if countries else "",
    )


def _leniently(der: bytes) -> _Parts:
    try:
        certificate = lenient.Certificate.load(der, strict=True)
        usage = [purpose.dotted for named in _usages(certificate) for purpose in named]
        country = certificate.subject.native.get("country_name", "")
        return (
            cast(PublicKey, load_der_public_key(certificate.public_key.dump())),
            certificate.not_valid_before,
            certificate.not_valid_after,
            frozenset(usage),
            country if isinstance(country, str) else "",
        )
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, UnsupportedAlgorithm) as error:
        raise NoCertificate(f"no certificate: {error}") from error


def _usages(certificate: lenient.Certificate) -> list[lenient.KeyPurposeIdentifiers]:
    """The extended key usages, without a look at any other extension."""
    extensions = certificate["tbs_certificate"]["extensions"]
    return [extension["extn_value"].parsed for extension in extensions if extension["extn_id"].dotted == _USAGE]
