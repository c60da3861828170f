"""What a pass was made for stands beside the name: a paper pass on a phone's screen is a photo of it."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from kiosk.codes import IssuerKey, Trust, jwk, office_pass
from kiosk.codes.office_pass import PassClaims
from kiosk.identity import Identity
from kiosk.service import GateService
from tests.kiosk.test_handdown import OFFICE_KEY, contents, manifest
from tests.web import gating
from tests.web.gating import Console

KEY = ec.generate_private_key(ec.SECP256R1())


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[GateService]:
    """A gate that believes the passes of one office."""
    (tmp_path / "var").mkdir()
    Identity("g1", "c1", "幸福社区", "http://127.0.0.1:1", OFFICE_KEY, bytes(32)).save(tmp_path / "var")
    service = gating.build(tmp_path / "var")
    public = KEY.public_key()
    key = IssuerKey("office-pass", jwk.key_id(public), public, "ES256", "青山街道")
    sections = {"trust": json.dumps(Trust.of([key]).to_section()).encode()}
    service.handdown.swap(manifest(1, sections), contents(sections))
    yield service
    service.stop()


@pytest.mark.parametrize(("medium", "shown"), [("paper", "纸质证"), ("phone", "手机证"), ("", None)])
def test_the_volunteer_reads_what_a_pass_was_made_for(console: Console, medium: str, shown: str | None) -> None:
    now = datetime.now(UTC)
    claims = PassClaims(
        secrets.token_bytes(16), "王小明", "青山街道", now - timedelta(days=1), now + timedelta(days=1), medium=medium
    )
    answer = console.send("/lanes/1/scan", {"text": office_pass.issue(claims, KEY)})
    card = answer.json["regions"]["card"]  # type: ignore[index]
    assert "已核验" in card
    assert [word for word in ("纸质证", "手机证") if word in card] == ([shown] if shown else [])
