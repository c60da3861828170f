"""What reading a health code costs, against its bare signature check: the same key, the same length, the same run."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from kiosk import codes
from kiosk.codes import IssuerKey, ReadContext, Revoked, Trust, jwk, office_pass
from kiosk.codes.office_pass import PassClaims
from kiosk.codes.revocation import HASH_BYTES, HashList, compact
from kiosk.model import HealthCode, Verification
from tests.bench.figures import Figure, interleaved_s, median, percentile
from tests.kiosk.codes.ministry import NOON as MINISTRYS_NOON
from tests.kiosk.codes.ministry import Ministry

ROUNDS = 3000
NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
SERIALS = 10_000  # revoked passes a large community may have
HASHES = 100_000  # revoked certificates, in their compact form
BARE = "one bare ES256 verification"


def run() -> list[Figure]:
    key = ec.generate_private_key(ec.SECP256R1())
    public = key.public_key()
    context = _context(public)
    good = _pass(key)
    forged = _pass(ec.generate_private_key(ec.SECP256R1()), kid=jwk.key_id(public))
    assert codes.read(good, context).verification is Verification.VERIFIED
    assert codes.read(forged, context).reason == "bad-signature"

    ministry = Ministry(key)
    certificate, abroad = ministry.issue(), _abroad(ministry)
    assert codes.read(certificate, abroad).verification is Verification.VERIFIED

    signed = secrets.token_bytes(len(good))
    signature = key.sign(signed, ec.ECDSA(SHA256()))
    bare, read, refused, other, health = interleaved_s(
        [
            lambda: public.verify(signature, signed, ec.ECDSA(SHA256())),
            lambda: _read(good, context),
            lambda: _read(forged, context),
            lambda: _read("https://example.com/menu?table=12", context),
            lambda: _read(certificate, abroad),
        ],
        ROUNDS,
    )
    limit = median(bare)
    return [
        Figure(BARE, 1e6 * limit, "µs"),
        _against(f"an office pass read, {SERIALS:,} serials revoked, median", median(read), limit),
        _against("an office pass read, 99 of 100", percentile(read, 0.99), percentile(bare, 0.99)),
        _against("a forged pass refused, median", median(refused), limit),
        _against("an unknown text, median", median(other), limit),
        _against(f"an EU certificate read, {HASHES:,} hashes revoked, median", median(health), limit),
        _against("an EU certificate read, 99 of 100", percentile(health, 0.99), percentile(bare, 0.99)),
    ]


def _read(text: str, context: ReadContext) -> HealthCode:
    return codes.read(text, context)


def _against(what: str, seconds: float, limit: float) -> Figure:
    return Figure(what, 1e6 * seconds, "µs", seconds / limit, BARE)


def _context(public: ec.EllipticCurvePublicKey) -> ReadContext:
    trust = Trust.of([IssuerKey("office-pass", jwk.key_id(public), public, "ES256", "街道办")])
    return ReadContext(NOON, trust, Revoked({"office-pass": [secrets.token_hex(16) for _ in range(SERIALS)]}))


def _abroad(ministry: Ministry) -> ReadContext:
    hashes = HashList(compact("eu-dcc", (secrets.token_bytes(HASH_BYTES) for _ in range(HASHES))))
    return ministry.context(MINISTRYS_NOON, Revoked().with_hashes(hashes))


def _pass(key: ec.EllipticCurvePrivateKey, kid: bytes | None = None) -> str:
    claims = PassClaims(
        serial=secrets.token_bytes(16),
        name="王小明",
        issuer="青山街道办事处",
        valid_from=NOON - timedelta(days=1),
        valid_until=NOON + timedelta(days=13),
        id_last4="123X",
        household="3栋2单元501室",
    )
    return office_pass.issue(claims, key, kid=kid)
