from __future__ import annotations

import numpy as np
import pytest

from kiosk import film
from kiosk.film import lettering
from kiosk.film.picture import BLACK, Picture


def page() -> Picture:
    return np.full((60, 200, 3), 255, np.uint8)


def test_the_sheet_holds_every_character_of_the_bundled_film() -> None:
    story = film.load()
    said = story.title + story.issuer + "".join(person.name + person.household for person in story.person)
    assert set(said) <= set(lettering.characters())


def test_what_is_written_shows_and_a_missing_character_is_a_box() -> None:
    known, unknown, other = page(), page(), page()
    lettering.write(known, "王", (10, 10), 40, BLACK)
    lettering.write(unknown, "龘", (10, 10), 40, BLACK)
    lettering.write(other, "靐", (10, 10), 40, BLACK)
    assert known.min() < 60
    assert np.array_equal(unknown, other)
    assert not np.array_equal(known, unknown)


@pytest.mark.parametrize("at", [(-30, -10), (190, 50), (-500, 0), (0, 500)])
def test_what_does_not_fit_is_cut_off(at: tuple[int, int]) -> None:
    lettering.write(page(), "青山街道办事处", at, 40, BLACK)


def test_in_the_middle_means_as_much_paper_on_either_side() -> None:
    picture = page()
    lettering.write(picture, "中", (100, 10), 40, BLACK, middle=True)
    inked = np.flatnonzero(picture.min(axis=(0, 2)) < 128)
    assert abs((inked[0] + inked[-1]) / 2 - 100) <= 4
