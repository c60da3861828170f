from __future__ import annotations

from kiosk.devices.tally import LAST_COLOURS, WINDOW_S, Tally
from kiosk.model import Colour, Symbol


def test_rates_and_times_are_those_of_the_last_ten_seconds() -> None:
    tally = Tally()
    tally.look(0.0, 0, 500.0)
    for number in range(41):
        tally.look(20 + number / 4, 300 + 4 * number, 2.0 + number % 3)
    figures = tally.figures(30.0)
    assert (figures.pictures_a_s, figures.looks_a_s) == (16.0, 4.0)
    assert (figures.ms_median, figures.ms_most) == (3.0, 4.0)


def test_nothing_looked_at_is_no_rate_and_no_time() -> None:
    tally = Tally()
    tally.look(0.0, 0, 3.0)
    figures = tally.figures(WINDOW_S + 1)
    assert (figures.pictures_a_s, figures.looks_a_s, figures.ms_median, figures.ms_most) == (0, 0, None, None)


def test_codes_and_lost_pictures_are_counted_from_the_start_by_reason() -> None:
    tally = Tally()
    for number in range(3):
        tally.look(float(number), number, 1.0, "the reader crashed")
    tally.look(4.0, 4, 1.0, "the reader took longer than 0.3 s")
    tally.presented(Symbol("GP1:A", "QRCode", Colour.BLACK))
    tally.codes(outside=2)
    tally.codes(ambiguous=1, near_misses=3)
    figures = tally.figures(1000.0)
    assert figures.near_misses == 3
    assert (figures.presented, figures.outside, figures.ambiguous) == (1, 2, 1)
    assert figures.lost == {"the reader crashed": 3, "the reader took longer than 0.3 s": 1}


def test_numbers_that_begin_again_are_no_negative_rate() -> None:
    tally = Tally()
    tally.look(0.0, 100, 1.0)
    tally.look(1.0, 3, 1.0)
    assert tally.figures(1.0).pictures_a_s == 0


def test_colours_are_counted_and_how_surely_the_last_fifty_were_told() -> None:
    tally = Tally()
    assert tally.figures(0).colour_confidence is None
    told = [(Colour.GREEN, 0.9)] * 3 + [(Colour.UNSURE, 0.0)] * 2 + [(Colour.RED, 0.6)]
    for colour, confidence in told:
        tally.presented(Symbol("GP1:A", "QRCode", colour, colour_confidence=confidence))
    figures = tally.figures(0)
    assert figures.presented == 6
    assert figures.colours == {"green": 3, "red": 1, "unsure": 2}
    assert figures.colour_confidence == 0.9
    for _ in range(LAST_COLOURS):
        tally.presented(Symbol("GP1:A", "QRCode", Colour.BLACK, colour_confidence=0.7))
    assert tally.figures(0).colour_confidence == 0.7
