from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.codes.shc import numeric
from kiosk.model import Part, Reason

alphabet = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.", min_size=1, max_size=400)


@given(alphabet, st.integers(1, 12))
def test_what_is_written_is_read(tail: str, parts: int) -> None:
    message = "ey" + tail
    pieces = [numeric.read(text) for text in numeric.write(message, min(parts, len(message)))]
    assert "".join(piece.jws for piece in pieces if isinstance(piece, numeric.Piece)) == message
    total = len(pieces)
    assert [piece.part for piece in pieces if isinstance(piece, numeric.Piece)] == [
        Part(number, total) for number in range(1, total + 1)
    ]


def test_the_example_of_the_specification() -> None:
    assert numeric.write("eyX") == ("shc:/567643",)
    assert numeric.read("shc:/2/3/43") == numeric.Piece("X", Part(2, 3))
    assert numeric.read("shc:/1/1/5676") == numeric.Piece("ey", Part(1, 1))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "shc:/",
        "shc:/5",
        "shc:/567",
        "shc:/56 76",
        "shc:/5676\n",
        "SHC:/5676",
        "shc:5676",
        "shc:/５６76",
        "shc:/99",  # beyond what base64 has
        "shc:/567602",  # a slash
        "shc:/43",  # no JWS begins so
        "shc:/1/2/43",
        "shc:/0/2/5676",
        "shc:/01/2/5676",
        "shc:/3/2/5676",
        "shc:/1/0/5676",
        "shc:/1/2/",
        "shc:/1/5676",
        "shc:/1/2/3/5676",
        "shc:/-1/2/5676",
        "shc:/1/1000/5676",
    ],
)
def test_what_is_no_card_is_malformed(text: str) -> None:
    assert numeric.read(text) is Reason.MALFORMED


def test_oversize_parts_are_refused() -> None:
    fits = "56" + "43" * (numeric.MAX_PART_CHARS - 1)
    assert isinstance(numeric.read("shc:/2/3/" + fits), numeric.Piece)
    assert numeric.read(f"shc:/2/3/{fits}43") is Reason.TOO_LARGE
    assert numeric.read("shc:/1/13/5676") is Reason.TOO_LARGE
    assert numeric.read("shc:/5676" + "43" * numeric.MAX_JWS_CHARS) is Reason.TOO_LARGE


@pytest.mark.parametrize(
    ("jws", "parts"), [("é", 1), ("a b", 1), ("", 1), ("eyJ9", 0), ("e" * 20_000, 1), ("e" * 5000, 3)]
)
def test_what_does_not_fit_is_not_written(jws: str, parts: int) -> None:
    with pytest.raises((ValueError, ZeroDivisionError)):
        numeric.write(jws, parts)
