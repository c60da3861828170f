from __future__ import annotations

import gc
import json
import os
from pathlib import Path

import cv2
import numpy as np
import pytest
import segno

from kiosk.devices import picture
from kiosk.devices.decoder import Ladder, read_symbols
from kiosk.devices.looks import View
from kiosk.devices.patience import TRIES_WHILE_STILL
from kiosk.devices.readers import zxing
from kiosk.model import Colour
from tests.bench.scan_drawn import SWEEPS, text_of
from tests.bench.scan_sequences import TROUBLES, held_by_a_hand
from tests.kiosk.devices.drawing import BLACK, GREEN, RED, YELLOW, draw, held_up, scenery, seen_from_the_side, symbol

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
    assert 0.5 <= found.colour_confidence <= 1


@pytest.mark.parametrize("light", [0.06, 0.03])
@pytest.mark.parametrize("dark", [BLACK, GREEN], ids=["black", "green"])
def test_a_symbol_is_read_in_the_dark(light: float, dark: tuple[int, int, int]) -> None:
    assert zxing(picture.grey(held_up(TEXT, dark=dark, light=light))).symbols == ()
    ladder = Ladder()
    assert [TEXT] in ([found.text for found in ladder.read(held_up(TEXT, dark=dark, light=light))] for _ in range(15))


def test_a_yellow_symbol_is_read_in_dim_light() -> None:
    assert [found.text for found in Ladder().read(held_up(TEXT, dark=YELLOW, light=0.2))] == [TEXT]


def test_a_dim_scene_in_which_nothing_happens_is_stretched_in_few_frames_only() -> None:
    ladder, stretched = Ladder(), []
    for _ in range(TRIES_WHILE_STILL + 60):
        ladder.read(scenery() // 4)
        stretched.append("zxing, stretched" in {look.name for look in ladder.taken})
    assert stretched[0]
    assert sum(stretched[-50:]) == 5


def test_a_symbol_that_no_single_frame_shows_well_enough_is_read_when_two_averages_of_frames_agree() -> None:
    ladder, averages_read = Ladder(), 0
    for frame in held_by_a_hand(version=5, seed=3, trouble=TROUBLES["soft focus 1.8 px, noise 30"]):
        found = ladder.read(frame)
        averages_read += sum(look.read for look in ladder.taken if "frames" in look.name)
        if found:
            break
    assert [symbol.text for symbol in found] == [text_of(5, 3)]
    assert averages_read == 2
    assert np.abs(np.mean(found[0].corners, axis=0) - (640, 360)).max() < 30


def test_a_still_scene_with_a_code_that_only_second_looks_read_does_not_lose_it() -> None:
    ladder = Ladder()
    frame = picture.grey(held_up(TEXT, light=0.06))
    read = [bool(ladder.read(frame)) for _ in range(TRIES_WHILE_STILL * 3)]
    assert all(read[-TRIES_WHILE_STILL:])


def test_where_a_symbol_was_found_but_not_read_the_part_is_improved_and_read_again() -> None:
    leaning = seen_from_the_side(TEXT[:60], height=180, width=0.3, far=0.8)
    first = zxing(picture.grey(leaning))
    assert (first.symbols, len(first.near_misses)) == ((), 1)
    ladder = Ladder()
    (found,) = ladder.read(leaning)
    assert found.text == TEXT[:60]
    assert np.abs(np.mean(found.corners, axis=0) - (640, 360)).max() < 15
    assert {look.name.partition(", at ")[2] for look in ladder.taken[1:]} == {"579,250"}, "no look at the whole again"


@pytest.mark.parametrize(
    ("sweep", "version", "step"),
    [("soft focus", 5, 2), ("motion", 5, 7), ("module size", 15, 1.5), ("light", 5, 4), ("inverted, module", 5, 2)],
)
def test_what_one_pass_cannot_read_a_still_picture_and_a_camera_within_two_seconds_can(
    sweep: str, version: int, step: float
) -> None:
    drawn = next(one for one in SWEEPS if one.name == sweep).draw(version, step, 11)
    assert [found.text for found in read_symbols(drawn)] == [text_of(version, 11)]
    ladder = Ladder()
    assert [text_of(version, 11)] in ([found.text for found in ladder.read(drawn)] for _ in range(30))


def test_a_frame_gets_one_look_at_the_whole_and_a_scene_that_holds_still_at_last_none() -> None:
    ladder, counts = Ladder(), []
    for _ in range(TRIES_WHILE_STILL + 20):
        ladder.read(scenery())
        counts.append(sum("frames" not in look.name for look in ladder.taken))
    assert max(counts) == 2
    assert set(counts[-10:]) == {1}
    assert len(ladder.taken) == 1


def test_movement_brings_the_second_looks_back_but_not_with_every_frame() -> None:
    ladder = Ladder()
    for _ in range(TRIES_WHILE_STILL + 5):
        ladder.read(scenery())
    counts = []
    for shift in range(12):
        ladder.read(np.roll(scenery(), 30 * shift + 30, axis=1))
        counts.append(len(ladder.taken))
    assert sum(count > 1 for count in counts) == 4


def test_a_camera_that_changes_its_size_is_no_obstacle() -> None:
    ladder = Ladder()
    for size in [(1280, 720), (640, 480), (3, 2), (1920, 1080)]:
        assert ladder.read(scenery(size=size)) == []
    assert [found.text for found in ladder.read(symbol("GP1:NOW"))] == ["GP1:NOW"]


@pytest.mark.parametrize("size", [(1, 1), (1, 400), (400, 1), (7, 7), (2000, 3)])
@pytest.mark.parametrize("level", [0, 255])
def test_the_smallest_pictures_go_through_every_look(size: tuple[int, int], level: int) -> None:
    assert read_symbols(np.full(size, level, np.uint8)) == []


def test_a_photograph_of_twelve_megapixels_is_looked_at_in_a_smaller_copy() -> None:
    soft = cv2.GaussianBlur(cv2.resize(held_up(TEXT), (3840, 2160), interpolation=cv2.INTER_CUBIC), (0, 0), 9)
    (found,) = read_symbols(soft)
    assert found.text == TEXT
    assert np.abs(np.mean(found.corners, axis=0) - (1920, 1080)).max() < 45


@pytest.mark.parametrize("scale", [1.0, 1.5], ids=["a frame", "one that is looked at in a smaller copy"])
def test_no_picture_outlives_its_turn(scale: float) -> None:
    blurred = cv2.GaussianBlur(cv2.resize(held_up(TEXT), None, fx=scale, fy=scale), (0, 0), 6 * scale)
    ladder = Ladder()
    gc.disable()  # its next look for cycles may be hundreds of pictures away
    try:
        for _ in range(3):
            ladder.read(blurred)
        views = [kept for kept in gc.get_objects() if isinstance(kept, View)]
    finally:
        gc.enable()
    assert views == []


def test_micro_qr_is_believed_when_two_frames_agree_or_two_looks_at_a_still_picture() -> None:
    drawn = draw(segno.make("12345", micro=True))
    assert read_symbols(drawn) == []
    ladder = Ladder("qr", "micro-qr")
    assert ladder.read(drawn) == []
    assert [found.symbology for found in ladder.read(drawn)] == ["MicroQRCode"]
    assert [found.text for found in Ladder("micro-qr").read(drawn, thorough=True)] == ["12345"]


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
    assert sum(bool(read[file]) for file in texts) >= 0.955 * len(texts)


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
