from __future__ import annotations

import time
from pathlib import Path

import pytest

from kiosk.devices.decoder import read_symbols
from kiosk.devices.frame import Camera, Frame
from kiosk.devices.playback import FilmCamera, FolderCamera, Pace
from kiosk.errors import DeviceError
from tests.kiosk.devices.drawing import film, held_up, save, scenery, symbol

FPS = 12.5


@pytest.fixture(scope="module", params=[".mp4", ".avi", ".mkv"])
def ten_frames(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    frames = (
        [scenery(size=(640, 360))] * 3 + [held_up("GP1:FILM")[180:540, 320:960]] * 3 + [scenery(size=(640, 360))] * 4
    )
    return film(tmp_path_factory.mktemp("films") / f"gate{request.param}", frames, FPS)


def played(camera: Camera, most: int = 1000) -> list[Frame]:
    frames = []
    while len(frames) < most and (frame := camera.read()):
        frames.append(frame)
    camera.close()
    return frames


def test_a_film_gives_every_frame_with_its_number_and_its_time(ten_frames: Path) -> None:
    frames = played(FilmCamera(ten_frames, live=False))
    assert [frame.index for frame in frames] == list(range(10))
    assert [frame.at_s for frame in frames] == pytest.approx([number / FPS for number in range(10)], abs=0.002)
    assert [frame.position_s for frame in frames] == [frame.at_s for frame in frames]
    assert [bool(read_symbols(frame.image)) for frame in frames] == [False] * 3 + [True] * 3 + [False] * 4


def test_a_film_that_plays_again_goes_on_in_time_and_begins_anew_in_place(ten_frames: Path) -> None:
    frames = played(FilmCamera(ten_frames, live=False, loop=True), most=25)
    assert [frame.index for frame in frames] == list(range(25))
    assert [frame.at_s for frame in frames] == pytest.approx([number / FPS for number in range(25)], abs=0.01)
    assert [frame.position_s for frame in frames] == pytest.approx(
        [number % 10 / FPS for number in range(25)], abs=0.002
    )


def test_a_live_film_takes_its_own_time(ten_frames: Path) -> None:
    start = time.monotonic()
    frames = played(FilmCamera(ten_frames, live=True))
    assert time.monotonic() - start >= 9 / FPS
    assert frames[-1].index == 9


def test_a_whole_film_did_not_break_off_and_a_cut_one_did(tmp_path: Path) -> None:
    whole = film(tmp_path / "whole.avi", [scenery(seed, (320, 240)) for seed in range(20)])
    cut = tmp_path / "cut.avi"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    for path, broke_off in {whole: False, cut: True}.items():
        camera = FilmCamera(path, live=False)
        assert len(played(camera)) == 20 if not broke_off else True
        assert camera.broke_off() is broke_off


@pytest.mark.parametrize("content", [b"", b"hello", b"RIFF\0\0\0\0AVI LIST", b"\0\0\0\x20ftypisom"])
def test_what_is_no_film_is_a_clear_error(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "gate.mp4"
    path.write_bytes(content)
    with pytest.raises(DeviceError, match="not a film that can be played"):
        FilmCamera(path)


def test_a_reader_in_time_misses_nothing_and_a_late_one_skips() -> None:
    pace = Pace()
    assert pace.reach(5.0, late_s=0.05)
    assert pace.reach(5.001, late_s=0.05)
    assert not pace.reach(4.5, late_s=0.05)


def test_after_a_long_delay_the_rest_plays_later_instead_of_never() -> None:
    pace = Pace()
    pace.reach(100.0, late_s=0.05)
    assert pace.reach(50.0, late_s=0.05)
    assert pace.reach(50.001, late_s=0.05)


def test_a_folder_shows_its_pictures_in_the_order_of_their_names(tmp_path: Path) -> None:
    for name in ("b.png", "a.jpg", "c.webp"):
        save(tmp_path / name, symbol(f"GP1:{name[0]}"))
    (tmp_path / "notes.txt").write_text("not a picture")
    frames = played(FolderCamera(tmp_path, fps=10, live=False))
    assert [read_symbols(frame.image)[0].text for frame in frames] == ["GP1:a", "GP1:b", "GP1:c"]
    assert [frame.index for frame in frames] == [0, 1, 2]


def test_a_live_folder_holds_each_picture_in_view_for_two_seconds(tmp_path: Path) -> None:
    save(tmp_path / "a.png", symbol("GP1:a"))
    save(tmp_path / "b.png", symbol("GP1:b"))
    frames = played(FolderCamera(tmp_path, fps=1.5, live=True), most=4)
    assert [read_symbols(frame.image)[0].text[-1] for frame in frames] == ["a", "a", "a", "b"]


def test_a_damaged_picture_in_a_folder_is_left_out(tmp_path: Path) -> None:
    save(tmp_path / "a.png", symbol("GP1:a"))
    (tmp_path / "b.png").write_bytes(b"damaged")
    save(tmp_path / "c.png", symbol("GP1:c"))
    frames = played(FolderCamera(tmp_path, fps=10, live=False, loop=True), most=4)
    assert [read_symbols(frame.image)[0].text[-1] for frame in frames] == ["a", "c", "a", "c"]


def test_a_folder_of_nothing_but_damaged_pictures_ends_even_when_it_plays_again(tmp_path: Path) -> None:
    (tmp_path / "b.png").write_bytes(b"damaged")
    assert played(FolderCamera(tmp_path, fps=10, live=False, loop=True)) == []


def test_a_folder_without_pictures_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(DeviceError, match="no pictures in this folder"):
        FolderCamera(tmp_path, fps=10)
