from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from kiosk import film
from kiosk.errors import ConfigError
from kiosk.film import script
from kiosk.model import Colour, Verdict

LEVEL = '[[person]]\nshow = "level"\nlevel = "red"\n'


def problems(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        film.parse(text, "story.toml")
    return caught.value.problems


def test_the_bundled_script_shows_everything_a_gate_must_tell_apart() -> None:
    people = film.load().person
    assert {person.show for person in people} == set(get_args(script.Shows))
    assert {Colour.RED, Colour.YELLOW, Colour.GREEN, Colour.BLACK} == {person.modules for person in people}
    assert {person.expect for person in people} == set(Verdict)
    assert [person.name for person in people if (person.celsius or 0) >= 37.3] == ["吴雪梅"]


def test_a_symbol_has_the_colour_of_its_level_unless_told_otherwise() -> None:
    honest, lying = film.parse(LEVEL + LEVEL + 'colour = "green"\n').person
    assert (honest.modules, lying.modules) == (Colour.RED, Colour.GREEN)


def test_every_problem_is_named_at_once() -> None:
    text = 'fsp = 3\nfps = 0\n[[person]]\nshow = "dance"\n[[person]]\nshow = "level"\nlevel = "none"\n'
    assert problems(text) == [
        "story.toml: fps: Input should be greater than or equal to 1",
        "story.toml: person #1 show: Input should be 'pass', 'expired-pass', 'forged-pass', 'revoked-pass',"
        " 'printed-pass', 'eu-certificate', 'health-card', 'province', 'level' or 'text'",
        "story.toml: person #2 level: green, yellow or red",
        "story.toml: fsp: unknown",
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "film: at least one [[person]] is needed"),
        ("person = []", "at least one [[person]]"),
        ("[[person]]", "person #1 show: missing"),
        ('[[person]]\nshow = "level"', "a level (green, yellow, red) go together"),
        ('[[person]]\nshow = "pass"\nname = "a"\nlevel = "red"', "go together"),
        ('[[person]]\nshow = "text"', "a text go together"),
        ('[[person]]\nshow = "forged-pass"', "a pass needs a name"),
        ('[[person]]\nshow = "pass"\nname = "a"\nid_last4 = "12"', "id_last4"),
        ('[[person]]\nshow = "pass"\nname = "a"\norder = [1]', "order: each part of a health card once"),
        ('[[person]]\nshow = "health-card"\nname = "Ana Rivera"\norder = [1, 3]', "order: each part"),
        ('[[person]]\nshow = "health-card"\nname = "Ana"', "Given Family"),
        ('[[person]]\nshow = "eu-certificate"\nname = "王芳"', "Given Family"),
        ('[[person]]\nshow = "province"\nwho = "nobody"', "a who go together: green, yellow"),
        ('[[person]]\nshow = "province"', "a who go together"),
        ('[[person]]\nshow = "printed-pass"\nname = "a"', "a picture go together"),
        ("size = [641, 480]\n" + LEVEL, "size #1: Input should be a multiple of 2"),
        ("valid_from = 2026-01-01T00:00:00\n" + LEVEL, "valid_from: Input should have timezone info"),
        ("[[person", "not TOML"),
    ],
)
def test_a_script_that_makes_no_sense_is_refused_with_the_reason(text: str, problem: str) -> None:
    assert problem in "\n".join(problems(text))


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_script_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "story.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"story\.toml: cannot be read"):
        film.load(path)
