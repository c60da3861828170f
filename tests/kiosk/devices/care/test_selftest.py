from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.devices.care import selftest
from kiosk.devices.decoder import read_symbols
from kiosk.devices.picture import Pixels
from kiosk.devices.process import Decoder
from kiosk.errors import DeviceError
from kiosk.model import Colour, Symbol


class Here:
    """The real reader, in this process; `colour` is what it takes every colour for."""

    def __init__(self, colour: Colour | None = None) -> None:
        self.colour = colour

    def decode(self, image: Pixels) -> list[Symbol]:
        found = read_symbols(image)
        return [replace(symbol, colour=self.colour) for symbol in found] if self.colour else found


class Blind:
    def decode(self, image: Pixels) -> list[Symbol]:
        return []


class Broken:
    def decode(self, image: Pixels) -> list[Symbol]:
        raise DeviceError("the decode process does not start")


def test_the_readers_process_reads_every_built_in_picture_in_its_colour() -> None:
    with Decoder() as decoder:
        done = selftest.run(decoder)
    assert done.faults == ()
    assert done.ok


def test_a_reader_that_sees_nothing_fails_for_every_picture() -> None:
    done = selftest.run(Blind())
    assert not done.ok
    assert done.faults == ("green: not read", "yellow: not read", "amber: not read", "red: not read")


def test_a_reader_that_takes_every_code_for_green_fails() -> None:
    assert selftest.run(Here(Colour.GREEN)).faults == (
        "yellow: seen as green",
        "amber: seen as green",
        "red: seen as green",
    )


def test_a_reader_that_does_not_start_is_a_failed_test_with_the_reason() -> None:
    assert selftest.run(Broken()).faults[0] == "green: the decode process does not start"


@pytest.mark.parametrize("probe", selftest.PROBES, ids=lambda probe: probe.name)
def test_the_pictures_are_what_they_are_called(probe: selftest.Probe) -> None:
    [symbol] = Here().decode(selftest.picture(probe))
    assert (symbol.text, symbol.colour) == (probe.text, probe.colour)
