"""The published NZ COVID Passes: the worked example of the specification, step by step, and its invalid passes."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from kiosk import codes
from kiosk.codes import IssuerKey, ReadContext, Trust, jwk, nzcp, trust_items
from kiosk.devices import picture
from kiosk.devices.decoder import read_symbols
from kiosk.model import HealthCode, Holder, Reason, Verification
from tests.conformance.data import folder
from tests.conformance.report import Report

AT = datetime(2022, 6, 1, tzinfo=UTC)
JACK = Holder(name="Jack Sparrow", birth_date="1960-04-16")
INVALID: dict[str, tuple[Reason, str]] = {
    "nzcp-bad-public-key": (Reason.BAD_SIGNATURE, "signed with another key than the one it names"),
    "nzcp-expired-payload": (Reason.EXPIRED, "its exp has passed"),
    "nzcp-modified-payload": (Reason.BAD_SIGNATURE, "a changed payload"),
    "nzcp-modified-sig": (Reason.BAD_SIGNATURE, "a changed signature"),
    "nzcp-not-associated-public-key": (Reason.UNKNOWN_ISSUER, "a key that is not in its issuer's document"),
    "nzcp-notactive-payload": (Reason.NOT_YET_VALID, "its nbf is still to come"),
}


def example() -> Path:
    return folder("nzcp/valid")


def document(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((example() / name).read_text())
    return content


def trusted() -> Trust:
    """The keys that the issuer's DID document has for assertions."""
    did = document("did.json")
    return Trust.of(
        IssuerKey(
            "nz-covid-pass",
            method["id"].partition("#")[2].encode(),
            jwk.public_key(method["publicKeyJwk"]),
            "ES256",
            did["id"],
        )
        for method in did["verificationMethod"]
        if method["id"] in did["assertionMethod"]
    )


def read(text: str, trust: Trust | None = None) -> HealthCode:
    return codes.read(text, ReadContext(AT, trust or trusted()))


def test_the_worked_example_comes_out_as_published() -> None:
    text, claims = (example() / "nzcp.txt").read_text().strip(), document("nzcp.json")
    code = read(text)
    assert (code.verification, code.holder, code.serial) == (Verification.VERIFIED, JACK, claims["jti"])
    assert code.issuer == claims["iss"]
    assert [code.valid_from, code.valid_until] == [datetime.fromtimestamp(claims[name], UTC) for name in ("nbf", "exp")]


def test_its_header_comes_out_as_published() -> None:
    message = nzcp._message((example() / "nzcp.txt").read_text().strip())
    assert not isinstance(message, Reason)
    header = document("nzcp-protected-headers.json")
    assert (message.kid.decode(), message.alg) == (header["kid"], {"ES256": -7}[header["alg"]])
    hexadecimal = (example() / "nzcp-cwt-hex.txt").read_text().strip()
    assert message.payload.hex() in hexadecimal
    assert hexadecimal.endswith(message.signature.hex())


def test_the_picture_of_the_example_holds_its_text() -> None:
    (symbol,) = read_symbols(picture.load(example() / "nzcp.png"))
    assert symbol.text == (example() / "nzcp.txt").read_text().strip()


def test_every_invalid_pass_is_refused_as_published(capsys: pytest.CaptureFixture[str]) -> None:
    report = Report("NZ COVID Pass")
    if read((example() / "nzcp.txt").read_text().strip()).verification is Verification.VERIFIED:
        report.agreed("valid")
    for path in sorted(folder("nzcp/invalid").glob("*.txt")):
        expected, why = INVALID[path.stem]
        code = read(path.read_text().strip())
        if code.reason is expected:
            report.refused("invalid", path.stem, f"{expected}: {why}")
        else:
            report.disagrees("invalid", path.stem, f"expected {expected}, found {code.reason}")
    report.show(capsys)
    assert report.disagreed == []


@pytest.mark.parametrize("named", [{}, {"kid": "key-1"}, {"kid": "did:web:nzcp.covid19.health.nz#key-1"}])
def test_the_key_given_by_hand_verifies_the_example(named: dict[str, str]) -> None:
    trust = Trust.of(trust_items.keys(document("jwk.json") | named))
    assert read((example() / "nzcp.txt").read_text().strip(), trust).verification is Verification.VERIFIED
