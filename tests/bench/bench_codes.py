"""What reading a health code costs, and one published rule on it, against a bare signature check of the same run."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from kiosk import codes
from kiosk.codes import IssuerKey, ReadContext, Revoked, Trust, jwk, office_pass
from kiosk.codes.office_pass import PassClaims
from kiosk.codes.provincial import SHIPPED, shipped
from kiosk.codes.revocation import HASH_BYTES, HashList, compact
from kiosk.model import HealthCode, iso
from kiosk.provinces.stand_in import draw
from kiosk.screening.logic import compile_rule
from tests.bench.figures import Figure, interleaved_s, median, percentile
from tests.kiosk.codes import test_nzcp as nzcp
from tests.kiosk.codes.ministry import NOON as MINISTRYS_NOON
from tests.kiosk.codes.ministry import Ministry, payload
from tests.kiosk.codes.shc import cards
from tests.kiosk.codes.shc.cards import Clinic

ROUNDS = 3000
NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
SERIALS = 10_000  # revoked passes a large community may have
HASHES = 100_000  # revoked certificates, in their compact form
BARE = "one bare ES256 verification"
RULE = {  # the last dose at least 14 and at most 300 days ago, of a vaccine that is accepted
    "and": [
        {"in": [{"var": "payload.v.0.mp"}, {"var": "external.valueSets.accepted"}]},
        {
            "not-before": [
                {"plusTime": [{"var": "external.validationClock"}, 0, "day"]},
                {"plusTime": [{"var": "payload.v.0.dt"}, 14, "day"]},
            ]
        },
        {
            "not-after": [
                {"plusTime": [{"var": "external.validationClock"}, 0, "day"]},
                {"plusTime": [{"var": "payload.v.0.dt"}, 300, "day"]},
            ]
        },
    ]
}


@dataclass(frozen=True)
class Subject:
    """One code to read again and again, with `reason` each time. `tail` asks for the slowest of a hundred too."""

    what: str
    text: str
    context: ReadContext
    reason: str | None = None
    tail: bool = False

    def read(self) -> HealthCode:
        return codes.read(self.text, self.context)


def run() -> list[Figure]:
    key = ec.generate_private_key(ec.SECP256R1())
    subjects = _subjects(key)
    for subject in subjects:
        assert subject.read().reason == subject.reason, subject.what
    signed = secrets.token_bytes(len(subjects[0].text))
    signature, public = key.sign(signed, ec.ECDSA(SHA256())), key.public_key()
    works: list[Callable[[], object]] = [lambda: public.verify(signature, signed, ec.ECDSA(SHA256())), _rule()]
    bare, rule, *times = interleaved_s([*works, *(subject.read for subject in subjects)], ROUNDS)
    figures = [Figure(BARE, 1e6 * median(bare), "µs")]
    for subject, taken in zip(subjects, times, strict=True):
        figures.append(_against(f"{subject.what}, median", median(taken), median(bare)))
        if subject.tail:
            figures.append(_against(f"{subject.what}, 99 of 100", percentile(taken, 0.99), percentile(bare, 0.99)))
    figures.append(_against("a published CertLogic rule of two dates, median", median(rule), median(bare)))
    return figures


def _rule() -> Callable[[], object]:
    """One rule at work on a good certificate."""
    judge = compile_rule(RULE, mode="published")
    external = {"validationClock": iso(MINISTRYS_NOON), "valueSets": {"accepted": ["EU/1/20/1507", "EU/1/20/1528"]}}
    seen = {"payload": payload(), "external": external}
    assert judge(seen) is True
    return lambda: judge(seen)


def _subjects(key: ec.EllipticCurvePrivateKey) -> list[Subject]:
    context = _context(key.public_key())
    forged = _pass(ec.generate_private_key(ec.SECP256R1()), kid=jwk.key_id(key.public_key()))
    ministry, clinic = Ministry(key), Clinic(private=key)
    card = cards.claims(cards.PATIENT, *(cards.shot(f"2021-0{month}-01") for month in (1, 2, 9)))
    province = ReadContext(NOON, demo=True, provinces=tuple(map(shipped, SHIPPED)))
    zealand = ReadContext(NOON, Trust.of([IssuerKey("nz-covid-pass", b"key-1", nzcp.PUBLIC, "ES256", nzcp.ISSUER)]))
    return [
        Subject(f"an office pass read, {SERIALS:,} serials revoked", _pass(key), context, tail=True),
        Subject("a forged pass refused", forged, context, "bad-signature"),
        Subject("an unknown text", "https://example.com/menu?table=12", context, "unknown-scheme"),
        Subject(f"an EU certificate read, {HASHES:,} hashes revoked", ministry.issue(), _abroad(ministry), tail=True),
        Subject("a health card of three vaccinations read", clinic.text(card), clinic.context(), tail=True),
        Subject("a New Zealand pass read", nzcp.issue(), zealand),
        Subject("a provincial code known, nobody asked", draw("green", NOON), province, "unverifiable"),
    ]


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
