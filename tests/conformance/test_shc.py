"""The published SMART Health Cards: examples of the specification, and the broken cards of its validation tools."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from kiosk import codes
from kiosk.codes import IssuerKey, ReadContext, Revoked, Trust, jwk, shc, trust_items
from kiosk.codes.parts import Collector
from kiosk.codes.shc import jws
from kiosk.model import HealthCode, Holder, Reason, Verification
from sync.office.revocation import cards
from sync.office.trust.files import gather
from tests.conformance.data import documents, folder
from tests.conformance.report import Report

ISSUER = "https://spec.smarthealth.cards/examples/issuer"
AT = datetime(2024, 1, 1, tzinfo=UTC)
JOHN = Holder(name="John B. Anyperson", birth_date="1951-01-20")
ANSWERS = {  # who, how many vaccinations, how many tests for the virus
    "example-00": (JOHN, 3, 0),
    "example-01": (JOHN, 3, 0),
    "example-02": (Holder(), 0, 0),  # laboratory results of other kinds, and no patient
    "example-03": (Holder(name="Johnny Revoked", birth_date="1960-04-22"), 2, 0),
}
BROKEN: dict[str, tuple[Reason | None, str]] = {
    "bad-fhir-metadata": (
        None,
        "verified: leaving metadata out is asked of issuers, and the tools only warn",
    ),
    "der-signature": (Reason.BAD_SIGNATURE, "a signature in DER, not r and s"),
    "der-signature-r-neg": (Reason.BAD_SIGNATURE, "a signature in DER, r with a leading zero"),
    "der-signature-s-neg": (Reason.BAD_SIGNATURE, "a signature in DER, s with a leading zero"),
    "der-signature-rs-neg": (Reason.BAD_SIGNATURE, "a signature in DER, both with leading zeros"),
    "invalid-signature": (Reason.BAD_SIGNATURE, "a changed signature"),
    "issuer-kid-mismatch": (Reason.UNKNOWN_ISSUER, "a kid that is not among its issuer's keys"),
    "issuer-not-valid-with-smart-key": (Reason.UNKNOWN_ISSUER, "a good key of another issuer than the card names"),
    "jws_too_long": (Reason.UNKNOWN_ISSUER, "another issuer; also no nbf, and a type that is no health card"),
    "no_deflate": (Reason.MALFORMED, "no zip in the header, and nothing deflated"),
    "no_jws_header_alg": (Reason.MALFORMED, "no alg in the header"),
    "no_jws_header_kid": (Reason.UNKNOWN_ISSUER, "no kid in the header"),
    "no_jws_header_zip": (Reason.MALFORMED, "no zip in the header"),
    "trailing_chars": (Reason.MALFORMED, "blanks around the message"),
    "utf8_bom_prefix": (Reason.SCHEMA, "a byte-order mark before the payload"),
    "wrong_jws_header_kid": (Reason.UNKNOWN_ISSUER, "a kid of zeros"),
}


def issuer_keys() -> list[dict[str, Any]]:
    ((_, document),) = documents("shc/spec-examples/issuer/.well-known", "jwks.json")
    keys: list[dict[str, Any]] = document["keys"]
    return keys


def context(at: datetime = AT, revoked: Revoked | None = None) -> ReadContext:
    keys = (
        IssuerKey("smart-health-card", key["kid"].encode(), jwk.public_key(key), "ES256", ISSUER)
        for key in issuer_keys()
    )
    return ReadContext(at, Trust.of(keys), revoked or Revoked.none())


def examples() -> Iterator[tuple[str, Path]]:
    root = folder("shc/spec-examples")
    for name in sorted({path.name[:10] for path in root.glob("example-*")}):
        yield name, root


def symbols(root: Path, name: str) -> list[str]:
    return [path.read_text().strip() for path in sorted(root.glob(f"{name}-f-*.txt"))]


def messages(root: Path, name: str) -> Iterator[tuple[str, str]]:
    yield "JWS", (root / f"{name}-d-jws.txt").read_text().strip()
    (from_file,) = json.loads((root / f"{name}-e-file.smart-health-card").read_text())["verifiableCredential"]
    yield "file", from_file


def collected(texts: tuple[str, ...]) -> str:
    """The text of a card: of the one symbol, or of all of them in the order they are shown."""
    if len(texts) == 1:
        return texts[0]
    collector = Collector()
    steps = [collector.add(text, AT) for text in texts]
    assert [step.text is None for step in steps] == [True] * (len(texts) - 1) + [False]
    return steps[-1].text or ""


def test_every_example_of_the_specification_comes_out_as_published(capsys: pytest.CaptureFixture[str]) -> None:
    report = Report("SMART Health Cards, examples")
    for name, root in examples():
        for check, message in messages(root, name):
            _judge(report, check, name, shc.read_jws(message, context()))
            _compare(report, name, root, message)
        texts = symbols(root, name)
        check = "symbol" if len(texts) == 1 else f"{len(texts)} symbols"
        for order in permutations(texts):
            _judge(report, check, name, codes.read(collected(order), context()))
    report.show(capsys)
    assert report.disagreed == []


def _judge(report: Report, check: str, name: str, code: HealthCode) -> None:
    found = (code.holder, len(code.vaccinations), len(code.tests))
    if code.verification is Verification.VERIFIED and code.issuer == ISSUER and found == ANSWERS[name]:
        report.agreed(check)
    else:
        report.disagrees(check, name, f"{code.verification} {code.reason} {found}")


def _compare(report: Report, name: str, root: Path, message: str) -> None:
    """The payload and the bundle as they lie beside the example."""
    parsed = jws.parse(message)
    assert isinstance(parsed, jws.Jws)
    claims = jws.content(parsed)
    published = {
        "payload": (claims, "c-jws-payload-minified"),
        "bundle": (claims["vc"]["credentialSubject"]["fhirBundle"], "a-fhirBundle"),
    }
    for check, (found, file) in published.items():
        same = json.loads((root / f"{name}-{file}.json").read_text()) == found
        report.agreed(check) if same else report.disagrees(check, name, "differs")


def test_parts_of_a_card_are_read_one_by_one_as_incomplete() -> None:
    (several,) = (texts for name, root in examples() if len(texts := symbols(root, name)) > 1)
    for number, text in enumerate(several, start=1):
        code = codes.read(text, context())
        assert (code.reason, code.part and (code.part.number, code.part.total)) == (Reason.INCOMPLETE, (number, 3))


def test_every_broken_card_is_refused_for_what_is_broken(capsys: pytest.CaptureFixture[str]) -> None:
    report = Report("SMART Health Cards, broken cards")
    paths = sorted(folder("shc/negative").glob("*-d-jws-*.txt"))
    assert {path.stem.partition("-d-jws-")[2] for path in paths} == BROKEN.keys()
    for path in paths:
        name = path.stem.partition("-d-jws-")[2]
        expected, why = BROKEN[name]
        code = shc.read_jws(path.read_text(), context())
        if code.reason is not expected:
            report.disagrees("broken", name, f"expected {expected}, found {code.reason}")
        elif expected is None:
            report.not_applicable("broken", name, why)
        else:
            report.refused("broken", name, f"{expected}: {why}")
    report.show(capsys)
    assert report.disagreed == []


def test_a_broken_card_in_a_symbol_is_refused_alike() -> None:
    for path in sorted(folder("shc/negative").glob("*-d-jws-*.txt")):
        digits = "".join(f"{ord(char) - 45:02}" for char in path.read_text())
        expected, why = BROKEN[path.stem.partition("-d-jws-")[2]]
        assert codes.read(f"shc:/{digits}", context()).reason is expected, why


def test_the_revoked_example_is_revoked_by_its_issuers_list() -> None:
    name, root = list(examples())[3]
    (listed,) = (document for _, document in documents("shc/spec-examples/issuer/.well-known/crl", "*.json"))
    revoked = Revoked({"smart-health-card": shc.serials(listed)})
    (text,) = symbols(root, name)
    assert codes.read(text, context(revoked=revoked)).reason is Reason.REVOKED
    assert codes.read(text, context(at=datetime(2025, 1, 1, tzinfo=UTC))).reason is Reason.EXPIRED
    (good,) = symbols(root, "example-00")
    assert codes.read(good, context(revoked=revoked)).verification is Verification.VERIFIED


def test_the_office_imports_the_issuers_list_as_it_is_published() -> None:
    lists = cards.read(gather(sorted(folder("shc/spec-examples/issuer/.well-known/crl").glob("*.json"))))
    ((_, listed),) = documents("shc/spec-examples/issuer/.well-known/crl", "*.json")
    assert lists.kids == (listed["kid"],)
    assert lists.serials == set(shc.serials(listed))


def test_the_issuers_keys_given_by_hand_verify_its_examples() -> None:
    keys = Trust.of(key for item in issuer_keys() for key in trust_items.keys(item))
    for name, root in examples():
        code = codes.read(collected(tuple(symbols(root, name))), ReadContext(AT, keys))
        assert code.verification is Verification.VERIFIED, name
