from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from kiosk import codes, film
from kiosk.codes import ReadContext, Revoked, Trust, jwk
from kiosk.devices.decoder import read_symbols
from kiosk.errors import ConfigError
from kiosk.film.draw import draw_film
from kiosk.film.picture import Picture
from kiosk.model import Part, Reason, Verification
from tests.kiosk.provinces.gates import TEST_PROVINCE

pytestmark = pytest.mark.xdist_group("drawn film")  # which is drawn once

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
EVERYBODY = """
fps = 10
lead_s = 0.1
gap_s = 0.1
[[person]]
show = "pass"
name = "王小明"
household = "3栋2单元501室"
seconds = 0.4
celsius = 36.5
expect = "admit"
[[person]]
show = "expired-pass"
name = "赵国平"
on = "paper"
seconds = 0.4
[[person]]
show = "forged-pass"
name = "孙浩然"
seconds = 0.4
[[person]]
show = "revoked-pass"
name = "何文涛"
on = "paper"
seconds = 0.4
[[person]]
show = "level"
level = "green"
name = "周敏"
seconds = 0.4
[[person]]
show = "level"
level = "yellow"
name = "林思远"
on = "paper"
seconds = 0.4
[[person]]
show = "level"
level = "red"
seconds = 0.4
[[person]]
show = "text"
text = "https://example.com/菜单"
seconds = 0.4
[[person]]
show = "eu-certificate"
name = "Anna Huber"
seconds = 0.4
[[person]]
show = "health-card"
name = "Ana Rivera"
order = [2, 1]
on = "paper"
seconds = 0.8
[[person]]
show = "province"
who = "red"
colour = "red"
name = "黄丽萍"
seconds = 0.4
"""


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> tuple[film.Timeline, list[Picture]]:
    """A film of everybody, as its timeline and its frames."""
    path = tmp_path_factory.mktemp("film") / "film.avi"
    timeline = draw_film(film.parse(EVERYBODY), path)
    capture, frames = cv2.VideoCapture(str(path)), []
    while (read := capture.read())[0]:
        frames.append(read[1])
    assert len(frames) == timeline.frames
    return timeline, frames


def test_each_person_can_be_read_from_the_frames_in_their_own_colour(
    drawn: tuple[film.Timeline, list[Picture]],
) -> None:
    timeline, frames = drawn
    for person in timeline.people:
        for middle_s, text in zip(person.middles(), person.shown, strict=True):
            seen = read_symbols(frames[round(middle_s * timeline.fps)])
            assert [(s.text, s.colour) for s in seen] == [(text, person.colour)], person.name


def test_between_people_there_is_nothing_to_read(drawn: tuple[film.Timeline, list[Picture]]) -> None:
    timeline, frames = drawn
    empty = [frame for number, frame in enumerate(frames) if timeline.at(number / timeline.fps) is None]
    assert len(empty) == len(timeline.people) + 1
    assert not any(read_symbols(frame) for frame in (empty[0], empty[-1]))


def test_the_codes_come_out_as_the_script_says(drawn: tuple[film.Timeline, list[Picture]]) -> None:
    timeline, _ = drawn
    context = ReadContext(
        NOON, Trust.from_section(timeline.trust), Revoked.from_section(timeline.revoked), True, (TEST_PROVINCE,)
    )
    reasons = [codes.read(person.text, context).reason for person in timeline.people]
    assert reasons == [
        None,
        Reason.EXPIRED,
        Reason.BAD_SIGNATURE,
        Reason.REVOKED,
        Reason.UNVERIFIABLE,
        Reason.UNVERIFIABLE,
        Reason.UNVERIFIABLE,
        Reason.UNKNOWN_SCHEME,
        None,
        None,
        Reason.UNVERIFIABLE,
    ]
    assert [codes.read(text, context).part for text in timeline.people[-2].shown] == [Part(2, 2), Part(1, 2)]


def test_outside_a_demonstration_nobody_believes_the_films_key(drawn: tuple[film.Timeline, list[Picture]]) -> None:
    timeline, _ = drawn
    context = ReadContext(NOON, Trust.from_section(timeline.trust))
    assert codes.read(timeline.people[0].text, context).reason is Reason.UNKNOWN_ISSUER


def test_the_timeline_repeats_what_the_script_promised(drawn: tuple[film.Timeline, list[Picture]]) -> None:
    timeline, _ = drawn
    first = timeline.people[0]
    assert (first.start_s, first.end_s, first.celsius, first.expect) == (0.1, 0.5, 36.5, "admit")
    assert (timeline.demo, timeline.fps) == (True, 10)


SHORT = 'fps = 5\nlead_s = 0\ngap_s = 0\nsize = [640, 360]\n[[person]]\nshow = "%s"\n%s\nseconds = 0.6\n'


def test_with_a_key_of_ones_own_its_passes_verify_and_it_is_written_nowhere(tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    path = tmp_path / "film.avi"
    timeline = draw_film(film.parse(SHORT % ("pass", 'name = "a"')), path, key=key)
    assert timeline.trust["keys"][0]["kid"] == jwk.key_id(key.public_key()).hex()
    assert "d" not in timeline.trust["keys"][0]["jwk"]
    secret = key.private_numbers().private_value
    for written in tmp_path.iterdir():
        content = written.read_bytes()
        assert secret.to_bytes(32) not in content
        assert secret.to_bytes(32).hex().encode() not in content
    context = ReadContext(NOON, Trust.from_section(timeline.trust), demo=True)
    assert codes.read(timeline.people[0].text, context).verification is Verification.VERIFIED


def test_the_same_seed_draws_the_same_pictures_and_another_seed_others(tmp_path: Path) -> None:
    story = film.parse(SHORT % ("level", 'level = "green"'))
    for name, seed in (("a", 7), ("b", 7), ("c", 8)):
        draw_film(story, tmp_path / name, seed=seed)
    a, b, c = (cv2.imread(str(tmp_path / name / "frame-00001.png")) for name in "abc")
    assert np.array_equal(a, b)
    assert not np.array_equal(a, c)


def test_progress_counts_every_frame(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    story = film.parse(SHORT % ("level", 'level = "green"'))
    draw_film(story, tmp_path / "film", progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 3), (2, 3), (3, 3)]


@pytest.mark.parametrize(
    "person",
    [
        ("level", 'level = "red"\nname = "a:b"'),
        ("pass", 'name = "a\\u0007"'),
        ("text", f'text = "{"漢" * 2000}"'),
    ],
)
def test_a_code_that_cannot_be_made_stops_the_film_and_leaves_nothing(tmp_path: Path, person: tuple[str, str]) -> None:
    with pytest.raises(ConfigError, match=r"person #1: |fits no QR code"):
        draw_film(film.parse(SHORT % person), tmp_path / "film.mp4")
    assert list(tmp_path.iterdir()) == []


def test_a_printed_pass_needs_a_side_file_whose_keys_are_a_demonstrations(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "card.png"), np.full((60, 90, 3), 255, np.uint8))
    story = tmp_path / "story.toml"
    story.write_text(SHORT % ("printed-pass", 'name = "a"\npicture = "card.png"'), encoding="utf-8")
    for side, problem in ((None, "no side file"), ('{"text": "GP1:", "trust": {"keys": []}}', "marked demo")):
        if side:
            (tmp_path / "card.png.json").write_text(side)
        with pytest.raises(ConfigError, match=rf"person #1: .*card\.png: .*{problem}"):
            draw_film(film.load(story), tmp_path / "film.avi")
