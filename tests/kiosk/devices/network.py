"""Network cameras for tests: MJPEG over HTTP on loopback, with the faults of real ones."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import cv2
import numpy as np

from kiosk.devices.picture import Pixels
from tests.kiosk.devices.drawing import scenery

FPS = 40
GOOD = 30  # frames before a fault
TURNS = 8  # pictures of one scene, each with noise of its own, that are drawn once and then come in turn


class NetworkCamera:
    """What a server sends to each connection. `connections` counts them."""

    def __init__(self) -> None:
        self.connections = 0
        self.address = ""
        self.stopping = threading.Event()

    def pictures(self) -> Iterator[bytes | None]:
        """The JPEGs of one connection, in their order; None: nothing more comes on it."""
        yield None


class Scripted(NetworkCamera):
    """Every connection behaves as the next entry of `script` says, the last one for ever.

    `moves`: another picture each time. `freezes`: it moves, and then sends its last picture over and over, also to
    whoever connects afterwards while the script says `still frozen`. `falls silent`: it moves, and then sends nothing.
    """

    def __init__(self, *script: str) -> None:
        super().__init__()
        self._script = list(script)
        self._number = 0

    def pictures(self) -> Iterator[bytes | None]:
        does = self._script[min(self.connections, len(self._script)) - 1]
        sent = 0
        while not self.stopping.wait(1 / FPS):
            good = does == "moves" or (does != "still frozen" and sent < GOOD)
            if not good and does == "falls silent":
                yield None
                return
            self._number += good
            sent += 1
            yield _moved(self._number)


class Scene(NetworkCamera):
    """A camera before which a test puts what it likes, with a sensor's noise; and which hangs when it is told to."""

    def __init__(self, image: Pixels) -> None:
        super().__init__()
        self.image = image
        self.hangs = False
        self._random = np.random.default_rng(1)
        self._last = b""

    def pictures(self) -> Iterator[bytes | None]:
        shown, drawn, turn = self.image, list[bytes](), 0
        while not self.stopping.wait(1 / 15):
            if self.image is not shown:
                shown, drawn = self.image, []
            if not self.hangs:
                turn = (turn + 1) % TURNS
                if len(drawn) < TURNS:
                    drawn.append(self._noisy(shown))
                self._last = drawn[turn if len(drawn) == TURNS else -1]
            yield self._last

    def _noisy(self, image: Pixels) -> bytes:
        noise = self._random.integers(-3, 4, image.shape, np.int16)
        return _jpeg(np.clip(image + noise, 0, 255).astype(np.uint8))


@contextmanager
def serving(camera: NetworkCamera) -> Iterator[str]:
    """The camera on the network; its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
            self.end_headers()
            camera.connections += 1
            try:
                for jpeg in camera.pictures():
                    self._send(jpeg)
            except OSError:
                return  # whoever looked has gone

        def _send(self, jpeg: bytes | None) -> None:
            if jpeg is None:
                camera.stopping.wait()
                return
            head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
            self.wfile.write(head.encode() + jpeg + b"\r\n")

        def log_message(self, *_: object) -> None:
            """Silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        camera.address = f"http://127.0.0.1:{server.server_port}/video.mjpg"
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield camera.address
        camera.stopping.set()
        server.shutdown()


def _moved(number: int) -> bytes:
    """A scene in which something moves: a white bar that is elsewhere with each number."""
    picture = scenery(3, (320, 240)).copy()
    left = 8 * (number % 36)
    picture[40:200, left : left + 16] = 255
    return _jpeg(picture)


def _jpeg(picture: Pixels) -> bytes:
    return cv2.imencode(".jpg", picture)[1].tobytes()
