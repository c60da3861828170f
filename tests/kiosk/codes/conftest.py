"""A street office that signs passes, and what a gate knows of it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import HealthCheck, settings

from kiosk.codes import IssuerKey, ReadContext, Revoked, Trust, jwk, office_pass
from kiosk.codes.algorithms import PrivateKey, for_key
from kiosk.codes.office_pass import PassClaims

# A busy machine is no fault of the code under test.
settings.register_profile("codes", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("codes")

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
CLAIMS = PassClaims(
    serial=bytes(range(16)),
    name="王小明",
    issuer="青山街道办事处",
    valid_from=NOON - timedelta(days=1),
    valid_until=NOON + timedelta(days=13),
    id_last4="123X",
    household="3栋2单元501",
    kind="resident",
)


@dataclass(frozen=True)
class StreetOffice:
    """Signs with its one key; `context` is a gate that trusts it."""

    private: PrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    @property
    def key(self) -> IssuerKey:
        public = self.private.public_key()
        return IssuerKey("office-pass", jwk.key_id(public), public, for_key(public).name, "青山街道")

    def issue(self, **changes: Any) -> str:
        return office_pass.issue(replace(CLAIMS, **changes), self.private)

    def context(self, at: datetime = NOON, *, demo: bool = False, revoked: Revoked | None = None) -> ReadContext:
        return ReadContext(at, Trust.of([self.key]), revoked or Revoked.none(), demo)


@pytest.fixture(scope="session")
def office() -> StreetOffice:
    return StreetOffice()


@pytest.fixture(scope="session")
def vectors() -> Callable[[str], list[tuple[str, dict[str, Any]]]]:
    """Published test vectors below GATEHOUSE_DATA, as (name, document) in order."""

    def read(pattern: str) -> list[tuple[str, dict[str, Any]]]:
        if not (folder := os.environ.get("GATEHOUSE_DATA")):
            pytest.skip("GATEHOUSE_DATA does not name the folder of published vectors")
        found = sorted(Path(folder).glob(pattern))
        assert found, f"no {pattern} below GATEHOUSE_DATA"
        return [(str(path.relative_to(folder)), json.loads(path.read_text())) for path in found]

    return read
