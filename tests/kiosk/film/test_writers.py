from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from kiosk.errors import GatehouseError
from kiosk.film.picture import Picture
from kiosk.film.writers import _Video, open_film

SIZE = (320, 240)


def frames() -> list[Picture]:
    """Eight frames, each a shade brighter."""
    return [np.full((SIZE[1], SIZE[0], 3), 40 + 20 * number, np.uint8) for number in range(8)]


def shades(path: Path) -> list[int]:
    """The mean brightness of each frame in a film or folder."""
    capture = cv2.VideoCapture(str(path / "frame-%05d.png" if path.is_dir() else path))
    means = []
    while (read := capture.read())[0]:
        assert read[1].shape == (SIZE[1], SIZE[0], 3)
        means.append(round(float(read[1].mean())))
    return means


@pytest.mark.parametrize("name", ["a.mp4", "a.avi", "a.mjpeg", "a.y4m", "folder", "new/deep/a.avi"])
def test_every_kind_of_film_is_read_back_frame_by_frame(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    with open_film(path, 15, SIZE) as writer:
        for frame in frames():
            writer.write(frame)
        assert not path.exists()
    assert np.allclose(shades(path), [frame.mean() for frame in frames()], atol=5)
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("name", ["a.mp4", "a.avi", "a.y4m"])
def test_a_film_keeps_its_rate(tmp_path: Path, name: str) -> None:
    with open_film(tmp_path / name, 12.5, SIZE) as writer:
        for frame in frames():
            writer.write(frame)
    assert cv2.VideoCapture(str(tmp_path / name)).get(cv2.CAP_PROP_FPS) == pytest.approx(12.5)


def test_opencv_alone_writes_an_mp4_too(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    writer = _Video(path, 15, SIZE)
    for frame in frames():
        writer.write(frame)
    writer.close()
    assert len(shades(path)) == len(frames())


def test_the_fake_camera_of_a_browser_gets_plain_yuv(tmp_path: Path) -> None:
    path = tmp_path / "a.y4m"
    with open_film(path, 15, SIZE) as writer:
        writer.write(frames()[0])
    header, body = path.read_bytes().split(b"\n", 1)
    assert header == b"YUV4MPEG2 W320 H240 F15:1 Ip A1:1 C420jpeg"
    assert len(body) == len(b"FRAME\n") + 320 * 240 * 3 // 2


@pytest.mark.parametrize("name", ["a.mp4", "a.avi", "a.mjpeg", "a.y4m", "folder"])
def test_a_film_that_is_broken_off_leaves_the_old_one(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if path.suffix:
        path.write_bytes(b"old")

    def break_off() -> None:
        with open_film(path, 15, SIZE) as writer:
            writer.write(frames()[0])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        break_off()
    assert [found.read_bytes() for found in tmp_path.iterdir()] == ([b"old"] if path.suffix else [])


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("a.webm", "unknown kind of film; known: .mp4, .avi, .mjpeg, .y4m, or a folder"),
        ("full", "this folder is not empty"),
        ("full/note.txt/a.avi", "cannot be written"),
        ("full/note.txt/frames", "cannot be written"),
    ],
)
def test_a_place_that_takes_no_film_is_named(tmp_path: Path, name: str, problem: str) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full/note.txt").write_text("mine")
    with pytest.raises(GatehouseError, match=problem), open_film(tmp_path / name, 15, SIZE):
        pass
    assert (tmp_path / "full/note.txt").read_text() == "mine"


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with open_film(tmp_path / "empty", 15, SIZE) as writer:
        writer.write(frames()[0])
    assert len(shades(tmp_path / "empty")) == 1
