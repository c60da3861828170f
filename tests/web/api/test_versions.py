"""Old gates and new offices, new gates and old offices; suspended gates."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from kiosk.model import iso
from sync import protocol
from sync.office.office import Office
from sync.office.values import EVERYTHING
from tests.sync.office.gate_end import PERSON, passage
from tests.web.api.conftest import NOON, OFFICE_URL, GateCalls

BEAT = {"journal": "01936f10-0000-7000-8000-0000000000aa", "seq": 0, "waiting": 0, "software": "g", "time": iso(NOON)}


@pytest.fixture
def office_url(sqlite_office_url: str) -> str:
    """SQLite alone, for speed."""
    return sqlite_office_url


def speaking(gate: GateCalls, version: str) -> Any:
    headers = {protocol.SPOKEN_HEADER: version}
    return gate.post(protocol.HEARTBEAT, protocol.encode(protocol.Heartbeat(**BEAT)), headers)


@pytest.mark.parametrize("version", ["1", "1.0", "1.1", "1.99"])
def test_any_minor_version_is_understood(gate: GateCalls, version: str) -> None:
    answer = speaking(gate, version)
    assert answer.status_code == 200
    assert answer.headers[protocol.SPOKEN_HEADER] == protocol.SPOKEN


def test_a_gate_from_before_there_were_versions_is_understood(gate: GateCalls) -> None:
    gate.journal.append("day.close", NOON, {"day": "2026-11-21", "counts": {}, "gate": gate.id})
    answer = gate.push()
    assert answer.status_code == 200
    assert [day["day"] for day in answer.get_json()["days"]] == ["2026-11-21"]  # it reads over what it does not know
    gate.journal.append("passage", NOON, passage(), PERSON)
    assert "days" not in gate.push(2).get_json()


def test_a_gate_that_is_too_old_is_told_to_be_updated(gate: GateCalls) -> None:
    answer = speaking(gate, "0.9")
    assert (answer.status_code, answer.get_json()["error"]) == (426, "upgrade")
    assert "update the gate" in answer.get_json()["detail"]
    assert answer.headers["Upgrade"] == f"gatehouse/{protocol.SPOKEN}"


def test_a_gate_that_is_too_new_is_told_that_the_office_is_behind(gate: GateCalls) -> None:
    answer = speaking(gate, "2.0")
    assert (answer.status_code, answer.get_json()["error"]) == (400, "version")
    assert "office" in answer.get_json()["detail"]


@pytest.mark.parametrize("version", ["", "one", "1.x", "-1", "1.1.1", "１"])
def test_what_is_no_version_is_malformed(gate: GateCalls, version: str) -> None:
    if not version.isascii():
        with pytest.raises(ValueError, match="no version"):
            protocol.check_spoken(version)
        return
    answer = speaking(gate, version)
    assert (answer.status_code, answer.get_json()["error"]) == (400, "malformed")


def test_the_description_says_which_versions_are_spoken(client: FlaskClient) -> None:
    said = client.get(protocol.OPENAPI, base_url=OFFICE_URL).get_json()
    assert said["info"]["x-protocol"] == {"spoken": protocol.SPOKEN, "oldest": "1.0"}
    calls = [call for path in said["paths"].values() for call in path.values() if "requestBody" in call]
    assert all("426" in call["responses"] for call in calls)


def test_a_suspended_gate_hands_in_and_is_handed_nothing(gate: GateCalls, office: Office) -> None:
    office.standings.suspend(gate.id, EVERYTHING, "设备送修", who="li")
    gate.journal.append("passage", NOON, passage(), PERSON)
    assert gate.push().get_json()["through"] == 1
    for path in (protocol.BUNDLE, protocol.SECTION + "ab" * 32):
        answer = gate.get(path)
        assert (answer.status_code, answer.get_json()) == (403, {"error": "suspended", "detail": "设备送修"})
    beat = gate.post(protocol.HEARTBEAT, protocol.encode(protocol.Heartbeat(**BEAT)))
    assert beat.get_json()["suspended"] == "设备送修"


def test_a_stolen_key_is_refused_at_once(gate: GateCalls, office: Office) -> None:
    assert gate.push(1, 0).status_code == 200
    office.enrolment.cut_off(gate.id, EVERYTHING, who="li")
    for answer in (gate.push(1, 0), gate.get(protocol.BUNDLE), speaking(gate, "1.1")):
        assert (answer.status_code, answer.get_json()["error"]) == (401, "unknown-gate")
