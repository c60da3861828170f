"""A handheld scanner on a serial line: what it sends becomes texts, whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.devices.handheld import MOST_BYTES, PAUSE_S, STALE_S, ScanFrames, SerialScanner
from kiosk.errors import DeviceError
from tests.kiosk.devices.waiting import until
from tests.kiosk.devices.wire import Wire

PASS = "GP1:6BFOXN*TS0BI$ZD-PHQ7I9AD66V5B22CH9M9ESI9XBHXK-%69LQOGI.*V76GCV4*XUA2P"
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=60)


@pytest.fixture
def wire() -> Iterator[Wire]:
    line = Wire()
    yield line
    line.unplug()


@pytest.fixture
def scanner(wire: Wire) -> Iterator[SerialScanner]:
    device = SerialScanner(wire.port, 9600, ScanFrames())
    assert device.read() == [], "nothing yet"
    yield device
    device.close()


def read(scanner: SerialScanner, count: int = 1) -> list[str]:
    """The next texts, as soon as the line has carried them over."""
    found: list[str] = []
    until(lambda: found.extend(scanner.read()) or len(found) >= count)
    return found


# --- the framer


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n"])
def test_a_line_end_of_any_kind_ends_a_text(end: bytes) -> None:
    frames = ScanFrames()
    assert frames.feed(b"one" + end + b"two" + end, 0) == ["one", "two"]
    assert frames.bad == 0


@given(st.lists(TEXTS, max_size=6), st.integers(1, 30), st.sampled_from(["\r", "\n", "\r\n"]))
def test_any_split_of_a_stream_gives_the_same_texts(texts: list[str], piece: int, end: str) -> None:
    frames = ScanFrames()
    stream = "".join(text + end for text in texts).encode()
    found = [text for at in range(0, len(stream), piece) for text in frames.feed(stream[at : at + piece], at)]
    assert found == texts
    assert frames.bad == 0


def test_chinese_is_read_whether_the_scanner_sends_utf_8_or_gb18030() -> None:
    frames = ScanFrames()
    assert frames.feed("GL1:green:张三丰\r".encode(), 0) == ["GL1:green:张三丰"]
    assert frames.feed("GL1:green:张三丰\r".encode("gb18030"), 0) == ["GL1:green:张三丰"]
    assert frames.feed(b"\xef\xbb\xbfGL1:red\r", 0) == ["GL1:red"], "a byte-order mark"


@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=2, max_size=20))
def test_chinese_in_gb18030_comes_out_as_it_was_written_or_as_nothing_else_than_utf_8(text: str) -> None:
    data = text.encode("gb18030")
    try:
        expected = data.decode()
    except UnicodeDecodeError:
        expected = text
    assert ScanFrames().feed(data + b"\r", 0) in ([expected], [])


def test_noise_of_a_wrong_speed_is_refused_and_counted() -> None:
    frames = ScanFrames()
    assert frames.feed(b"\x80\x00\xf8\x1e\x00\x86\xff\r", 0) == []
    assert frames.feed(b"GP1:\x00\x07BEEP\r", 0) == []
    assert frames.bad == 2
    assert frames.feed(b"GL1:green\r", 0) == ["GL1:green"]


def test_a_text_longer_than_any_code_is_dropped_to_its_end() -> None:
    frames = ScanFrames()
    for _ in range(4):
        assert frames.feed(b"A" * MOST_BYTES, 0) == []
    assert frames.feed(b"AAAA\rGL1:red\r", 0) == ["GL1:red"]
    assert frames.feed(b"A" * (MOST_BYTES + 1) + b"\r", 0) == []
    assert frames.bad == 2


def test_a_torn_off_piece_does_not_grow_into_the_next_persons_text() -> None:
    frames = ScanFrames()
    frames.feed(b"GP1:6BF", 0)
    assert frames.feed(b"", STALE_S / 2) == []
    assert frames.feed(b"", STALE_S) == []
    assert frames.feed(b"GL1:red\r", STALE_S + 1) == ["GL1:red"]
    assert frames.bad == 1


def test_without_a_suffix_a_pause_ends_a_text() -> None:
    frames = ScanFrames(suffix="")
    assert frames.feed(b"GL1:", 0) == []
    assert frames.feed(b"green", 0.05) == []
    assert frames.feed(b"", 0.1) == []
    assert frames.feed(b"", 0.05 + PAUSE_S) == ["GL1:green"]
    assert frames.feed(b"", 9) == []


def test_a_stream_without_a_pause_is_no_text_not_even_its_tail() -> None:
    frames = ScanFrames(suffix="")
    frames.feed(b"A" * (MOST_BYTES + 1), 0)
    frames.feed(b"AAAA", 0.01)
    assert frames.feed(b"", 1) == []
    assert frames.bad == 1


def test_a_prefix_and_a_suffix_of_ones_own_are_taken_off() -> None:
    frames = ScanFrames(prefix="\x02", suffix="\x03")
    assert frames.feed(b"noise\x02GL1:red\x03\x02GL1:green\x03", 0) == ["GL1:red", "GL1:green"]
    assert frames.feed(b"GL1:red\x03", 0) == []
    assert frames.bad == 1


@given(st.lists(st.binary(max_size=200), max_size=20), st.sampled_from(["\r", "", "\x03"]))
def test_no_bytes_at_all_upset_the_framer_or_fill_the_memory(pieces: list[bytes], suffix: str) -> None:
    frames = ScanFrames(suffix=suffix)
    for at, piece in enumerate(pieces):
        assert all(text and len(text) <= MOST_BYTES for text in frames.feed(piece * 60, at))
    assert len(frames._waiting) <= MOST_BYTES


# --- the line


def test_a_pass_is_read_over_a_real_line(wire: Wire, scanner: SerialScanner) -> None:
    wire.send(PASS.encode() + b"\r\n")
    assert read(scanner) == [PASS]


def test_a_pass_that_comes_byte_by_byte_is_one_text(wire: Wire, scanner: SerialScanner) -> None:
    found: list[str] = []
    for byte in PASS.encode() + b"\r":
        wire.send(bytes([byte]))
        found += scanner.read()
    assert (found or read(scanner)) == [PASS]


def test_what_was_scanned_while_nobody_listened_is_nobodys(wire: Wire) -> None:
    wire.send(b"GL1:red\r")
    scanner = SerialScanner(wire.port, 9600, ScanFrames())
    assert scanner.read() == []
    wire.send(b"GL1:green\r")
    assert read(scanner) == ["GL1:green"]
    scanner.close()


def test_an_unplugged_scanner_is_an_error_and_read_again_when_it_is_back(tmp_path: Path) -> None:
    link = tmp_path / "scanner"
    first = Wire(link)
    scanner = SerialScanner(str(link), 9600, ScanFrames())
    assert scanner.read() == []
    first.send(b"GP1:half of a pa")
    first.unplug()
    for _ in range(2):
        with pytest.raises(DeviceError, match=r"scanner: .+ cannot be read \(.+\); plugged in"):
            read(scanner)
    back = Wire(link)
    assert scanner.read() == []
    back.send(b"GL1:green\r")
    assert read(scanner) == ["GL1:green"]
    scanner.close()
    back.unplug()


@pytest.mark.parametrize("port", ["/dev/nothing-here", "/dev/null", "/"])
def test_a_port_that_is_none_is_a_clear_error(port: str) -> None:
    with pytest.raises(DeviceError, match=f"scanner: {port} cannot be read"):
        SerialScanner(port, 9600, ScanFrames()).read()


def test_two_listeners_do_not_share_a_scanner(wire: Wire, scanner: SerialScanner) -> None:
    with pytest.raises(DeviceError, match="cannot be read"):
        SerialScanner(wire.port, 9600, ScanFrames()).read()
