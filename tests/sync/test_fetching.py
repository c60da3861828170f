"""A large section comes in pieces; what has come is kept until the line is back."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from io import BufferedReader, BytesIO

import pytest

from sync import protocol
from sync.fetching import Fetcher
from sync.line import Line, LineError
from sync.office.revocation import reading
from sync.office.revocation.reading import Given
from tests.faults.proxy import Fault, FaultyProxy
from tests.sync.live import PATIENT, GateBox, Impostor, LiveOffice

PIECE = 100_000


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "PIECE_BYTES", PIECE)


@pytest.fixture
def proxy(live: LiveOffice) -> Iterator[FaultyProxy]:
    with FaultyProxy(live.port) as proxy:
        yield proxy


def revoke(live: LiveOffice, *digests: bytes) -> int:
    """Hands down a list of revoked hashes; how many pieces it takes."""
    given = Given()
    reading.take(given, "list", BufferedReader(BytesIO(b"\n".join(digest.hex().encode() for digest in digests))))
    plan = live.office.revocation.plan(given, "replace")
    live.office.revocation.apply(plan, "list", who="test")
    return -(-len(plan.section) // PIECE)


def listed(gate: GateBox) -> bytes:
    return gate.handdown.bundle.sections["revoked-dcc"]


def test_a_list_of_millions_would_come_in_pieces(live: LiveOffice, gate: GateBox, proxy: FaultyProxy) -> None:
    live.office.publish.ensure(live.community.id)
    pieces = revoke(live, os.urandom(16))
    assert pieces > 2
    assert gate.uplink(proxy.url).pull()
    assert hashlib.sha256(listed(gate)).hexdigest() == live.office.revocation.listed().sha256  # type: ignore[union-attr]
    assert proxy.seen == 1 + 5 + pieces  # the manifest, the small sections, the pieces


@pytest.mark.parametrize("fault", [Fault.REFUSE, Fault.TRUNCATE, Fault.LOSE_ANSWER])
def test_a_line_that_breaks_between_pieces_goes_on_where_it_was(
    live: LiveOffice, gate: GateBox, proxy: FaultyProxy, fault: Fault
) -> None:
    live.office.publish.ensure(live.community.id)
    uplink = gate.uplink(proxy.url, PATIENT)
    uplink.pull()
    pieces = revoke(live, os.urandom(16))
    proxy.after, proxy.fault = 2, fault  # the manifest and one piece still come through
    with pytest.raises(LineError):
        uplink.pull()
    assert gate.handdown.bundle.version == 1
    proxy.heal()
    seen = proxy.seen
    assert uplink.pull()
    assert proxy.seen - seen == 1 + pieces - 1
    assert listed(gate)


def test_a_piece_that_was_changed_on_its_way_is_not_put_in_force(
    live: LiveOffice, gate: GateBox, proxy: FaultyProxy
) -> None:
    live.office.publish.ensure(live.community.id)
    uplink = gate.uplink(proxy.url, PATIENT)
    uplink.pull()
    revoke(live, os.urandom(16))
    proxy.after, proxy.fault = 2, Fault.CORRUPT_ANSWER
    with pytest.raises(LineError):
        uplink.pull()
    assert gate.handdown.bundle.version == 1
    proxy.heal()
    assert uplink.pull()


def test_pieces_of_a_list_that_was_replaced_meanwhile_are_forgotten(
    live: LiveOffice, gate: GateBox, proxy: FaultyProxy
) -> None:
    live.office.publish.ensure(live.community.id)
    uplink = gate.uplink(proxy.url, PATIENT)
    uplink.pull()
    revoke(live, os.urandom(16))
    proxy.after, proxy.fault = 2, Fault.REFUSE
    with pytest.raises(LineError):
        uplink.pull()
    proxy.heal()
    revoke(live, os.urandom(16), os.urandom(16))
    assert uplink.pull()
    assert hashlib.sha256(listed(gate)).hexdigest() == live.office.revocation.listed().sha256  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "said", ["", "bytes 5-9/20", "bytes */20", "bytes 0-9/99999999999", "bytes 0-9/x", "lines 0-9/20"]
)
def test_a_piece_that_is_not_the_one_asked_for_is_refused(said: str) -> None:
    with Impostor(206, b"0123456789", {"Content-Range": said}) as impostor, pytest.raises(LineError) as caught:
        Fetcher(Line(impostor.url, 10)).fetch("revoked-dcc", "ab" * 32)
    assert caught.value.word == "rubbish"
