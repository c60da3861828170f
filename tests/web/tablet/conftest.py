"""Tablets with a camera: one Chromium for all of them, whose camera shows what a test writes into its film."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from playwright.sync_api import ViewportSize

from tests.browsing import Launch, Window, Windows, camera_shows

TABLET: ViewportSize = {"width": 1024, "height": 768}


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the camera shows from when it is next opened: motion JPEG of 640 × 480, over and over."""
    return tmp_path_factory.mktemp("camera") / "film.mjpeg"


@pytest.fixture
def shows(film: Path) -> Callable[[np.ndarray], None]:
    """Puts one frame before the camera, held still."""

    def show(frame: np.ndarray) -> None:
        film.write_bytes(cv2.imencode(".jpg", frame)[1].tobytes() * 30)

    return show


@pytest.fixture(scope="session")
def camera_windows(launch: Launch, film: Path) -> Iterator[Windows]:
    film.write_bytes(cv2.imencode(".jpg", np.full((480, 640, 3), 210, np.uint8))[1].tobytes())
    chromium = launch(*camera_shows(film))
    yield Windows(chromium)
    chromium.close()


@pytest.fixture
def window(camera_windows: Windows) -> Iterator[Window]:
    """A window as new; whatever its page's scripts complain about fails the test."""
    taken = camera_windows.take()
    taken.page.set_viewport_size(TABLET)
    yield taken
    complaints = [*taken.complaints]
    camera_windows.give_back(taken)
    assert complaints == []
