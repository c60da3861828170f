from __future__ import annotations

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from kiosk.cli.film import film
from kiosk.errors import GatehouseError
from kiosk.film import Timeline

app = typer.Typer()
app.command()(film)

STORY = 'lead_s = 0\ngap_s = 0\n[[person]]\nshow = "level"\nlevel = "green"\nname = "周敏"\nseconds = 0.5\n'


def run(folder: Path, name: str, *options: str) -> Result:
    (folder / "story.toml").write_text(STORY)
    return CliRunner().invoke(app, [str(folder / name), "--script", str(folder / "story.toml"), *options])


def test_a_script_becomes_a_film_with_its_side_file(tmp_path: Path) -> None:
    result = run(tmp_path, "film.avi", "--fps", "4", "--size", "640x360", "--seed", "3")
    assert result.exit_code == 0, result.exception
    timeline = Timeline.beside(tmp_path / "film.avi")
    assert (timeline.fps, timeline.frames, timeline.people[0].text) == (4, 2, "GL1:green:周敏")
    assert result.stdout.endswith(f"1 people, 2 frames, 0.5 s; {tmp_path / 'film.avi.json'}\n")


@pytest.mark.parametrize(
    ("name", "options", "problem"),
    [
        ("film.webm", (), "unknown kind of film"),
        ("film.avi", ("--size", "large"), "--size: "),
        ("film.avi", ("--size", "641x480"), "--size: Input should be a multiple of 2"),
        ("film.avi", ("--fps", "0"), "--fps: Input should be greater than or equal to 1"),
        ("film.avi", ("--script", "nowhere.toml"), "nowhere.toml: cannot be read"),
    ],
)
def test_what_cannot_be_drawn_is_named_and_leaves_nothing(
    tmp_path: Path, name: str, options: tuple[str, ...], problem: str
) -> None:
    result = run(tmp_path, name, *options)
    assert isinstance(result.exception, GatehouseError)
    assert problem in str(result.exception)
    assert [path.name for path in tmp_path.iterdir()] == ["story.toml"]
