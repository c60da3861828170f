"""Prints a sheet of passes as the office does, looks at its page as a printer would, and keeps one card as the film's
prop: python -m tests.bulk_pass. The key that signs them is made here and forgotten."""

from __future__ import annotations

import json
import math
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import cv2
import numpy as np
import pypdfium2
from cryptography.hazmat.primitives.asymmetric import ec

from kiosk import codes
from kiosk.codes import IssuerKey, ReadContext, Trust, jwk, office_pass
from kiosk.codes.office_pass import PassClaims
from kiosk.devices.decoder import read_symbols
from kiosk.model import Symbol, Verification
from sync.office.passes import paper, rows
from sync.office.values import IssuedPass

PROP = Path("kiosk/film/printed.png")
OFFICE, COMMUNITY = "青山街道办事处", "青山花园社区"
SHOWN = "郑海燕"
PEOPLE = ("万国强", "汪小兰", "钟志明", SHOWN, "夏雨欣", "姜文杰", "范丽娟", "邱伟")
DPI = 150
MM = 25.4
CARD = (95.0, 66.0)  # mm
VALID = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2036, 1, 1, tzinfo=UTC))


def main() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    passes = [_issued(name, number, key) for number, name in enumerate(PEOPLE, start=1)]
    pdf = paper.sheet(passes, "a4", ZoneInfo("Asia/Shanghai"), VALID[0])
    page = _picture(pypdfium2.PdfDocument(pdf)[0])
    found = {symbol.text: symbol for symbol in read_symbols(page)}
    assert found.keys() == {issued.text for issued in passes}, "each pass is read back from its page"
    shown = passes[PEOPLE.index(SHOWN)]
    keep(_cut_out(page, found[shown.text]), shown.text, key)


def keep(card: np.ndarray[Any, Any], text: str, key: ec.EllipticCurvePrivateKey) -> None:
    """Write the prop and its side file, once it is sure that a gate believes it."""
    public = key.public_key()
    trust = Trust.of([IssuerKey(office_pass.NAME, jwk.key_id(public), public, "ES256", OFFICE, demo=True)])
    (symbol,) = read_symbols(card)
    assert symbol.text == text
    code = codes.read(text, ReadContext(VALID[0], trust, demo=True))
    assert code.verification is Verification.VERIFIED
    cv2.imwrite(str(PROP), card, [cv2.IMWRITE_PNG_COMPRESSION, 9])
    side = json.dumps({"text": text, "trust": trust.to_section()}, ensure_ascii=False, indent=1)
    PROP.with_name(PROP.name + ".json").write_text(side + "\n", encoding="utf-8")


def _issued(name: str, number: int, key: ec.EllipticCurvePrivateKey) -> IssuedPass:
    claims = PassClaims(
        serial=secrets.token_bytes(16),
        name=name,
        issuer=OFFICE,
        valid_from=VALID[0],
        valid_until=VALID[1],
        id_last4=f"{4100 + number}",
        household=f"{number}栋1单元{number}02室",
        kind="resident",
        medium="paper",
    )
    return rows.in_clear(office_pass.issue(claims, key), claims, COMMUNITY, demo=True)


def _picture(page: Any) -> np.ndarray[Any, Any]:
    return cv2.cvtColor(np.asarray(page.render(scale=DPI / 72).to_numpy()), cv2.COLOR_RGB2BGR)


def _cut_out(page: np.ndarray[Any, Any], symbol: Symbol) -> np.ndarray[Any, Any]:
    """The card that holds `symbol`: cards lie in a grid around the page's middle, four rows of two."""
    width, height = (side / MM * DPI for side in CARD)
    x, y = np.mean(symbol.corners, axis=0)
    across, down = page.shape[1] / 2 - width, page.shape[0] / 2 - 2 * height
    left = round(across + math.floor((x - across) / width) * width)
    top = round(down + math.floor((y - down) / height) * height)
    return page[top : top + round(height), left : left + round(width)]


if __name__ == "__main__":
    main()
