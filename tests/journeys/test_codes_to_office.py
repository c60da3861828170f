"""People of the bundled film, each with another kind of code, from the camera to the office's log: with the issuers'
servers in reach and without."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import pytest

from kiosk.film import Showing, Timeline, bundled, side_file
from tests.journeys.house import House, free_port, until

LANE = """
[camera]
gone_s = 0.5
[[lane]]
name = "1"
camera = "{camera}"
thermometer = "film"
thermometer_grade = "clinical"
measure_timeout_s = 30
show_s = 1
[provinces.verifier]
position = "东门"
department = "幸福社区"
[provinces.access.test-province]
endpoint = "http://127.0.0.1:{port}"
app = "demo"
"""
KINDS = ("printed-pass", "eu-certificate", "province", "health-card")
# The card comes last: on a machine with much else to do one of its parts, seen again, may begin a visit of nobody.


def clip(path: Path, *shows: str) -> tuple[Showing, ...]:
    """The part of the bundled film with the first people who show these, half a second of empty gate around each."""
    whole, people, frames = Timeline.beside(bundled()), list[Showing](), 0
    wanted = [next(person for person in whole.people if person.shows == show) for show in shows]
    capture = cv2.VideoCapture(str(bundled()))
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), whole.fps, (1280, 720))
    aside = round(whole.fps / 2)
    for person in wanted:
        first, last = round(person.start_s * whole.fps) - aside, round(person.end_s * whole.fps) + aside
        capture.set(cv2.CAP_PROP_POS_FRAMES, first)
        for _ in range(first, last):
            writer.write(capture.read()[1])
        start_s = (frames + aside) / whole.fps
        people.append(replace(person, start_s=start_s, end_s=start_s + person.end_s - person.start_s))
        frames += last - first
    writer.release()
    replace(whole, frames=frames, people=tuple(people)).save(side_file(path))
    return tuple(people)


@pytest.mark.timeout(400)
def test_every_kind_of_code_reaches_the_office_and_without_the_province_a_person_looks(
    house: Callable[[str], House], tmp_path: Path
) -> None:
    port, film = free_port(), tmp_path / "film.avi"
    people = clip(film, *KINDS)
    place = house(LANE.format(camera=film, port=port))
    place.start_office()
    place.enrol()
    place.json("sync.office", "demo")
    place.start_province(port)
    place.start_gate("--demo")

    entries = arrived(place, len(people))
    assert [entry["verdict"] for entry in entries] == [person.expect for person in people]
    assert [entry["scheme"] for entry in entries] == ["office-pass", "eu-dcc", "test-province", "smart-health-card"]
    assert {entry["verification"] for entry in entries} == {"verified"}

    place.stop("gate")
    place.stop("province")
    (person,) = clip(film, "province")
    place.start_gate("--demo")
    entry = arrived(place, len(people) + 1)[-1]
    assert (entry["verdict"], entry["verification"], entry["rules"]) == ("check", "unverified", "code-unverified")
    assert person.offline == "check"


def arrived(place: House, count: int) -> list[dict[str, Any]]:
    """The passages at the office once `count` are there, the oldest first."""

    def passages() -> list[dict[str, Any]]:
        return [row for row in place.entries() if row["kind"] == "passage"]

    found = until(
        lambda: rows if len(rows := passages()) >= count else None, f"not {count} passages arrived", patience_s=120
    )
    return found[::-1]
