"""Number plates: what holds, which character does not, and what a screen shows."""

from __future__ import annotations

import pytest

from kiosk import identities
from kiosk.identities import plates


@pytest.mark.parametrize(
    ("typed", "normalised", "kind"),
    [
        ("闽A12345", "闽A12345", "ordinary"),
        ("闽a·123 45", "闽A12345", "ordinary"),
        ("沪A8888X", "沪A8888X", "ordinary"),
        ("粤BD12345", "粤BD12345", "new-energy"),
        ("粤BDF1234", "粤BDF1234", "new-energy"),
        ("京A12345F", "京A12345F", "new-energy"),
        ("京A1234警", "京A1234警", "ordinary"),
        ("京A1234学", "京A1234学", "ordinary"),
        ("粤Z1234港", "粤Z1234港", "ordinary"),
        ("粤Z1234澳", "粤Z1234澳", "ordinary"),
        ("沪A1234领", "沪A1234领", "ordinary"),
        ("鲁B1234挂", "鲁B1234挂", "ordinary"),
        ("使014578", "使014578", "ordinary"),
        ("123456使", "123456使", "ordinary"),
        ("闽A12345临", "闽A12345临", "temporary"),
    ],
)
def test_a_plate_of_each_kind_holds(typed: str, normalised: str, kind: str) -> None:
    found = identities.check("plate", typed)
    assert (found.problem, found.normalised) == (None, normalised)
    assert plates.kind(found.normalised) == kind


@pytest.mark.parametrize(
    ("typed", "at"),
    [
        ("", 0),
        ("A12345", 0),
        ("台A12345", 0),
        ("闽112345", 1),
        ("闽", 1),
        ("闽A1I345", 3),
        ("闽A123O5", 5),
        ("闽A1234", 6),
        ("闽A12?45", 4),
        ("闽A1警345", 2),
        ("闽AX12345", 2),
        ("闽A123456789", 2),
    ],
)
def test_what_is_no_plate_is_explained_at_its_character(typed: str, at: int) -> None:
    found = identities.check("plate", typed)
    assert found.problem is not None
    assert found.at == at


@pytest.mark.parametrize(
    ("plate", "shown"), [("闽A12345", "闽A·***45"), ("粤BD12345", "粤B·****45"), ("京A1234警", "京A·***4警")]
)
def test_a_screen_shows_where_it_is_from_and_its_end(plate: str, shown: str) -> None:
    assert plates.mask(plate) == shown
