"""A large section can be asked for piece by piece; whatever else is asked, the whole is sent."""

from __future__ import annotations

from io import BufferedReader, BytesIO

import pytest

from sync import protocol
from sync.office.office import Office
from sync.office.revocation import reading
from sync.office.revocation.reading import Given
from sync.office.values import Unit
from tests.web.api.conftest import GateCalls

PIECE = 100_000


@pytest.fixture
def office_url(sqlite_office_url: str) -> str:
    return sqlite_office_url


@pytest.fixture
def large(gate: GateCalls, office: Office, community: Unit, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a section of 262 kB, where pieces are of 100 kB."""
    monkeypatch.setattr(protocol, "PIECE_BYTES", PIECE)
    office.publish.ensure(community.id)
    given = Given()
    reading.take(given, "list", BufferedReader(BytesIO(b"ab" * 16)))
    office.revocation.apply(office.revocation.plan(given, "add"), "list", who="test")
    sections = gate.get(protocol.BUNDLE).get_json()["sections"]
    return protocol.SECTION + str(sections["revoked-dcc"])


@pytest.mark.parametrize(
    ("asked", "begin", "end"),
    [
        ("bytes=0-99999", 0, PIECE),
        ("bytes=0-", 0, PIECE),
        ("bytes=100-199", 100, 200),
        ("bytes=0-99999999", 0, PIECE),
        ("bytes=250000-", 250_000, None),
    ],
)
def test_a_piece_says_which_it_is_and_is_not_compressed(
    gate: GateCalls, large: str, asked: str, begin: int, end: int | None
) -> None:
    whole = gate.get(large).data
    end = end or len(whole)
    answer = gate.get(large, {"Range": asked, "Accept-Encoding": "gzip"})
    assert (answer.status_code, answer.data) == (206, whole[begin:end])
    assert answer.headers["Content-Range"] == f"bytes {begin}-{end - 1}/{len(whole)}"
    assert "Content-Encoding" not in answer.headers


@pytest.mark.parametrize("asked", ["bytes=-5", "bytes=0-1,5-6", "lines=0-5", "nonsense", "bytes=9999999-", "bytes=5-2"])
def test_other_ranges_are_answered_with_the_whole(gate: GateCalls, large: str, asked: str) -> None:
    answer = gate.get(large, {"Range": asked})
    assert (answer.status_code, answer.data) == (200, gate.get(large).data)


def test_a_small_section_comes_whole_and_a_strange_one_not_at_all(gate: GateCalls, large: str) -> None:
    sections = gate.get(protocol.BUNDLE).get_json()["sections"]
    assert gate.get(protocol.SECTION + sections["policy"], {"Range": "bytes=0-9"}).status_code == 200
    assert gate.get(protocol.SECTION + "ab" * 32, {"Range": "bytes=0-9"}).status_code == 404
