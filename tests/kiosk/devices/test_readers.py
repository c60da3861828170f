from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import segno

from kiosk.devices.picture import darkest, grey
from kiosk.devices.qrdec import qrdec
from kiosk.devices.readers import Look, zbar, zbar_missing, zxing
from tests.kiosk.devices.drawing import BLACK, GREEN, RED, YELLOW, draw, held_up, scenery, seen_from_the_side, symbol

ROOT = Path(__file__).parents[3]
READERS = pytest.mark.parametrize("read", [zxing, zbar, qrdec])
# what zbar takes for Big5 (測試) or Shift-JIS (日本, é), and what zxing-cpp takes for Shift-JIS (裔猗)
CHINESE = ["测试通行", "測試", "日本", "é", "裔猗", "青山街道 王小明 3栋2单元"]


@READERS
@pytest.mark.parametrize("text", ["GP1:ABC", *CHINESE])
def test_utf_8_comes_out_as_it_went_in(read: type[Look], text: str) -> None:
    assert [found.text for found in read(grey(symbol(text))).symbols] == [text]


def test_a_declared_alphabet_is_respected() -> None:
    drawn = grey(draw(segno.make("青山街道", encoding="gb18030", eci=True, micro=False)))
    assert [found.text for found in zxing(drawn).symbols] == ["青山街道"]


@pytest.mark.parametrize("read", [zbar, qrdec])
def test_bytes_in_no_known_alphabet_are_nothing_rather_than_a_guess(read: type[Look]) -> None:
    drawn = grey(draw(segno.make(b"\xff\xfe\x81\x80", micro=False)))
    assert read(drawn).symbols == ()


@READERS
def test_a_picture_is_left_as_it_was(read: type[Look]) -> None:
    drawn = grey(symbol("GP1:SAME"))
    before = drawn.copy()
    read(drawn)
    assert (drawn == before).all()


@READERS
@pytest.mark.parametrize("turns", range(4))
def test_corners_go_clockwise_from_the_symbols_own_top_left(read: type[Look], turns: int) -> None:
    drawn = symbol("GP1:CORNERS", module=6)
    low, high = 4 * 6, drawn.shape[0] - 4 * 6
    square = [(low, low), (high, low), (high, high), (low, high)]
    (found,) = read(np.ascontiguousarray(np.rot90(grey(drawn), -turns))).symbols
    assert np.abs(np.array(found.corners) - np.array(square[turns:] + square[:turns])).max() <= 3


@READERS
def test_several_symbols_in_one_picture_are_all_read(read: type[Look]) -> None:
    both = np.hstack([symbol("GP1:LEFT"), symbol("GP1:RIGHT")])
    assert sorted(found.text for found in read(grey(both)).symbols) == ["GP1:LEFT", "GP1:RIGHT"]


@READERS
def test_a_frame_without_a_code_gives_nothing(read: type[Look]) -> None:
    assert read(grey(scenery())) == Look(())


@pytest.mark.parametrize("dark", [BLACK, GREEN, YELLOW, RED], ids=["black", "green", "yellow", "red"])
def test_each_reader_sees_every_module_colour_in_its_own_channel(dark: tuple[int, int, int]) -> None:
    frame = held_up("GP1:COLOUR", dark=dark)
    assert [found.text for found in zxing(grey(frame)).symbols] == ["GP1:COLOUR"]
    assert [found.text for found in zbar(darkest(frame)).symbols] == ["GP1:COLOUR"]


def test_a_light_symbol_on_dark_ground_is_read() -> None:
    assert [found.text for found in zxing(255 - grey(symbol("GP1:DARK-MODE"))).symbols] == ["GP1:DARK-MODE"]


def test_a_symbol_that_cannot_be_read_is_a_near_miss_with_its_place() -> None:
    look = zxing(grey(seen_from_the_side("GP1:LEANING" * 5, height=180, width=0.3, far=0.8)))
    assert look.symbols == ()
    ((left, top), _, (right, bottom), _) = look.near_misses[0]
    assert left < 640 < right
    assert top < 360 < bottom


def test_micro_qr_is_not_believed() -> None:
    drawn = grey(draw(segno.make("12345", micro=True)))
    assert zxing(drawn).symbols == ()


def test_the_second_reader_is_installed_here() -> None:
    assert zbar_missing() is None


def test_without_libzbar_the_first_reader_goes_on_and_the_log_says_what_to_install() -> None:
    program = """
import sys
sys.modules["pyzbar"] = None  # what an import meets where the library is missing
from kiosk.devices.decoder import read_symbols
from kiosk.devices.process import Decoder
from tests.kiosk.devices.drawing import scenery, symbol
print([found.text for found in read_symbols(symbol("GP1:ALONE"))], read_symbols(scenery()))
Decoder()
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.startswith("['GP1:ALONE'] []\n")
    assert "sudo apt-get install libzbar0" in done.stdout
