from __future__ import annotations

import contextlib
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.codes.inflate import TooLarge, inflate

TEXT = b"health certificate " * 20


def deflated(data: bytes, *, raw: bool) -> bytes:
    stream = zlib.compressobj(wbits=-15 if raw else 15)
    return stream.compress(data) + stream.flush()


@pytest.mark.parametrize("raw", [False, True])
def test_exactly_the_whole_stream_comes_out(raw: bool) -> None:
    data = deflated(TEXT, raw=raw)
    assert inflate(data, len(TEXT), raw=raw) == TEXT
    with pytest.raises(ValueError, match="more behind"):
        inflate(data + b"\x00", len(TEXT), raw=raw)
    with pytest.raises(ValueError, match="breaks off"):
        inflate(data[:-1], len(TEXT), raw=raw)


@pytest.mark.parametrize("raw", [False, True])
def test_one_form_is_not_taken_for_the_other(raw: bool) -> None:
    with pytest.raises(ValueError, match=r"inflated|breaks off"):
        inflate(deflated(TEXT, raw=raw), 10_000, raw=not raw)


@pytest.mark.parametrize("raw", [False, True])
def test_a_bomb_stops_at_the_cap(raw: bool) -> None:
    bomb = deflated(bytes(50_000_000), raw=raw)
    with pytest.raises(TooLarge):
        inflate(bomb, 10_000, raw=raw)
    with pytest.raises(TooLarge):
        inflate(deflated(TEXT, raw=raw), len(TEXT) - 1, raw=raw)


@given(st.binary(max_size=200), st.booleans())
def test_any_bytes_are_inflated_within_the_cap_or_refused(data: bytes, raw: bool) -> None:
    with contextlib.suppress(ValueError):
        assert len(inflate(data, 1_000, raw=raw)) <= 1_000
