from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.errors import ConfigError
from kiosk.film import Showing, Timeline, side_file
from kiosk.model import Colour, Verdict

TIMELINE = Timeline(
    fps=10,
    frames=50,
    people=(
        Showing(1, 2, "王芳", "level", "GL1:red:王芳", Colour.RED, 36.6, Verdict.REFUSE),
        Showing(3, 4, "", "text", "hello", Colour.BLACK),
    ),
    trust={"keys": []},
    revoked={"serials": {}},
)


@pytest.mark.parametrize(
    ("position_s", "celsius"),
    [(-1, None), (0.99, None), (1, 36.6), (1.99, 36.6), (2, None), (3.5, None), (99, None)],
)
def test_a_temperature_is_there_only_while_its_person_is_in_view(position_s: float, celsius: float | None) -> None:
    assert TIMELINE.celsius_at(position_s) == celsius


def test_who_is_in_view_is_known_at_each_moment() -> None:
    shown = [person.shows if (person := TIMELINE.at(second)) else None for second in range(5)]
    assert shown == [None, "level", None, "text", None]
    assert TIMELINE.seconds == 5


def test_the_side_file_keeps_everything(tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    TIMELINE.save(side_file(film))
    assert side_file(film).name == "film.mp4.json"
    assert Timeline.beside(film) == TIMELINE == Timeline.load(tmp_path / "film.mp4.json")
    assert [path.name for path in tmp_path.iterdir()] == ["film.mp4.json"]


@pytest.mark.parametrize("content", [None, "", "[]", "{}", '{"fps": "fast", "frames": 1, "people": []}'])
def test_what_is_no_side_file_is_refused_by_name(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "film.mp4.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(ConfigError, match=r"film\.mp4\.json: no film's side file"):
        Timeline.beside(tmp_path / "film.mp4")
