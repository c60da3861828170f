"""A photo that somebody uploads: read behind limits, or a clear word why not."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from kiosk.devices.photo import LIMITS_TELL, read_photo
from kiosk.errors import DeviceError
from tests.kiosk.devices import drawing

HOSTILE = "tests.kiosk.devices.hostile_photo"


def png(picture: np.ndarray) -> bytes:
    return cv2.imencode(".png", picture)[1].tobytes()


def test_a_phone_s_photo_of_a_code_is_read_with_its_colour() -> None:
    photo = cv2.resize(drawing.held_up("GL1:green:张三", dark=drawing.GREEN), (3840, 2160))
    [symbol] = read_photo(cv2.imencode(".jpg", photo)[1].tobytes())
    assert (symbol.text, symbol.colour) == ("GL1:green:张三", "green")


def test_the_same_code_twice_is_one_and_two_codes_are_two() -> None:
    one, other = drawing.symbol("GL1:red:甲"), drawing.symbol("GL1:red:乙")
    assert [symbol.text for symbol in read_photo(png(np.hstack([one, one])))] == ["GL1:red:甲"]
    assert len(read_photo(png(np.hstack([one, other])))) == 2


def test_a_picture_without_a_code_holds_none() -> None:
    assert read_photo(png(drawing.scenery())) == ()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "not a picture"),
        (b"MZ\x90\x00 is no picture", "not a picture"),
        (png(drawing.symbol("x"))[:300], "damaged or cut off|cannot be decoded"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x75\x30\0\0\x75\x30\x08\x02\0\0\0", "too many"),
    ],
)
def test_what_is_no_whole_picture_says_so(data: bytes, words: str) -> None:
    with pytest.raises(DeviceError, match=words):
        read_photo(data)


@pytest.mark.parametrize("how", [b"abort", b"talk"])
def test_a_photo_that_breaks_its_reader_breaks_nothing_else(how: bytes) -> None:
    with pytest.raises(DeviceError, match=LIMITS_TELL):
        read_photo(how, HOSTILE)


def test_a_photo_that_hangs_its_reader_is_given_up() -> None:
    with pytest.raises(DeviceError, match=LIMITS_TELL):
        read_photo(b"hang", HOSTILE, wait_s=1)
