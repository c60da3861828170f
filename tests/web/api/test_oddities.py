"""What databases stumble over, on both of them."""

from __future__ import annotations

import pytest

from sync import protocol
from tests.web.api.conftest import NOON, GateCalls
from tests.web.api.test_calls import outcome, recorded


def test_a_names_or_softwares_oddities_are_kept_out_of_trouble(newcomer: GateCalls) -> None:
    assert newcomer.enroll(name="东\u0000门'; DROP TABLE gate", software="\u0000").status_code == 200


def test_what_an_event_says_is_never_a_reason_to_refuse_it(gate: GateCalls) -> None:
    recorded(gate, 1, verdict="no verdict we know", celsius="warm", reasons={"x": 1}, lane=None, note="\u0000")
    gate.journal.append("kind of a later version", NOON, {"a": [1, {"b": None}]}, {"name": "x\u0000y"})
    gate.journal.append("passage", NOON, {}, None)
    assert gate.push().get_json()["through"] == 3


@pytest.mark.parametrize(("number", "text"), [("big", "9007199254740993"), ("huge", "1" * 400)])
def test_a_number_without_canonical_form_breaks_the_chain_and_not_the_office(
    gate: GateCalls, number: str, text: str
) -> None:
    recorded(gate)
    body = protocol.encode(gate.journal.message()).replace(b'"took_ms":84', f'"took_ms":{text}'.encode())
    assert gate.post(protocol.EVENTS, body).status_code in (400, 422)


def test_a_gate_nobody_enrolled_is_told_so(newcomer: GateCalls) -> None:
    newcomer.id = "01936f10-0000-7000-8000-00000000dead"
    assert outcome(newcomer.get(protocol.BUNDLE)) == (401, "unknown-gate")
    newcomer.id = "' OR 1=1 --"
    assert outcome(newcomer.get(protocol.BUNDLE)) == (401, "unknown-gate")


@pytest.mark.parametrize("depth", [100, 300, 600, 900, 5000])
def test_deep_nesting_is_never_a_fault_of_the_office(gate: GateCalls, depth: int) -> None:
    recorded(gate)
    body = protocol.encode(gate.journal.message())
    deep = body.replace(b'"took_ms":84', b'"took_ms":' + b"[" * depth + b"1" + b"]" * depth)
    assert deep != body
    assert gate.post(protocol.EVENTS, deep).status_code in (400, 422)
