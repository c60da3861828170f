"""Writes the corpus anew: python -m tests.fuzz.samples. Everything in it is made up here; nobody's code is in it."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import cbor2
import cv2
import numpy as np

from kiosk.codes import cbor, cose, level_token, shc
from kiosk.model import Level
from kiosk.provinces.stand_in import draw, printed
from kiosk.provinces.stand_in.people import PEOPLE, answer
from kiosk.provinces.stand_in.server import ZONE
from tests.fuzz import forge
from tests.kiosk.codes import test_nzcp as nzcp
from tests.kiosk.codes.ministry import ENTRIES, payload
from tests.kiosk.codes.shc import cards
from tests.kiosk.devices.drawing import symbol

HERE = Path(__file__).parent / "corpus"
CODES, PICTURES = HERE / "codes", HERE / "pictures"
BEGAN, ENDS = (int((forge.NOON + timedelta(days=days)).timestamp()) for days in (-1, 30))
PASS = {
    1: "青山街道办",
    4: ENDS,
    5: BEGAN,
    7: bytes(range(16)),
    -65537: {1: "王小明", 2: "123X", 3: "3-2-501", 4: "resident"},
}
JPEG = [cv2.IMWRITE_JPEG_QUALITY, 60]


def codes() -> Iterator[tuple[str, bytes]]:
    yield "pass", b"p" + cbor.encode(PASS)
    for group in ENTRIES:
        yield f"dcc-{group}", b"d" + cbor.encode(_certificate(group))
    yield "dcc-message", b"m" + cose.sign(cbor.encode(_certificate("v")), key=forge.KEY, kid=forge.KID)
    yield "dcc-packed", b"z" + zlib.compress(cose.sign(cbor.encode(_certificate("t")), key=forge.KEY, kid=forge.KID))
    yield "nzcp", b"n" + cbor2.dumps(nzcp.CLAIMS)
    for name, claims in (
        ("shots", _card(cards.shot("2026-03-01"))),
        ("swab", _card(cards.swab("2026-11-20T08:00:00Z"))),
    ):
        yield f"shc-{name}", b"s" + json.dumps(claims, separators=(",", ":")).encode()
    yield "shc-packed", b"j" + zlib.compress(json.dumps(_card(cards.shot("2026-03-01"))).encode(), wbits=-15)
    jws = shc.issue(_card(cards.shot("2026-03-01")), forge.KEY)
    yield "shc-parts", b"c" + "\n".join(shc.write(jws, 3)).encode()
    yield from _texts()
    said = {"code": "0", "demo": True, "data": answer(PEOPLE["green"], printed("green")[-32:], None, forge.NOON, ZONE)}
    yield "province-answer", b"a" + json.dumps(said, ensure_ascii=False).encode()


def _texts() -> Iterator[tuple[str, bytes]]:
    yield "text-pass", b"t" + forge.office(cbor.encode(PASS)).encode()
    yield "text-dcc", b"t" + forge.europe(cbor.encode(_certificate("r"))).encode()
    yield "text-nzcp", b"t" + forge.zealand(cbor2.dumps(nzcp.CLAIMS)).encode()
    yield "text-shc", b"t" + forge.card(json.dumps(_card(cards.shot("2026-03-01"))).encode()).encode()
    yield "text-level", b"t" + level_token.write(Level.GREEN, "王芳").encode()
    yield "text-province-phone", b"t" + draw("green", forge.NOON, bytes(6)).encode()
    yield "text-province-paper", b"t" + printed("red").encode()
    yield "text-menu", b"thttps://example.com/menu?table=12"


def pictures() -> Iterator[tuple[str, bytes]]:
    code = symbol("GL1:red:A", module=3)
    grey = cv2.cvtColor(code, cv2.COLOR_BGR2GRAY)
    yield "code.png", _file(".png", code)
    yield "code-grey.png", _file(".png", grey)
    yield "code-alpha.png", _file(".png", np.dstack([code, 255 - grey]))
    yield "code-deep.png", _file(".png", grey.astype(np.uint16) * 257)
    yield "code.jpg", _file(".jpg", code, JPEG)
    yield "code.webp", _file(".webp", code, [cv2.IMWRITE_WEBP_QUALITY, 60])
    yield "code-lossless.webp", _file(".webp", code, [cv2.IMWRITE_WEBP_QUALITY, 101])
    yield "code.tif", _file(".tiff", grey)
    yield "code.gif", _file(".gif", code)
    yield "code.bmp", _file(".bmp", grey[::3, ::3])
    yield "code.pgm", _file(".pgm", grey[::3, ::3])
    yield "cut-off.png", _file(".png", code)[:300]
    yield "cut-off.jpg", _file(".jpg", code, JPEG)[:700]
    yield "claims-acres.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes([0, 0, 255, 255]) * 2 + bytes(20)
    yield "words.txt", b"not a picture at all"


def _file(suffix: str, image: np.ndarray, words: list[int] | None = None) -> bytes:
    done, data = cv2.imencode(suffix, image, words or [])
    assert done, suffix
    return data.tobytes()


def _certificate(group: str) -> dict[int, object]:
    return {1: "AT", 4: ENDS, 6: BEGAN, -260: {1: payload(group)}}


def _card(*resources: dict[str, object]) -> dict[str, object]:
    return cards.claims(cards.PATIENT, *resources, iss=forge.CLINIC)


def main() -> None:
    for folder, made in ((CODES, codes()), (PICTURES, pictures())):
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.iterdir():
            old.unlink()
        for name, data in made:
            (folder / name).write_bytes(data)
            print(f"{folder.name}/{name}: {len(data)} bytes")


if __name__ == "__main__":
    main()
