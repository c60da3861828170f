from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

from kiosk.devices import picture
from kiosk.devices.decoder import WHOLE_FRAME_EVERY, Ladder, read_symbols
from kiosk.devices.readers import zxing
from kiosk.model import Colour
from tests.kiosk.devices.drawing import BLACK, GREEN, RED, YELLOW, held_up, scenery, seen_from_the_side, symbol

TEXT = "GP1:6BFOXN*TS0BI$ZD4N9:9S6RCVN5+O30K3/XIV0W23NTDEPWK G2EP4J0BGJLFX3R3VHXK.PJ:2DPF6R:5SVBHABVCNN95SWMPHQUHQN%A4"
DATA = os.environ.get("GATEHOUSE_DATA")


@pytest.mark.parametrize(
    ("dark", "colour"), [(BLACK, Colour.BLACK), (GREEN, Colour.GREEN), (YELLOW, Colour.YELLOW), (RED, Colour.RED)]
)
def test_a_symbol_held_up_to_the_camera_is_read_with_its_colour_and_its_place(
    dark: tuple[int, int, int], colour: Colour
) -> None:
    (found,) = read_symbols(held_up(TEXT, dark=dark))
    assert (found.text, found.symbology, found.colour, found.reader) == (TEXT, "QRCode", colour, "zxing")
    assert np.abs(np.mean(found.corners, axis=0) - (640, 360)).max() < 15


@pytest.mark.parametrize("light", [0.06, 0.03])
@pytest.mark.parametrize("dark", [BLACK, GREEN], ids=["black", "green"])
def test_a_symbol_is_read_in_the_dark(light: float, dark: tuple[int, int, int]) -> None:
    assert zxing(picture.grey(held_up(TEXT, dark=dark, light=light))).symbols == ()
    assert [found.text for found in Ladder().read(held_up(TEXT, dark=dark, light=light))] == [TEXT]


def test_a_yellow_symbol_is_read_in_dim_light() -> None:
    assert [found.text for found in Ladder().read(held_up(TEXT, dark=YELLOW, light=0.2))] == [TEXT]


def test_the_second_reader_looks_where_the_first_one_found_a_symbol_it_could_not_read() -> None:
    leaning = seen_from_the_side(TEXT[:60], height=180, width=0.3, far=0.8)
    first = zxing(picture.grey(leaning))
    assert (first.symbols, len(first.near_misses)) == ((), 1)
    (found,) = Ladder().read(leaning)
    assert (found.text, found.reader) == (TEXT[:60], "zbar")
    assert np.abs(np.mean(found.corners, axis=0) - (640, 360)).max() < 15


def test_a_still_picture_gets_every_look_and_a_camera_frame_the_dear_one_only_now_and_then() -> None:
    courtyard = held_up(TEXT, light=0.05)
    courtyard[:200, :300] = 255  # a lamp, by which the frame is not dim: only zbar reads the symbol
    assert [found.reader for found in read_symbols(courtyard)] == ["zbar"]
    ladder = Ladder()
    looks = [[found.reader for found in ladder.read(courtyard)] for _ in range(WHOLE_FRAME_EVERY)]
    assert looks == [[]] * (WHOLE_FRAME_EVERY - 1) + [["zbar"]]


def test_a_frame_without_a_code_gives_nothing() -> None:
    assert read_symbols(scenery()) == []
    assert read_symbols(np.zeros((720, 1280, 3), np.uint8)) == []


def test_several_symbols_come_with_a_colour_each() -> None:
    both = np.hstack([symbol("GP1:G", dark=GREEN), symbol("GP1:R", dark=RED)])
    assert {found.text: found.colour for found in read_symbols(both)} == {"GP1:G": Colour.GREEN, "GP1:R": Colour.RED}


@pytest.mark.skipif(not DATA, reason="GATEHOUSE_DATA is not set: published pictures are not at hand")
def test_published_pictures_are_read_and_never_wrongly() -> None:
    texts = {file: labels for file, labels in _labelled(Path(DATA or "")).items() if labels}
    read = {file: {_lines(found.text) for found in read_symbols(picture.load(file))} for file in texts}
    assert {file.name: wrong for file in texts if (wrong := read[file] - texts[file])} == {}
    assert sum(bool(read[file]) for file in texts) >= 0.93 * len(texts)


@pytest.mark.skipif(not DATA, reason="GATEHOUSE_DATA is not set: published pictures are not at hand")
def test_published_pictures_without_a_code_give_nothing() -> None:
    empty = [file for file, labels in _labelled(Path(DATA or "")).items() if not labels]
    assert {file.name: found for file in empty if (found := read_symbols(picture.load(file)))} == {}


def _labelled(data: Path) -> dict[Path, set[str]]:
    return {
        labels.parent / name: {_lines(text) for text in texts}
        for labels in sorted((data / "qr").glob("*/labels.json"))
        for name, texts in json.loads(labels.read_text(encoding="utf-8")).items()
    }


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n")
