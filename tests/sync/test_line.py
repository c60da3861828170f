"""The line itself: what it trusts, what it goes around, and what it gives up on."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from kiosk.tls import Certificate, certificate
from sync.line import Line, LineError
from tests.sync.live import Impostor


@pytest.fixture
def files(tmp_path: Path) -> Certificate:
    return certificate(tmp_path)


@pytest.fixture
def secure(files: Certificate) -> Iterator[str]:
    """Something that answers `{}` over HTTPS with a certificate of its own authority."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.chain, files.key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield f"https://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_certificate_nobody_vouches_for_is_refused(secure: str) -> None:
    with pytest.raises(LineError, match="certificate") as caught:
        Line(secure, 5).get("/")
    assert caught.value.word == "tls"


def test_an_authority_of_ones_own_is_trusted_when_the_environment_names_it(
    secure: str, files: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(files.ca))
    assert Line(secure, 5).get("/").body == b"{}"


def test_a_call_to_this_machine_goes_around_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    with Impostor(200, b"{}") as office:
        assert Line(office.url, 5).get("/").body == b"{}"


def test_no_password_from_a_netrc_and_no_cookie_is_ever_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password geheim\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with Impostor(200, b"{}", {"Set-Cookie": "session=1"}) as office:
        line = Line(office.url, 5)
        line.get("/")
        line.get("/")
    assert all("Authorization" not in heard and "Cookie" not in heard for heard in office.heard)
    assert len(office.heard) == 2


def test_an_answer_beyond_its_limit_is_not_read_to_the_end() -> None:
    with Impostor(200, b"x" * 10_000) as office, pytest.raises(LineError, match="more than 100 bytes"):
        Line(office.url, 5).get("/", limit=100)


def test_a_compressed_answer_that_grows_beyond_its_limit_is_given_up() -> None:
    from sync.protocol import squeeze

    bomb = squeeze(b"\0" * 5_000_000)
    with Impostor(200, bomb, {"Content-Encoding": "gzip"}) as office, pytest.raises(LineError, match="more than"):
        Line(office.url, 5).get("/")
