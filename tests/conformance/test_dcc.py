"""The published vectors of the EU Digital COVID Certificate, check by check and from end to end.

Each vector says in EXPECTEDRESULTS which of its steps must succeed and which must fail; docs/codes.md lists the steps.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from kiosk import codes
from kiosk.codes import ReadContext, Trust, base45, cbor, cose, cwt, dcc, trust_items
from kiosk.codes.dcc import schema
from kiosk.codes.dcc.payload import CLAIM, KINDS, certificate, plain
from kiosk.codes.dcc.reading import may_vouch
from kiosk.codes.inflate import inflate
from kiosk.devices import picture
from kiosk.devices.decoder import read_symbols
from kiosk.errors import DeviceError
from kiosk.model import Reason, Verification, from_iso
from tests.conformance.data import documents
from tests.conformance.report import Report

MAX_BYTES = cose.MAX_MESSAGE_BYTES
ENOUGH = 0.995

WRONG = {
    ("SK/3", "SCHEMAVALIDATION"): "two vaccinations in one certificate, which is to state exactly one",
    ("FR/test_pcr_ok", "VALIDJSON"): "its JSON says that the sample was taken two hours before the signed time",
}


@dataclass(frozen=True)
class Vector:
    """One published vector. A check raises an error, or answers False, where it fails."""

    name: str
    document: dict[str, Any]
    folder: Path

    @property
    def context(self) -> ReadContext:
        told = self.document["TESTCTX"]
        return ReadContext(from_iso(told["VALIDATIONCLOCK"]), Trust.of(trust_items.keys(told["CERTIFICATE"])))

    @property
    def expected(self) -> dict[str, bool]:
        """By the check's name; four vectors misspell the one of the time."""
        results = self.document["EXPECTEDRESULTS"].items()
        names = {"EXPTECTEDEXPIRED": "EXPIRATIONCHECK"}
        return {names.get(name, name.removeprefix("EXPECTED")): value for name, value in results}

    def has(self, *members: str) -> bool:
        return all(self.document.get(member) is not None for member in members)

    def data(self, member: str) -> bytes:
        return bytes.fromhex(self.document[member])

    def token(self) -> cwt.Cwt:
        opened = cwt.open_token(self.data("COSE"), dcc.NAME, self.context)
        if isinstance(opened, Reason):
            raise ValueError(opened)
        return opened

    def claims(self) -> Any:
        signed = cose.parse(self.data("COSE"))
        if isinstance(signed, Reason):
            raise ValueError(signed)
        return cbor.decode(signed.payload)

    def payload(self) -> Any:
        return plain(self.claims()[CLAIM][1])

    def pictured(self) -> list[str]:
        file = self.folder / "symbol"
        file.write_bytes(base64.b64decode(self.document["2DCODE"]))
        return [symbol.text for symbol in read_symbols(picture.load(file))]


def _unprefix(vector: Vector) -> bool:
    text = vector.document["PREFIX"]
    return text.startswith(dcc.PREFIX) and text.removeprefix(dcc.PREFIX) == vector.document["BASE45"]


def _b45decode(vector: Vector) -> bool:
    decoded = base45.decode(vector.document["BASE45"])
    return not vector.has("COMPRESSED") or decoded == vector.data("COMPRESSED")


def _compression(vector: Vector) -> bool:
    return inflate(vector.data("COMPRESSED"), MAX_BYTES) == vector.data("COSE")


def _decode(vector: Vector) -> bool:
    """Some vectors give all claims there, some the certificate alone."""
    given = cbor.decode(vector.data("CBOR"))
    return bool(given in (vector.claims(), vector.claims()[CLAIM][1]))


def _verify(vector: Vector) -> bool:
    return bool(vector.token())


def _validjson(vector: Vector) -> bool:
    return bool(vector.payload() == vector.document["JSON"])


def _validobject(vector: Vector) -> bool:
    return schema.problem(certificate({CLAIM: {1: vector.document["JSON"]}})) is None


def _schemavalidation(vector: Vector) -> bool:
    return schema.problem(certificate(vector.claims())) is None


def _expirationcheck(vector: Vector) -> bool:
    return cwt.untimely(vector.token(), vector.context.at, good_at_exp=True) is None


def _keyusage(vector: Vector) -> bool:
    usage = vector.token().key.usage
    return all(may_vouch(usage, kind) for group, kind in KINDS.items() if vector.payload().get(group))


def _picturedecode(vector: Vector) -> bool:
    return vector.pictured() == [vector.document["PREFIX"]]


CHECKS: dict[str, tuple[Callable[[Vector], bool], tuple[str, ...]]] = {
    "PICTUREDECODE": (_picturedecode, ("2DCODE",)),
    "UNPREFIX": (_unprefix, ("PREFIX", "BASE45")),
    "B45DECODE": (_b45decode, ("BASE45",)),
    "COMPRESSION": (_compression, ("COMPRESSED", "COSE")),
    "DECODE": (_decode, ("COSE", "CBOR")),
    "VERIFY": (_verify, ("COSE",)),
    "VALIDJSON": (_validjson, ("COSE", "JSON")),
    "VALIDOBJECT": (_validobject, ("JSON",)),
    "SCHEMAVALIDATION": (_schemavalidation, ("COSE",)),
    "EXPIRATIONCHECK": (_expirationcheck, ("COSE",)),
    "KEYUSAGE": (_keyusage, ("COSE",)),
}

# What reading the text answers when that step is the one that fails.
REASONS = {
    "UNPREFIX": Reason.UNKNOWN_SCHEME,
    "B45DECODE": Reason.MALFORMED,
    "COMPRESSION": Reason.MALFORMED,
    "DECODE": Reason.MALFORMED,
    "VERIFY": Reason.BAD_SIGNATURE,
    "SCHEMAVALIDATION": Reason.SCHEMA,
    "KEYUSAGE": Reason.WRONG_USAGE,
}


def vectors(scratch: Path) -> list[Vector]:
    return [Vector(name, document, scratch) for name, document in documents("dcc/vectors", "*/*.json")]


def _judge(report: Report, vector: Vector, check: str, expected: bool) -> None:
    if check not in CHECKS:
        report.not_applicable(check, vector.name, "a gate issues no certificates")
        return
    judge, members = CHECKS[check]
    if not vector.has(*members):
        report.not_applicable(check, vector.name, f"the vector has no {' and no '.join(members)}")
        return
    try:
        found, why = judge(vector), ""
    except (ValueError, DeviceError) as error:
        found, why = False, str(error)
    if found is expected:
        say = vector.document["TESTCTX"].get("DESCRIPTION", "")
        report.agreed(check) if expected else report.refused(check, vector.name, f"{say} {why}")
    elif (vector.name, check) in WRONG:
        report.wrong(check, vector.name, WRONG[vector.name, check])
    else:
        report.disagrees(check, vector.name, f"published {expected}, found {found}: {why}")


def test_every_step_of_every_published_certificate_comes_out_as_published(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = Report("EU DCC, step by step")
    for vector in vectors(tmp_path):
        for check in sorted(vector.expected, key=[*CHECKS, *vector.expected].index):
            _judge(report, vector, check, vector.expected[check])
    report.show(capsys)
    assert report.disagreed == []
    assert report.share() >= ENOUGH


def test_reading_each_text_whole_ends_as_its_steps_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = Report("EU DCC, from text to answer")
    for vector in vectors(tmp_path):
        code = codes.read(vector.document["PREFIX"], vector.context)
        country = vector.name.partition("/")[0]
        failing = [REASONS[check] for check, good in vector.expected.items() if not good and check in REASONS]
        say = vector.document["TESTCTX"].get("DESCRIPTION", "")
        untold = "EXPIRATIONCHECK" not in vector.expected and code.reason in (Reason.NOT_YET_VALID, Reason.EXPIRED)
        if failing and code.reason is failing[0]:
            report.refused(country, vector.name, f"{say}: {code.reason}")
        elif not failing and code.verification is Verification.VERIFIED:
            report.agreed(country)
        elif not failing and untold:
            report.not_applicable(country, vector.name, f"{code.reason} at its clock, of which it expects nothing")
        elif code.reason is Reason.SCHEMA and (vector.name, "SCHEMAVALIDATION") in WRONG:
            report.wrong(country, vector.name, WRONG[vector.name, "SCHEMAVALIDATION"])
        else:
            report.disagrees(country, vector.name, f"{say}: {code.verification} {code.reason}")
    report.show(capsys)
    assert report.disagreed == []
