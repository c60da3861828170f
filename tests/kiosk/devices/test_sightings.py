from __future__ import annotations

from kiosk.devices.sightings import Sightings
from kiosk.model import Colour, Symbol

ONE, OTHER = Symbol("GP1:ONE", "QRCode", Colour.BLACK), Symbol("GP1:OTHER", "QRCode", Colour.GREEN)


def test_a_symbol_in_view_is_one_presentation_not_thirty() -> None:
    sightings = Sightings(gone_s=1.5)
    seen = [sightings.new([ONE], frame / 15) for frame in range(30)]
    assert seen == [[ONE]] + [[]] * 29


def test_a_symbol_that_flickers_is_still_the_same() -> None:
    sightings = Sightings(gone_s=1.5)
    assert sightings.new([ONE], 0) == [ONE]
    assert sightings.new([], 1) == []
    assert sightings.new([ONE], 1.5) == []
    assert sightings.new([ONE], 3) == []


def test_a_symbol_gone_for_long_enough_is_new_when_it_returns() -> None:
    sightings = Sightings(gone_s=1.5)
    sightings.new([ONE], 0)
    assert sightings.new([ONE], 1.51) == [ONE]


def test_the_next_persons_symbol_is_new_at_once() -> None:
    sightings = Sightings(gone_s=1.5)
    sightings.new([ONE], 0)
    assert sightings.new([ONE, OTHER], 0.1) == [OTHER]


def test_the_same_symbol_twice_in_one_picture_is_one_presentation() -> None:
    assert Sightings(gone_s=1.5).new([ONE, ONE], 0) == [ONE]


def test_the_colour_may_waver_without_a_new_presentation() -> None:
    sightings = Sightings(gone_s=1.5)
    sightings.new([ONE], 0)
    assert sightings.new([Symbol(ONE.text, ONE.symbology, Colour.UNSURE)], 0.1) == []


def test_a_film_that_begins_again_presents_everybody_again() -> None:
    sightings = Sightings(gone_s=1.5)
    sightings.new([ONE], 30)
    assert sightings.new([ONE], 0.1) == [ONE]
    assert sightings.new([ONE], 0.2) == []


def test_what_is_in_view_is_known_until_it_is_gone() -> None:
    sightings = Sightings(gone_s=1.5)
    sightings.new([ONE], 1.0)
    assert sightings.in_view(ONE.text, 2.5)
    assert not sightings.in_view(ONE.text, 2.6)
    assert not sightings.in_view(ONE.text, 0.5), "the film has begun again"
    assert not sightings.in_view(OTHER.text, 1.0)
