from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from kiosk.devices.camera import Camera, StreamCamera, candidates, find_usb, open_camera, shown
from kiosk.devices.decoder import read_symbols
from kiosk.devices.playback import FilmCamera, FolderCamera
from kiosk.errors import DeviceError
from tests.kiosk.devices.drawing import film, held_up, save, scenery, symbol

NO_CAMERA = 63


@contextmanager
def network_camera(frames: int) -> Iterator[str]:
    """A camera that speaks MJPEG over HTTP and hangs up after so many frames; its address."""
    jpeg = cv2.imencode(".jpg", held_up("GP1:NETWORK"))[1].tobytes()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
            self.end_headers()
            for _ in range(frames):
                head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
                self.wfile.write(head.encode() + jpeg + b"\r\n")

        def log_message(self, *_: object) -> None:
            """Silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/video.mjpg"
        server.shutdown()


def _drain(camera: Camera) -> None:
    while camera.read():
        pass


def test_a_network_cameras_frames_are_read_until_it_hangs_up() -> None:
    with network_camera(frames=20) as address:
        camera = open_camera(address)
        first, second = camera.read(), camera.read()
        assert first
        assert second
        assert (first.index, second.index, first.position_s) == (0, 1, None)
        assert first.at_s <= second.at_s
        assert [found.text for found in read_symbols(first.image)] == ["GP1:NETWORK"]
        with pytest.raises(DeviceError, match="gives no more pictures: check its cable"):
            _drain(camera)
        camera.close()


def test_an_address_that_does_not_answer_is_a_clear_error_without_its_password() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"rtsp://admin:geheim@127.0.0.1:{taken.getsockname()[1]}/stream"
        with pytest.raises(DeviceError, match="does not answer: check address, password") as caught:
            open_camera(address)
    assert "geheim" not in str(caught.value)
    assert "rtsp://127.0.0.1" in str(caught.value)


@pytest.mark.parametrize(
    ("source", "harmless"),
    [
        (0, "0"),
        ("rtsp://camera.local/1", "rtsp://camera.local/1"),
        ("rtsp://user:p@ss@camera.local/1", "rtsp://camera.local/1"),
        ("http://token@10.0.0.7:81/a@b", "http://10.0.0.7:81/a@b"),
        ("https://10.0.0.7/video?user=a&pwd=b@c", "https://10.0.0.7/video?"),
        ("films/gate.mp4", "films/gate.mp4"),
    ],
)
def test_user_and_password_of_a_camera_are_not_shown(source: int | str, harmless: str) -> None:
    assert shown(source) == harmless


@pytest.mark.parametrize("source", [NO_CAMERA, str(NO_CAMERA)])
def test_a_usb_camera_that_is_not_there_is_a_clear_error(source: int | str) -> None:
    with pytest.raises(DeviceError, match=f"USB camera {NO_CAMERA} does not open: is it plugged in"):
        open_camera(source)


def test_auto_without_any_camera_says_what_to_do() -> None:
    if find_usb() is not None:
        pytest.skip("this machine has a camera")
    with pytest.raises(DeviceError, match="no USB camera found: plug one in"):
        open_camera("auto")


def test_a_source_that_is_nothing_says_what_a_camera_can_be() -> None:
    with pytest.raises(DeviceError, match="no such film or folder; a camera is auto, a USB index"):
        open_camera("films/nowhere.mp4")


def test_films_and_folders_are_cameras_too(tmp_path: Path) -> None:
    save(tmp_path / "1.png", symbol("GP1:ONE"))
    assert isinstance(open_camera(str(tmp_path)), FolderCamera)
    assert isinstance(open_camera(str(film(tmp_path / "gate.mp4", [scenery()]))), FilmCamera)


def test_only_a_devices_first_node_is_a_camera(tmp_path: Path) -> None:
    for name, index in {
        "video10": "0\n",
        "video2": "0\n",
        "video3": "1\n",
        "video4": "",
        "vbi0": "0\n",
        "videox": "0",
    }.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "index").write_text(index)
    (tmp_path / "video5").mkdir()
    assert candidates(tmp_path) == [2, 10]


def test_a_camera_that_does_not_open_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / f"video{NO_CAMERA}").mkdir()
    (tmp_path / f"video{NO_CAMERA}" / "index").write_text("0")
    assert find_usb(tmp_path) is None


class Driver:
    """A camera's driver at sixty pictures a second that counts which of them were decoded."""

    def __init__(self) -> None:
        self.grabbed = self.decoded = 0
        self.pause = threading.Event()

    def grab(self) -> bool:
        self.pause.wait(1 / 60)
        self.grabbed += 1
        return True

    def retrieve(self) -> tuple[bool, Any]:
        self.decoded += 1
        return True, np.zeros((4, 4, 3), np.uint8)

    def release(self) -> None:
        """Nothing is held."""


def test_a_camera_that_rests_lets_pictures_pass_undecoded() -> None:
    driver = Driver()
    camera = StreamCamera(driver, "USB camera 0")
    camera.read()
    camera.rest_s = 0.2
    camera.read()
    assert driver.decoded == 2
    assert driver.grabbed > 5
    camera.rest_s = 0
    grabbed = driver.grabbed
    camera.read()
    assert driver.grabbed == grabbed + 1


def test_a_resting_camera_that_is_unplugged_is_a_device_error() -> None:
    driver = Driver()
    camera = StreamCamera(driver, "USB camera 0")
    camera.read()
    camera.rest_s = 10
    driver.grab = lambda: False  # type: ignore[method-assign]
    with pytest.raises(DeviceError, match="gives no more pictures"):
        camera.read()
