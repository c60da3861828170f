from __future__ import annotations

import base64
from pathlib import Path

import cv2
import numpy as np
import pytest

from kiosk.devices import picture, picture_size
from kiosk.devices.decoder import read_symbols
from kiosk.errors import DeviceError
from tests.kiosk.devices.drawing import BLACK, GREEN, lying_png, save, scenery, symbol

KINDS = ["png", "jpg", "webp", "bmp", "tiff", "gif", "ppm"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_picture_is_read(kind: str, tmp_path: Path) -> None:
    file = save(tmp_path / f"pass.{kind}", symbol("GP1:HELLO"))
    assert [found.text for found in read_symbols(picture.load(file))] == ["GP1:HELLO"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_header_tells_the_size_that_decoding_finds(kind: str, tmp_path: Path) -> None:
    file = save(tmp_path / f"view.{kind}", scenery(size=(322, 214)))
    assert picture_size.claimed(file.read_bytes()) == (322, 214)
    assert picture_size.is_picture(file.read_bytes()[:16])


def test_a_lossless_and_an_extended_webp_tell_their_size_too(tmp_path: Path) -> None:
    see_through = cv2.cvtColor(scenery(size=(322, 214)), cv2.COLOR_BGR2BGRA)
    see_through[:50, :, 3] = 7
    lossy = cv2.imencode(".webp", see_through, [cv2.IMWRITE_WEBP_QUALITY, 50])[1].tobytes()
    lossless = cv2.imencode(".webp", scenery(size=(322, 214)), [cv2.IMWRITE_WEBP_QUALITY, 101])[1].tobytes()
    assert (lossy[12:16], lossless[12:16]) == (b"VP8X", b"VP8L")
    assert picture_size.claimed(lossy) == picture_size.claimed(lossless) == (322, 214)


def test_a_film_is_no_picture() -> None:
    assert not picture_size.is_picture(b"RIFF\x10\0\0\0AVI LIST")
    assert picture_size.claimed(b"RIFF\x10\0\0\0AVI LIST") is None


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("share", [0.02, 0.3, 0.6])
def test_a_truncated_picture_is_an_error_or_a_picture_but_never_a_crash(
    kind: str, share: float, tmp_path: Path
) -> None:
    whole = save(tmp_path / f"view.{kind}", scenery(size=(200, 160))).read_bytes()
    part = tmp_path / f"part.{kind}"
    part.write_bytes(whole[: int(share * len(whole))])
    try:
        outcome = str(picture.load(part).shape)
    except DeviceError as error:
        outcome = str(error)
    assert any(fair in outcome for fair in ("(160, 200, 3)", "damaged or cut off", "not a picture"))


def test_a_header_that_claims_900_megapixels_is_refused_before_decoding(tmp_path: Path) -> None:
    file = tmp_path / "bomb.png"
    file.write_bytes(lying_png(30_000, 30_000))
    with pytest.raises(DeviceError, match="30000×30000 pixels are too many"):
        picture.load(file)


@pytest.mark.parametrize(("width", "height"), [(10_001, 10_000), (65_536, 1), (1, 65_536)])
def test_just_too_large_a_picture_is_refused(width: int, height: int) -> None:
    with pytest.raises(DeviceError, match="too many"):
        picture.check_size(width, height)


@pytest.mark.parametrize(("width", "height"), [(10_000, 10_000), (65_535, 1), (1, 65_535)])
def test_just_not_too_large_a_picture_is_taken(width: int, height: int) -> None:
    picture.check_size(width, height)


@pytest.mark.parametrize(("width", "height"), [(0, 0), (0, 5), (5, 0)])
def test_a_picture_that_claims_no_pixels_is_refused(width: int, height: int, tmp_path: Path) -> None:
    file = tmp_path / "nothing.png"
    file.write_bytes(lying_png(width, height))
    with pytest.raises(DeviceError, match="shows nothing"):
        picture.load(file)


@pytest.mark.parametrize(
    "content", [b"", b"\x89PNG", b"\xff\xd8\xff", b"BM", b"II*\0\xff\xff\xff\xff", b"hello", b"P6"]
)
def test_a_file_that_is_no_picture_is_refused_with_a_clear_message(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "view.png"
    file.write_bytes(content)
    with pytest.raises(DeviceError, match="not a picture of a kind Gatehouse reads"):
        picture.load(file)


def test_a_picture_that_is_not_there_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(DeviceError, match="cannot be read: No such file"):
        picture.load(tmp_path / "nowhere.png")


def test_transparent_parts_are_white_as_on_a_page(tmp_path: Path) -> None:
    drawn = symbol("GP1:HELLO")
    ink = np.zeros((*drawn.shape[:2], 4), np.uint8)  # black everywhere, visible only where a module is
    ink[..., 3] = 255 - drawn[..., 0]
    file = save(tmp_path / "sticker.png", ink)
    assert [found.text for found in read_symbols(picture.load(file))] == ["GP1:HELLO"]


@pytest.mark.parametrize("brightest", [65_535, 4_095, 1_023])
def test_a_16_bit_picture_is_read_whatever_part_of_the_range_its_camera_fills(brightest: int, tmp_path: Path) -> None:
    deep = symbol("GP1:DEEP", dark=GREEN).astype(np.float64) / 255 * brightest
    found = read_symbols(picture.load(save(tmp_path / "deep.png", deep.astype(np.uint16))))
    assert [(one.text, one.colour.value) for one in found] == [("GP1:DEEP", "green")]


def test_a_cmyk_jpeg_is_read(tmp_path: Path) -> None:
    file = tmp_path / "print.jpg"
    file.write_bytes(base64.b64decode((Path(__file__).parent / "cmyk.jpg.base64").read_text()))
    assert [found.text for found in read_symbols(picture.load(file))] == ["GP1:CMYK"]


@pytest.mark.parametrize(
    "array",
    [
        symbol("GP1:ARRAY")[..., 0],
        symbol("GP1:ARRAY")[..., :1],
        symbol("GP1:ARRAY") > 128,
        symbol("GP1:ARRAY") / 255,
        symbol("GP1:ARRAY").astype(np.float32),
        np.asfortranarray(symbol("GP1:ARRAY")),
        symbol("GP1:ARRAY")[::-1, ::-1],
        np.dstack([symbol("GP1:ARRAY")[..., 0], np.full_like(symbol("GP1:ARRAY")[..., 0], 255)]),
        np.where(symbol("GP1:ARRAY") > 128, 1.0, np.nan),
    ],
    ids=["grey", "one channel", "bool", "float", "float 255", "fortran", "turned", "grey alpha", "nan"],
)
def test_any_array_that_shows_a_symbol_is_read(array: np.ndarray) -> None:
    assert [found.text for found in read_symbols(array)] == ["GP1:ARRAY"]


@pytest.mark.parametrize("shape", [(1, 1), (1, 1, 3), (1, 900, 3), (900, 1), (2, 2, 4), (20, 20)])
def test_a_tiny_picture_holds_no_symbol(shape: tuple[int, ...]) -> None:
    assert read_symbols(np.full(shape, 255, np.uint8)) == []


@pytest.mark.parametrize(
    ("array", "why"),
    [
        (np.zeros((0, 0), np.uint8), "0×0 pixels shows nothing"),
        (np.zeros((0, 5, 3), np.uint8), "5×0 pixels shows nothing"),
        (np.zeros((5, 5, 7), np.uint8), "7 channels"),
        (np.zeros((5, 5, 0), np.uint8), "0 channels"),
        (np.zeros(5, np.uint8), "two or three dimensions"),
        (np.zeros((5, 5), np.int64), "int64"),
        (np.zeros((5, 5), np.complex128), "complex128"),
        (np.full((5, 5), "x"), "not read"),
    ],
)
def test_an_array_that_is_no_picture_is_a_clear_error(array: np.ndarray, why: str) -> None:
    with pytest.raises(DeviceError, match=why):
        read_symbols(array)


def test_the_darkest_channel_makes_yellow_dark() -> None:
    yellow = np.full((1, 1, 3), (0, 200, 255), np.uint8)
    assert picture.darkest(yellow)[0, 0] == 0
    assert picture.grey(yellow)[0, 0] > 150
    assert picture.darkest(np.full((1, 1, 3), BLACK, np.uint8)).shape == (1, 1)
