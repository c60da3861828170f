"""Hashes out of the lists that issuers publish, and what is none named by its place."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sync.office.errors import Refused
from sync.office.revocation import reading
from sync.office.revocation.reading import Given, digest_of

WHOLE = hashlib.sha256(b"signature").digest()
HALF = WHOLE[:16]


def read(folder: Path, *contents: bytes) -> Given:
    paths = []
    for number, content in enumerate(contents):
        paths.append(folder / f"list-{number}")
        paths[-1].write_bytes(content)
    return reading.read(paths)


def digests(found: Given) -> list[bytes]:
    raw = b"".join(found.chunks)
    return [raw[at : at + 16] for at in range(0, len(raw), 16)]


@pytest.mark.parametrize(
    "text",
    [
        HALF.hex().encode(),
        HALF.hex().upper().encode(),
        WHOLE.hex().encode(),
        base64.b64encode(HALF),
        base64.b64encode(WHOLE),
        base64.urlsafe_b64encode(HALF).rstrip(b"="),
        base64.urlsafe_b64encode(WHOLE).rstrip(b"="),
    ],
)
def test_a_hash_is_read_however_it_is_spelt(text: bytes) -> None:
    assert digest_of(text) == HALF


@pytest.mark.parametrize(
    "text",
    [b"", b"zz" * 16, HALF.hex()[:31].encode(), b"!" * 22, base64.b64encode(WHOLE[:15]), WHOLE.hex().encode() + b"00"],
)
def test_what_is_no_hash_is_not_guessed_at(text: bytes) -> None:
    with pytest.raises(ValueError, match="16 or 32 bytes"):
        digest_of(text)


def test_lines_are_read_past_blanks_and_remarks_and_wrong_ones_named(tmp_path: Path) -> None:
    found = read(tmp_path, b"# revoked\n\n" + HALF.hex().encode() + b"\r\nnonsense\n  " + base64.b64encode(HALF))
    assert digests(found) == [HALF, HALF]
    assert (found.wrong, found.malformed) == (1, ["list-0 line 4: not a hash of 16 or 32 bytes in hex or base64"])


def test_a_line_without_end_is_one_wrong_line(tmp_path: Path) -> None:
    found = read(tmp_path, b"ab" * 100_000 + b"\n" + HALF.hex().encode())
    assert (found.wrong, len(found)) == (1, 1)


def test_only_the_first_wrong_places_are_named_and_all_are_counted(tmp_path: Path) -> None:
    found = read(tmp_path, HALF.hex().encode() + b"\n" + b"x\n" * 100)
    assert (found.wrong, len(found.malformed)) == (100, reading.SHOWN)


def batch(*hashes: Any, **changes: Any) -> dict[str, Any]:
    """A batch as the EU's gateway hands it out."""
    return {
        "country": "AT",
        "expires": "2027-01-01T00:00:00Z",
        "kid": "UNKNOWN_KID",
        "hashType": "UCI",
        "entries": [{"hash": value} for value in hashes],
    } | changes


def test_the_eus_batches_are_read_alone_or_in_a_list(tmp_path: Path) -> None:
    text = base64.b64encode(HALF).decode()
    one, two = batch(text, "nonsense"), batch(text, hashType="SIGNATURE", entries=[{"hash": text}, {"hash": 5}, text])
    found = read(tmp_path, json.dumps(one).encode(), json.dumps([one, two]).encode())
    assert digests(found) == [HALF] * 4
    assert found.malformed[0].startswith("list-0 batch 0 entry 1: ")
    assert found.malformed[2].startswith("list-1 batch 1 entry 1: ")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n\n",
        b"hello\n",
        b"{}",
        b"[]",
        b"[5]",
        b'{"entries": 1}',
        b"[" * 100_000,
        b"{" * 1000,
        json.dumps(batch("x", hashType="FACE")).encode(),
        bytes(range(256)) * 10,
    ],
)
def test_a_file_that_is_no_list_of_hashes_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(Refused, match="list-0"):
        read(tmp_path, content)


def test_a_file_that_is_not_there_or_too_large_for_json_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Refused, match="cannot be read"):
        reading.read([tmp_path / "nothing"])
    monkeypatch.setattr(reading, "MAX_JSON_BYTES", 10)
    with pytest.raises(Refused, match="one hash a line"):
        read(tmp_path, json.dumps(batch()).encode())


def test_reading_says_how_far_it_is(tmp_path: Path) -> None:
    steps: list[int] = []
    path = tmp_path / "list"
    path.write_bytes((HALF.hex().encode() + b"\n") * 5000)
    reading.read([path], steps.append)
    assert sum(steps) == path.stat().st_size
    assert len(steps) > 1


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200))
def test_any_bytes_are_hashes_or_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(Refused):
        read(tmp_path, content)
