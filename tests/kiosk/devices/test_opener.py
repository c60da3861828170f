"""Files are opened beside the program: what breaks there is one picture, and the next one is opened all the same."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from kiosk.devices.opener import Opener
from kiosk.devices.picture import load
from kiosk.errors import DeviceError


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    rng = np.random.default_rng(7)
    cv2.imwrite(str(tmp_path / "colour é.png"), rng.integers(0, 256, (48, 64, 3), dtype=np.uint8))
    cv2.imwrite(str(tmp_path / "grey.png"), rng.integers(0, 256, (40, 30), dtype=np.uint8))
    (tmp_path / "crash.png").write_bytes((tmp_path / "grey.png").read_bytes())
    (tmp_path / "broken.png").write_bytes((tmp_path / "grey.png").read_bytes()[:60])
    return tmp_path


def test_pictures_come_over_as_they_are_and_faults_in_their_own_words(pictures: Path) -> None:
    with Opener() as opener:
        for name in ("colour é.png", "grey.png"):
            assert np.array_equal(opener.load(pictures / name), load(pictures / name))
        for name in ("broken.png", "missing.png"):
            with pytest.raises(DeviceError) as here:
                load(pictures / name)
            with pytest.raises(DeviceError) as there:
                opener.load(pictures / name)
            assert str(there.value) == str(here.value)
        assert opener.load(pictures / "grey.png").shape == (40, 30)


def test_a_picture_that_crashes_the_reader_is_told_and_the_next_one_is_read(pictures: Path) -> None:
    with Opener("tests.kiosk.devices.breaking_opener") as opener:
        for _ in range(2):
            with pytest.raises(DeviceError, match="broke its reader"):
                opener.load(pictures / "crash.png")
            assert opener.load(pictures / "grey.png").shape == (40, 30)
