from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import cv2
import pytest

from kiosk import codes, film, screening
from kiosk.codes import ReadContext, Revoked, Trust
from kiosk.codes.parts import Collector
from kiosk.devices.decoder import read_symbols
from kiosk.film import Showing, Timeline
from kiosk.known import Known
from kiosk.model import Colour, Direction, Footing, HealthCode, LaneInfo, Method, Reading, Reason, Verdict
from kiosk.provinces import Lookup
from kiosk.provinces.stand_in import StandIn
from tests.kiosk.provinces.gates import TEST_PROVINCE, lookup

LIMIT = 3_000_000
NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


@pytest.fixture
def province() -> Iterator[StandIn]:
    with StandIn(now=lambda: NOON) as serving:
        yield serving


def test_the_bundled_film_is_small_and_shows_what_its_script_says() -> None:
    timeline, story = Timeline.beside(film.bundled()), film.load()
    assert film.bundled().stat().st_size < LIMIT
    assert 45 <= timeline.seconds <= 70
    promised = [(p.name, p.show, p.celsius, p.expect, p.offline, p.modules) for p in story.person]
    shown = [(p.name, p.shows, p.celsius, p.expect, p.offline, p.colour) for p in timeline.people]
    assert shown == promised


def test_its_keys_are_public_and_marked_as_a_demonstration() -> None:
    entries = Timeline.beside(film.bundled()).trust["keys"]
    schemes = [entry["scheme"] for entry in entries]
    assert schemes == ["office-pass", "eu-dcc", "smart-health-card", "office-pass"], "the last one printed a sheet"
    for entry in entries:
        assert entry["demo"] is True
        assert set(entry["jwk"]) == {"kty", "crv", "x", "y"}
    assert len(Trust.from_section({"keys": entries})) == len(entries)


def test_opencv_plays_it_and_reads_every_symbol_in_its_own_colour() -> None:
    timeline = Timeline.beside(film.bundled())
    capture = cv2.VideoCapture(str(film.bundled()))
    assert capture.get(cv2.CAP_PROP_FPS) == timeline.fps
    middles: dict[int, tuple[str, Colour]] = {}
    for person in timeline.people:
        frames = [round(at_s * timeline.fps) for at_s in person.middles()]
        middles |= {frame: (text, person.colour) for frame, text in zip(frames, person.shown, strict=True)}
    number = 0
    while capture.grab():
        if (expected := middles.get(number)) is not None:
            assert [(s.text, s.colour) for s in read_symbols(capture.retrieve()[1])] == [expected], number
        number += 1
    assert number == timeline.frames


def test_a_card_in_three_parts_is_shown_out_of_order_and_is_whole_with_the_last() -> None:
    (person,) = (one for one in Timeline.beside(film.bundled()).people if one.shows == "health-card")
    collector = Collector()
    steps = [collector.add(text, NOON) for text in person.shown]
    assert [sorted(step.have) for step in steps] == [[2], [1, 2], [1, 2, 3]]
    assert steps[-1].text == person.text


def test_the_default_policy_comes_to_what_the_film_expects_with_and_without_the_province(province: StandIn) -> None:
    people = Timeline.beside(film.bundled()).people
    asking = lookup(province.url)
    assert [verdict(one, asked(one, asking)) for one in people] == [one.expect for one in people]
    province.close()
    cut_off = lookup(province.url)
    assert [verdict(one, asked(one, cut_off)) for one in people] == [one.offline or one.expect for one in people]


def test_with_the_network_down_a_provincial_code_is_unreachable(province: StandIn) -> None:
    green, stuck = (one for one in Timeline.beside(film.bundled()).people if one.shows == "province")
    asking = lookup(province.url)
    assert asked(green, asking).holder.name == green.name
    assert asked(stuck, asking).reason is Reason.UNREACHABLE, "the province's own network"
    province.close()
    assert asked(green, lookup(province.url)).reason is Reason.UNREACHABLE


def asked(person: Showing, asking: Lookup) -> HealthCode:
    """What the code of `person` comes to at a gate of the demonstration."""
    timeline = Timeline.beside(film.bundled())
    context = ReadContext(
        NOON,
        Trust.from_section(timeline.trust),
        Revoked.from_section(timeline.revoked),
        demo=True,
        provinces=(TEST_PROVINCE,),
    )
    code = codes.read(person.text, context)
    return asking.ask(person.text, NOON, "1") if code.online else code


def verdict(person: Showing, code: HealthCode) -> Verdict:
    rules = screening.policy.default()
    facts = screening.facts.build(
        code=code,
        colour=person.colour,
        person=code.holder,
        readings=[Reading(person.celsius or 0, NOON, "film", grade="clinical")],
        answers={},
        known=Known(),
        lane=LaneInfo("1", "camera"),
        method=Method.CAMERA,
        direction=Direction.IN,
        footing=Footing.FRESH,
        policy=rules,
        now=NOON,
    )
    return screening.decide(facts, rules).verdict


def test_the_printed_pass_is_the_offices_own_sheet_read_back() -> None:
    (person,) = (one for one in film.load().person if one.picture)
    picture = cv2.imread(str(person.picture))
    (shown,) = (one for one in Timeline.beside(film.bundled()).people if one.shows == "printed-pass")
    assert picture is not None
    assert [symbol.text for symbol in read_symbols(picture)] == [shown.text]
    assert Path(str(person.picture)).parent == film.bundled().parent
