"""A health ministry that issues EU certificates, good ones and any kind of bad ones."""

from __future__ import annotations

import base64
import hashlib
import zlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cbor2 import CBORTag
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from kiosk.codes import ReadContext, Revoked, Trust, base45, cbor, trust_items
from kiosk.codes.algorithms import for_key

NOON = datetime(2021, 11, 22, 12, 0, tzinfo=UTC)
TESTS, VACCINATIONS, RECOVERIES = (f"1.3.6.1.4.1.1847.2021.1.{number}" for number in (1, 2, 3))

NAME = {"fn": "Mustermann", "fnt": "MUSTERMANN", "gn": "Erika Maria", "gnt": "ERIKA<MARIA"}
UVCI = "URN:UVCI:01:AT:10807843F94AEE0EE5093FBC254BD813#B"
COMMON = {"tg": "840539006", "co": "AT", "is": "Ministry of Health, Austria", "ci": UVCI}
VACCINATION = COMMON | {
    "vp": "1119349007", "mp": "EU/1/20/1528", "ma": "ORG-100030215", "dn": 2, "sd": 2, "dt": "2021-02-18",
}  # fmt: skip
TEST = COMMON | {
    "tt": "LP6464-4", "nm": "Roche LightCycler qPCR", "sc": "2021-11-21T12:34:56+02:00", "tr": "260415000",
    "tc": "Testing center Vienna 1",
}  # fmt: skip
RECOVERY = COMMON | {"fr": "2021-02-20", "df": "2021-04-04", "du": "2021-10-04"}
ENTRIES = {"v": VACCINATION, "t": TEST, "r": RECOVERY}


def payload(group: str = "v", /, version: str = "1.3.0", *, entry: dict[str, Any] | None = None, **more: Any) -> Any:
    """A good certificate with one thing or another changed; a member that is `...` is left out."""
    held = _without({**ENTRIES[group], **(entry or {})})
    return _without({"ver": version, "nam": NAME, "dob": "1998-02-26", group: [held], **more})


def _without(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not ...}


@dataclass(frozen=True)
class Ministry:
    """Signs with its one key, for which its certificate vouches."""

    private: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    usages: tuple[str, ...] = ()
    valid: tuple[datetime, datetime] = (NOON - timedelta(days=300), NOON + timedelta(days=300))
    certificate: bytes = field(init=False)

    def __post_init__(self) -> None:
        name = x509.Name([x509.NameAttribute(x509.NameOID.COUNTRY_NAME, "AT")])
        builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).serial_number(7)
        builder = builder.not_valid_before(self.valid[0]).not_valid_after(self.valid[1])
        if self.usages:
            purposes = x509.ExtendedKeyUsage([x509.ObjectIdentifier(usage) for usage in self.usages])
            builder = builder.add_extension(purposes, critical=False)
        signed = builder.public_key(self.private.public_key()).sign(self.private, SHA256())
        object.__setattr__(self, "certificate", signed.public_bytes(Encoding.DER))

    @property
    def kid(self) -> bytes:
        return hashlib.sha256(self.certificate).digest()[:8]

    def context(self, at: datetime = NOON, revoked: Revoked | None = None) -> ReadContext:
        keys = trust_items.keys(base64.b64encode(self.certificate).decode())
        return ReadContext(at, Trust.of(keys), revoked or Revoked.none())

    def issue(self, shown: Any = None, **changes: Any) -> str:
        """The text of a certificate; `changes` as of `message`."""
        return text(self.message(payload() if shown is None else shown, **changes))

    def message(
        self,
        shown: Any,
        *,
        claims: dict[int, Any] | None = None,
        protected: dict[int, Any] | bytes | None = None,
        unprotected: dict[int, Any] | None = None,
        tags: tuple[int, ...] = (18,),
    ) -> bytes:
        """The signed message; a claim that is `...` is left out."""
        algorithm = for_key(self.private)
        header = protected if protected is not None else {1: algorithm.cose_id, 4: self.kid}
        sent = header if isinstance(header, bytes) else cbor.encode(header)
        covered = b"" if sent == b"\xa0" else sent
        times = {6: int((NOON - timedelta(days=1)).timestamp()), 4: int((NOON + timedelta(days=30)).timestamp())}
        body = {1: "AT", **times, -260: {1: shown}, **(claims or {})}
        content = cbor.encode({label: value for label, value in body.items() if value is not ...})
        signature = algorithm.sign(self.private, cbor.encode(["Signature1", covered, b"", content]))
        item: Any = [sent, unprotected or {}, content, signature]
        for tag in tags:
            item = CBORTag(tag, item)
        return cbor.encode(item)


def text(message: bytes) -> str:
    """`message` as a symbol holds it."""
    return "HC1:" + base45.encode(zlib.compress(message))
