from __future__ import annotations

from kiosk.devices.choosing import Ambiguous, Pieces, choose
from kiosk.model import Colour, Symbol

ZONE = (100, 0, 500, 400)  # its middle is at (300, 200)


def at(text: str, x: int, y: int) -> Symbol:
    return Symbol(text, "QRCode", Colour.BLACK, ((x - 9, y - 9), (x + 9, y - 9), (x + 9, y + 9), (x - 9, y + 9)))


def health(text: str) -> bool:
    return text.startswith("GP1:")


def test_the_code_nearest_the_middle_of_the_zone_is_meant() -> None:
    near, far = at("near", 320, 220), at("far", 110, 390)
    assert choose([far, near], ZONE) == near


def test_what_lies_outside_the_zone_is_the_neighbours() -> None:
    assert choose([at("GP1:NEIGHBOUR", 50, 200)], ZONE, health) is None
    assert choose([at("GP1:NEIGHBOUR", 510, 200), at("GP1:MINE", 490, 390)], ZONE, health) == at("GP1:MINE", 490, 390)


def test_a_health_code_goes_before_a_poster_that_is_nearer() -> None:
    assert choose([at("WIFI:", 300, 200), at("GP1:A", 400, 300)], ZONE, health) == at("GP1:A", 400, 300)


def test_two_health_codes_at_once_are_asked_about() -> None:
    two = [at("GP1:FAR", 400, 300), at("WIFI:", 300, 200), at("GP1:NEAR", 310, 210)]
    assert choose(two, ZONE, health) == Ambiguous((two[2], two[0]))


def test_the_symbols_of_one_card_are_all_meant_but_not_beside_somebody_elses_code() -> None:
    parts = [at("GP1:1", 400, 300), at("GP1:2", 310, 210), at("GP1:2", 300, 210)]
    assert choose([*parts, at("WIFI:", 300, 200)], ZONE, health, lambda texts: True) == Pieces((parts[2], parts[0]))
    seen: list[str] = []
    assert choose(parts, ZONE, health, lambda texts: bool(seen.extend(texts))) == Ambiguous((parts[2], parts[0]))
    assert seen == ["GP1:2", "GP1:1"]


def test_the_same_text_twice_in_view_is_one_code() -> None:
    assert choose([at("GP1:A", 400, 300), at("GP1:A", 310, 210)], ZONE, health) == at("GP1:A", 310, 210)


def test_a_symbol_without_corners_counts_as_in_the_middle() -> None:
    plain = Symbol("GP1:A", "QRCode", Colour.BLACK)
    assert choose([plain], ZONE, health) == plain


def test_nothing_in_view_is_nothing() -> None:
    assert choose([], ZONE) is None
