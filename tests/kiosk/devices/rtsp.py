"""A network camera for tests that speaks RTSP (RFC 2326), its pictures as RTP/JPEG (RFC 2435) on one connection."""

from __future__ import annotations

import contextlib
import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

from tests.kiosk.devices.network import NetworkCamera

JPEG, CLOCK_HZ, FPS = 26, 90_000, 40  # RTP's payload type and clock
MOST_BYTES = 1400  # of a picture in one packet
SDP = "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=gate\r\nt=0 0\r\nm=video 0 RTP/AVP 26\r\na=control:track1\r\n"
ANSWERS = {
    "OPTIONS": "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n",
    "DESCRIBE": f"Content-Type: application/sdp\r\nContent-Length: {len(SDP)}\r\n",
    "SETUP": "Session: 1\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n",
    "PLAY": "Session: 1\r\n",
}


@contextmanager
def serving(camera: NetworkCamera) -> Iterator[str]:
    """The camera on the network; its address."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            with contextlib.suppress(OSError):  # whoever looked has gone
                while (request := self._request()) != "TEARDOWN":
                    if request == "PLAY":
                        self._play()

        def _request(self) -> str:
            """Answer one request; its method."""
            method = self.rfile.readline().decode().partition(" ")[0]
            headers = dict(line.split(": ", 1) for line in iter(lambda: self.rfile.readline().decode().strip(), ""))
            refused = method == "SETUP" and "TCP" not in headers.get("Transport", "")
            status = "461 Unsupported transport" if refused else "200 OK"
            head = f"RTSP/1.0 {status}\r\nCSeq: {headers.get('CSeq', '0')}\r\n"
            body = SDP if method == "DESCRIBE" else ""
            self.wfile.write(f"{head}{'' if refused else ANSWERS.get(method, '')}\r\n{body}".encode())
            return method if method else "TEARDOWN"

        def _play(self) -> None:
            camera.connections += 1
            numbers = count()
            for frame, jpeg in enumerate(camera.pictures()):
                if jpeg is None:
                    camera.stopping.wait()
                    return
                for packet in packets(jpeg, frame * CLOCK_HZ // FPS, numbers):
                    self.wfile.write(struct.pack(">cBH", b"$", 0, len(packet)) + packet)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

    with Server(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"rtsp://127.0.0.1:{server.server_address[1]}/stream"
        camera.stopping.set()
        server.shutdown()


def packets(jpeg: bytes, at: int, numbers: Iterator[int]) -> Iterator[bytes]:
    """One picture of standard Huffman tables and 4:2:0 sampling, as libjpeg writes it, in RTP packets."""
    segments, scan = _parts(jpeg)
    height, width = struct.unpack(">HH", segments[0xC0][1:5])
    tables = b"".join(segments[0xDB][place + 1 : place + 65] for place in range(0, len(segments[0xDB]), 65))
    for offset in range(0, len(scan), MOST_BYTES):
        part = scan[offset : offset + MOST_BYTES]
        last = offset + MOST_BYTES >= len(scan)
        rtp = struct.pack(">BBHII", 0x80, JPEG | (0x80 if last else 0), next(numbers) % 65536, at, 1)
        head = struct.pack(">IBBBB", offset, 1, 255, width // 8, height // 8)
        quantisation = struct.pack(">BBH", 0, 0, len(tables)) + tables if offset == 0 else b""
        yield rtp + head + quantisation + part


def _parts(jpeg: bytes) -> tuple[dict[int, bytes], bytes]:
    """The segments by their marker, those of one kind joined, and the scan without the end marker."""
    segments: dict[int, bytes] = {}
    at = 2
    while True:
        marker, size = struct.unpack(">xBH", jpeg[at : at + 4])
        segments[marker] = segments.get(marker, b"") + jpeg[at + 4 : at + 2 + size]
        at += 2 + size
        if marker == 0xDA:
            return segments, jpeg[at:-2]
