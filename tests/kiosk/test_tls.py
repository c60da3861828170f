"""The gate's own certificate: what browsers demand of it, and when it is made anew."""

from __future__ import annotations

import http.server
import ssl
import threading
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from kiosk.errors import GatehouseError
from kiosk.tls import certificate

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


def leaf(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificates(path.read_bytes())[0]


def names(found: x509.Certificate) -> set[str]:
    listed = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return {*listed.get_values_for_type(x509.DNSName), *map(str, listed.get_values_for_type(x509.IPAddress))}


def test_a_browser_that_installed_the_authority_reaches_the_gate_by_name_and_by_address(tmp_path: Path) -> None:
    files = certificate(tmp_path)
    server = http.server.HTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.chain, files.key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        trusting = ssl.create_default_context(cafile=str(files.ca))
        for host in ("localhost", "127.0.0.1"):
            request = urllib.request.Request(f"https://{host}:{server.server_port}/", method="HEAD")
            with urllib.request.urlopen(request, context=trusting, timeout=60) as answer:
                assert answer.status == 200
    finally:
        server.shutdown()
        server.server_close()


def test_the_leaf_lives_no_longer_than_browsers_accept_and_the_authority_ten_years(tmp_path: Path) -> None:
    files = certificate(tmp_path, now=NOON)
    shown, authority = leaf(files.chain), leaf(files.ca)
    assert shown.not_valid_after_utc - shown.not_valid_before_utc <= timedelta(days=397)
    assert authority.not_valid_after_utc - NOON > timedelta(days=3650)


def test_the_keys_are_readable_by_the_gate_alone(tmp_path: Path) -> None:
    files = certificate(tmp_path)
    for key in (files.key, files.ca.with_name("ca.key")):
        assert key.stat().st_mode & 0o777 == 0o600


def test_the_configured_names_stand_in_the_certificate(tmp_path: Path) -> None:
    files = certificate(tmp_path, ("gate.example", "192.0.2.7"))
    assert {"gate.example", "192.0.2.7", "localhost", "127.0.0.1"} <= names(leaf(files.chain))


@pytest.mark.parametrize(("days", "renewed"), [(0, False), (366, False), (368, True), (500, True)])
def test_the_leaf_is_renewed_when_fewer_than_thirty_days_are_left(tmp_path: Path, days: int, renewed: bool) -> None:
    first = certificate(tmp_path, now=NOON).chain.read_bytes()
    second = certificate(tmp_path, now=NOON + timedelta(days=days)).chain.read_bytes()
    assert (first != second) is renewed


def test_a_new_name_renews_the_leaf_under_the_same_authority(tmp_path: Path) -> None:
    files = certificate(tmp_path, now=NOON)
    before, authority = files.chain.read_bytes(), files.ca.read_bytes()
    certificate(tmp_path, ("gate.example",), now=NOON)
    assert files.chain.read_bytes() != before
    assert files.ca.read_bytes() == authority


def test_an_authority_near_its_end_is_replaced_together_with_the_leaf(tmp_path: Path) -> None:
    files = certificate(tmp_path, now=NOON)
    authority = files.ca.read_bytes()
    certificate(tmp_path, now=NOON + timedelta(days=3400))
    assert files.ca.read_bytes() != authority
    leaf(files.chain).verify_directly_issued_by(leaf(files.ca))


def test_a_damaged_file_is_a_clear_message_that_says_what_to_do(tmp_path: Path) -> None:
    files = certificate(tmp_path)
    files.ca.write_text("no certificate", encoding="ascii")
    with pytest.raises(GatehouseError, match="move that folder away"):
        certificate(tmp_path)
