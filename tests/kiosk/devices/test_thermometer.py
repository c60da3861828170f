from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.devices.thermometer import (
    SILENCE_S,
    STEADY_FRAMES,
    Gy906Frames,
    ScriptedThermometer,
    SerialThermometer,
    Steady,
    plausible,
)
from kiosk.errors import DeviceError
from kiosk.model import ImplausibleReading, Reading
from tests.kiosk.devices.waiting import until
from tests.kiosk.devices.wire import Wire

NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)


def frame(celsius: float, ambient: float = 21.5) -> bytes:
    body = b"\x5a\x5a\x45\x04" + struct.pack(">hh", round(celsius * 100), round(ambient * 100))
    return body + bytes([sum(body) % 256])


class Time:
    """A clock that the test turns."""

    def __init__(self) -> None:
        self.s = 100.0

    def __call__(self) -> float:
        return self.s


@pytest.fixture
def wire() -> Iterator[Wire]:
    line = Wire()
    yield line
    line.unplug()


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def thermometer(wire: Wire, time: Time) -> Iterator[SerialThermometer]:
    device = SerialThermometer(wire.port, 9600, lambda: NOON, monotonic=time)
    assert device.read() is None, "nothing yet"
    yield device
    device.close()


def measured(thermometer: SerialThermometer, time: Time) -> float:
    """The reading that what was sent leads to, as soon as the line has carried it over."""
    found: list[Reading] = []

    def there() -> bool:
        reading = thermometer.read()
        if reading:
            found.append(reading)
        return bool(reading)

    time.s += 0.2
    until(there)
    assert (found[0].taken_at, found[0].device, found[0].site) == (NOON, "GY-MCU9061x", "forehead")
    return found[0].celsius


def test_a_person_who_stands_still_is_measured(wire: Wire, thermometer: SerialThermometer, time: Time) -> None:
    wire.send(b"".join(frame(celsius) for celsius in (36.5, 36.6, 36.6, 36.7, 36.6)))
    assert measured(thermometer, time) == 36.6


def test_frames_that_arrive_in_pieces_are_put_together(wire: Wire, thermometer: SerialThermometer, time: Time) -> None:
    for byte in frame(38.25) * STEADY_FRAMES:
        wire.send(bytes([byte]))
        thermometer.read()
    assert measured(thermometer, time) == 38.25


def test_garbage_and_bad_checksums_are_skipped_and_counted(
    wire: Wire, thermometer: SerialThermometer, time: Time
) -> None:
    bad = frame(41.0)[:-1] + b"\0"
    wire.send((b"\x5a\x00\x5a\x5a" + bad + b"\xff\x5a" + frame(37.4)) * STEADY_FRAMES)
    assert measured(thermometer, time) == 37.4
    assert thermometer.frames.bad == STEADY_FRAMES


def test_the_device_is_asked_to_send_without_being_asked(wire: Wire, thermometer: SerialThermometer) -> None:
    assert os.read(wire.device, 3) == bytes.fromhex("a545ea")


def test_a_room_temperature_is_nobody_and_no_error(wire: Wire, thermometer: SerialThermometer, time: Time) -> None:
    wire.send(frame(36.6) * STEADY_FRAMES)
    measured(thermometer, time)
    wire.send(frame(22.0))
    until(lambda: thermometer.read() is None)


def test_silence_is_an_error_until_a_frame_comes(wire: Wire, thermometer: SerialThermometer, time: Time) -> None:
    time.s += SILENCE_S
    assert thermometer.read() is None
    for _ in range(3):
        time.s += SILENCE_S
        with pytest.raises(DeviceError, match="thermometer: no frame for 2 s; check cable, power and speed"):
            thermometer.read()
    wire.send(frame(22.0))
    until(lambda: _works(thermometer))


def test_garbage_alone_is_silence(wire: Wire, thermometer: SerialThermometer, time: Time) -> None:
    wire.send(b"\x5a\x5a\x45\x04" * 20)
    time.s += SILENCE_S + 0.1
    with pytest.raises(DeviceError, match="no frame for 2 s"):
        thermometer.read()


def test_what_waited_while_nobody_asked_is_not_the_next_persons(
    wire: Wire, thermometer: SerialThermometer, time: Time
) -> None:
    wire.send(frame(39.5) * 30)
    until(lambda: thermometer._line and thermometer._line.in_waiting >= 30 * 9)
    time.s += 60
    assert thermometer.read() is None
    wire.send(frame(36.4) * STEADY_FRAMES)
    assert measured(thermometer, time) == 36.4


def test_an_unplugged_thermometer_is_an_error_and_read_again_when_it_is_back(time: Time) -> None:
    first = Wire()
    thermometer = SerialThermometer(first.port, 9600, lambda: NOON, monotonic=time)
    first.send(frame(36.6))
    thermometer.read()
    first.unplug()
    for _ in range(2):
        with pytest.raises(DeviceError, match=r"cannot be read \(.+\); plugged in"):
            thermometer.read()
    back = Wire()
    thermometer._port = back.port  # the kernel gives a real adapter its old name again
    assert thermometer.read() is None
    back.send(frame(36.9) * STEADY_FRAMES)
    assert measured(thermometer, time) == 36.9
    thermometer.close()
    back.unplug()


@pytest.mark.parametrize("port", ["/dev/nothing-here", "/dev/null", "/"])
def test_a_port_that_is_none_is_a_clear_error(port: str) -> None:
    with pytest.raises(DeviceError, match=f"thermometer: {port} cannot be read"):
        SerialThermometer(port, 9600, lambda: NOON).read()


@given(st.lists(st.integers(-4000, 12000), max_size=8), st.integers(1, 40))
def test_any_split_of_a_stream_gives_the_same_temperatures(hundredths: list[int], piece: int) -> None:
    stream = b"".join(frame(value / 100) for value in hundredths)
    frames = Gy906Frames()
    values = [value for at in range(0, len(stream), piece) for value in frames.feed(stream[at : at + piece])]
    assert values == [value / 100 for value in hundredths]
    assert frames.bad == 0


@given(st.binary(max_size=60).filter(lambda data: b"\x5a\x5a\x45\x04" not in data))
def test_a_frame_is_found_after_any_garbage(garbage: bytes) -> None:
    assert Gy906Frames().feed(garbage + frame(36.6) + frame(36.7))[-1] == 36.7


@given(st.binary(max_size=400))
def test_no_bytes_at_all_upset_the_parser_or_fill_the_memory(data: bytes) -> None:
    frames = Gy906Frames()
    frames.feed(data)
    assert len(frames._waiting) < 9


def test_a_frame_within_a_broken_one_is_not_lost() -> None:
    for cut in range(1, 9):
        assert Gy906Frames().feed(frame(36.6)[:cut] + frame(38.7)) == [38.7]


def test_a_forehead_cut_off_after_five_bytes_is_not_completed_by_the_next_header() -> None:
    frames = Gy906Frames()
    assert frames.feed(frame(36.6)[:5] + b"\x5a\x5a\x45\x04") == [], (
        "its sum is right: 36.74 °C at an ambient of 231 °C"
    )
    assert frames.bad == 1


def test_a_frost_below_zero_is_read() -> None:
    assert Gy906Frames().feed(frame(-12.34)) == [-12.34]


def test_the_way_up_to_a_fever_is_no_reading() -> None:
    steady, given_out = Steady(), []
    for celsius in (22.0, 31.0, 34.5, 36.4, 37.5, 38.2, 38.6, 38.8, 38.9, 38.9, 38.9):
        steady.add(celsius)
        given_out.append(steady.celsius())
    assert given_out == [None] * 10 + [38.9]


def test_a_hand_before_the_sensor_begins_the_wait_anew() -> None:
    steady = Steady()
    for celsius in (36.6, 36.6, 36.6, 36.6, 25.0, 36.6, 36.6, 36.6, 36.6):
        steady.add(celsius)
        assert steady.celsius() is None
    steady.add(36.6)
    assert steady.celsius() == 36.6


@pytest.mark.parametrize("celsius", [29.99, 43.01, -10.0, float("nan"), float("inf")])
def test_what_no_living_person_has_is_refused_in_both_languages(celsius: float) -> None:
    with pytest.raises(ImplausibleReading, match=r"请重新测量.*please measure again"):
        plausible(celsius)


@pytest.mark.parametrize("celsius", [30.0, 36.6, 43.0])
def test_what_a_person_can_have_is_taken(celsius: float) -> None:
    plausible(celsius)


def test_a_film_measures_who_is_in_view() -> None:
    places: list[float | None] = [None, 1.0, 5.0]
    timeline = {1.0: None, 5.0: 38.4}
    thermometer = ScriptedThermometer(lambda at_s: timeline[at_s], lambda: places.pop(0), lambda: NOON)
    assert [thermometer.read() for _ in range(3)] == [None, None, Reading(38.4, NOON, "film")]
    thermometer.close()


def _works(thermometer: SerialThermometer) -> bool:
    try:
        thermometer.read()
    except DeviceError:
        return False
    return True
