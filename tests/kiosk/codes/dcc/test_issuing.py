from __future__ import annotations

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from kiosk import codes
from kiosk.codes import IssuerKey, ReadContext, Trust, dcc
from kiosk.model import Verification
from tests.kiosk.codes.ministry import ENTRIES, NOON, payload

KEY = ec.generate_private_key(ec.SECP256R1())


@pytest.mark.parametrize("group", ENTRIES)
def test_what_is_issued_is_read_back(group: str) -> None:
    valid = (NOON - timedelta(days=1), NOON + timedelta(days=30))
    text = dcc.issue(payload(group), "AT", valid, key=KEY, kid=b"film-key")
    trust = Trust.of([IssuerKey(dcc.NAME, b"film-key", KEY.public_key(), "ES256", "AT")])
    code = codes.read(text, ReadContext(NOON, trust))
    assert (code.verification, code.holder.name) == (Verification.VERIFIED, "Erika Maria Mustermann")
    assert (code.valid_from, code.valid_until) == valid
