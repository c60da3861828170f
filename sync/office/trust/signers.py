"""EU DCC: signers' certificates, alone or as the list that a national gateway publishes with its signature in front.

Such a list is the signature in base64, then a JSON object `{"certificates": [{"certificateType": "DSC", "country",
"kid", "rawData", …}, …]}`; the signature covers the object's text. Without a signature that holds, none of it is taken.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import load_der_public_key

from kiosk.codes import IssuerKey, certificates
from kiosk.codes.algorithms import PublicKey, for_key
from kiosk.codes.certificates import NoCertificate
from sync.office.trust.files import File, Unreadable, json_object
from sync.office.trust.found import DCC, MAX_KEYS, Found, objects

KIND = "DSC"  # a list may hold authorities too, which sign no health certificates
MAX_KID = 32
_PEM = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----(.+?)-----END \1-----", re.S)
_LIST = re.compile(rb"\s*([A-Za-z0-9+/=\s]{60,2000}?)\s*(\{.*)", re.S)


def read(file: File, signed_by: File | None) -> Found:
    """The signers in `file`: a certificate in DER, any number in PEM, or a signed list. Raises Unreadable."""
    if listed := _LIST.fullmatch(file.content):
        return _signed_list(listed[1], listed[2], signed_by)
    if file.content.lstrip().startswith((b"{", b"[")):
        raise Unreadable("a list without its signature in front, or no list at all: anybody could have written it")
    keys, problems = [], []
    for place, der in _certificates(file.content):
        try:
            keys.append(_signer(der))
        except NoCertificate as error:
            raise Unreadable(f"{place}{error}") from error
        except ValueError as error:
            problems.append(f"{file.name}: {place}{error}")
    return Found(tuple(keys), tuple(problems))


def public_key(file: File) -> PublicKey:
    """The key in a certificate or public key, PEM or DER. Raises Unreadable."""
    ders = [der for _, der in _certificates(file.content)]
    if len(ders) != 1:
        raise Unreadable(f"{file.name}: must hold one certificate or public key")
    try:
        return certificates.read(ders[0]).key
    except ValueError:
        pass
    try:
        key = cast(PublicKey, load_der_public_key(ders[0]))
        for_key(key)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise Unreadable(f"{file.name}: holds no certificate or public key that can be used ({error})") from error
    return key


def _certificates(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Each (place, DER). Raises Unreadable for a private key, and for PEM that cannot be decoded."""
    blocks = list(_PEM.finditer(content))
    if not blocks:
        yield "", content
    if len(blocks) > MAX_KEYS:
        raise Unreadable(f"more than {MAX_KEYS:,} certificates")
    for number, block in enumerate(blocks, start=1):
        if b"PRIVATE" in block[1]:
            raise Unreadable("holds a private key, which has no business here: treat it as lost")
        try:
            yield f"certificate {number}: ", base64.b64decode(b"".join(block[2].split()), validate=True)
        except binascii.Error as error:
            raise Unreadable(f"certificate {number}: not base64 ({error})") from error


def _signer(der: bytes, kid: bytes | None = None, country: str = "") -> IssuerKey:
    """Raises NoCertificate, and another ValueError for a kind of key that nothing here can use."""
    read = certificates.read(der)
    return IssuerKey(
        DCC,
        kid or read.kid,
        read.key,
        read.alg,
        issuer=country or read.country,
        valid_from=read.valid_from,
        valid_until=read.valid_until,
        usage=read.usage,
    )


def _signed_list(signature: bytes, text: bytes, signed_by: File | None) -> Found:
    if signed_by is None:
        raise Unreadable("a signed list: say who must have signed it, as --signed-by FILE (certificate or public key)")
    if not _holds(public_key(signed_by), text, signature):
        raise Unreadable(f"its signature does not fit the key in {signed_by.name}: the list was not taken")
    keys, problems = [], []
    for number, item in enumerate(objects(json_object(text), "certificates")):
        try:
            if isinstance(item, Mapping) and item.get("certificateType", KIND) != KIND:
                continue
            keys.append(_listed(item))
        except (ValueError, TypeError) as error:
            problems.append(f"certificates[{number}]: {error}")
    return Found(tuple(keys), tuple(problems))


def _listed(item: Any) -> IssuerKey:
    """Raises ValueError or TypeError for an entry that cannot be used."""
    if not isinstance(item, Mapping) or not isinstance(item.get("rawData"), str):
        raise TypeError("needs 'rawData'")
    kid, country = item.get("kid"), item.get("country", "")
    if not isinstance(kid, str | None) or not isinstance(country, str) or len(country) > 2:
        raise TypeError("kid must be base64, country two letters")
    named = base64.b64decode(kid, validate=True) if kid else None
    if named is not None and not 0 < len(named) <= MAX_KID:
        raise ValueError("its kid has no sensible length")
    return _signer(base64.b64decode("".join(item["rawData"].split()), validate=True), named, country)


def _holds(key: PublicKey, text: bytes, signature: bytes) -> bool:
    """Whether `signature` (base64; for ECDSA r ‖ s or DER) is by `key` over `text`, with or without its last blanks."""
    try:
        raw = base64.b64decode(b"".join(signature.split()), validate=True)
    except binascii.Error:
        return False
    algorithm = for_key(key)
    wanted = [raw, *_flat(raw, key)]
    return any(algorithm.verify(key, said, given) for given in wanted for said in {text, text.rstrip()})


def _flat(signature: bytes, key: PublicKey) -> Iterator[bytes]:
    """An ECDSA signature in DER as r ‖ s."""
    if isinstance(key, ec.EllipticCurvePublicKey):
        size = (key.key_size + 7) // 8
        try:
            r, s = decode_dss_signature(signature)
            yield r.to_bytes(size) + s.to_bytes(size)
        except (ValueError, OverflowError):
            return
