"""A genuine certificate, and what it says as a HealthCode."""

from __future__ import annotations

import base64
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kiosk.codes import cose, cwt
from kiosk.codes.dcc import schema
from kiosk.codes.dcc.payload import Certificate
from kiosk.model import HealthCode, Holder, LabTest, Reason, Recovery, Vaccination, Verification

NAME = "eu-dcc"

_TEST_KINDS = {"LP6464-4": "pcr", "LP217198-3": "antigen"}  # LOINC: nucleic acid amplification, rapid immunoassay
_RESULTS = {"260415000": "negative", "260373001": "positive"}  # SNOMED CT


@dataclass(frozen=True, slots=True)
class Genuine:
    """A certificate whose signature, usage and schema hold; nothing is said yet about its time or revocation."""

    token: cwt.Cwt
    signed: cose.Sign1
    shown: Certificate

    @property
    def uvci(self) -> str:
        """The certificate's own identifier."""
        return str(self.shown.entry["ci"])

    @property
    def country(self) -> str:
        """Who issued it: the token's issuer, else the country that the entry names."""
        return self.token.issuer or str(self.shown.entry["co"])

    def told(self, verification: Verification, reason: Reason | None) -> HealthCode:
        """What it says, with the judgement on it."""
        entry, kind, token = self.shown.entry, self.shown.kind, self.token
        return HealthCode(
            scheme=NAME,
            holder=_holder(self.shown.payload),
            tests=(_test(entry),) if kind == "test" else (),
            vaccinations=(_vaccination(entry),) if kind == "vaccination" else (),
            recoveries=(_recovery(entry),) if kind == "recovery" else (),
            issuer=token.key.issuer or token.issuer or _clean(entry["is"]),
            valid_from=token.not_before or token.issued_at,
            valid_until=token.expires,
            verification=verification,
            reason=reason,
            serial=self.uvci,
            demo=token.key.demo,
            certificate=self._for_rules(),
        )

    def _for_rules(self) -> dict[str, Any]:
        """What acceptance rules ask for beyond the time."""
        kid = base64.b64encode(self.signed.kid).decode()
        return {"kind": self.shown.kind, "country": self.country, "kid": kid, "payload": self.shown.payload}


def _holder(payload: Mapping[str, Any]) -> Holder:
    return Holder(name=_name(payload["nam"]), birth_date=schema.birth_date(payload.get("dob") or ""))


def _test(entry: Mapping[str, Any]) -> LabTest:
    return LabTest(
        kind=_TEST_KINDS.get(entry["tt"], _clean(entry["tt"])),
        taken_at=schema.moment(entry["sc"]),
        result=_RESULTS.get(entry["tr"], "unknown"),
    )


def _vaccination(entry: Mapping[str, Any]) -> Vaccination:
    return Vaccination(product=_clean(entry["mp"]), dose=entry["dn"], doses=entry["sd"], date=schema.day(entry["dt"]))


def _recovery(entry: Mapping[str, Any]) -> Recovery:
    first_positive, valid_from, valid_until = (schema.day(entry[member]) for member in ("fr", "df", "du"))
    return Recovery(first_positive, valid_from, valid_until)


def _name(name: Mapping[str, Any]) -> str:
    """The name as its bearer writes it, else as its standardised form does: forename first, 王 and 小明 as 王小明."""
    surname = _clean(name.get("fn") or _spaced(name.get("fnt")))
    forename = _clean(name.get("gn") or _spaced(name.get("gnt")))
    if _is_han(surname) and _is_han(forename):
        return surname + forename
    return f"{forename} {surname}".strip()


def _spaced(standardised: str | None) -> str:
    return (standardised or "").replace("<", " ")


def _is_han(text: str) -> bool:
    return bool(text) and all(unicodedata.name(char, "").startswith("CJK UNIFIED") for char in text)


def _clean(text: str) -> str:
    """`text` as it can stand on a screen: no control characters, single blanks."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())
