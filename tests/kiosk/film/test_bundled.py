from __future__ import annotations

from datetime import UTC, datetime

import cv2

from kiosk import codes, film, screening
from kiosk.codes import ReadContext, Revoked, Trust
from kiosk.devices.decoder import read_symbols
from kiosk.film import Timeline
from kiosk.known import Known
from kiosk.model import Direction, Footing, LaneInfo, Method, Reading

LIMIT = 3_000_000
NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


def test_the_bundled_film_is_small_and_shows_what_its_script_says() -> None:
    timeline, story = Timeline.beside(film.bundled()), film.load()
    assert film.bundled().stat().st_size < LIMIT
    assert 45 <= timeline.seconds <= 60
    promised = [(p.name, p.show, p.celsius, p.expect, p.modules) for p in story.person]
    assert [(p.name, p.shows, p.celsius, p.expect, p.colour) for p in timeline.people] == promised


def test_its_key_is_public_and_marked_as_a_demonstration() -> None:
    (entry,) = Timeline.beside(film.bundled()).trust["keys"]
    assert entry["demo"] is True
    assert set(entry["jwk"]) == {"kty", "crv", "x", "y"}
    assert len(Trust.from_section({"keys": [entry]})) == 1


def test_opencv_plays_it_and_reads_every_person_in_their_own_colour() -> None:
    timeline = Timeline.beside(film.bundled())
    capture = cv2.VideoCapture(str(film.bundled()))
    assert capture.get(cv2.CAP_PROP_FPS) == timeline.fps
    middles = {round((p.start_s + p.end_s) / 2 * timeline.fps): p for p in timeline.people}
    number = 0
    while capture.grab():
        if (person := middles.get(number)) is not None:
            frame = capture.retrieve()[1]
            assert [(s.text, s.colour) for s in read_symbols(frame)] == [(person.text, person.colour)], person.name
        number += 1
    assert number == timeline.frames


def test_the_default_policy_comes_to_what_the_film_expects() -> None:
    timeline, rules = Timeline.beside(film.bundled()), screening.policy.default()
    context = ReadContext(NOON, Trust.from_section(timeline.trust), Revoked.from_section(timeline.revoked), demo=True)
    for person in timeline.people:
        code = codes.read(person.text, context)
        facts = screening.facts.build(
            code=code,
            colour=person.colour,
            person=code.holder,
            readings=[Reading(person.celsius or 0, NOON, "film")],
            answers={},
            known=Known(),
            lane=LaneInfo("1", "camera"),
            method=Method.CAMERA,
            direction=Direction.IN,
            footing=Footing.FRESH,
            policy=rules,
            now=NOON,
        )
        assert screening.decide(facts, rules).verdict is person.expect, person.name
