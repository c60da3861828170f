"""Somebody is forgotten at the office and, by the hand-down, at the gate; both ends still prove what happened."""

from __future__ import annotations

from kiosk import tokens
from kiosk.erasing import Erasing
from kiosk.journal import Journal
from kiosk.model import Draft
from sync.office.retention.finding import number
from sync.office.values import EVERYTHING
from tests.sync.live import GateBox, LiveOffice, utc_now
from tests.sync.office.gate_end import PERSON, passage

PHONE = "13900001111"


def comes(gate: GateBox) -> None:
    """Somebody with a phone passes the gate."""
    known = [tokens.token(gate.identity.token_key, "phone", PHONE)]
    gate.journal.append(Draft("passage", utc_now(), passage(), {**PERSON, "phone": PHONE, "tokens": known}))


def unreadable(journal: Journal) -> int:
    return sum(event.personal is None for event in journal.after(0))


def test_a_person_is_forgotten_at_both_ends(live: LiveOffice, gate: GateBox) -> None:
    office, community = live.office, live.community
    gate.record(2)
    comes(gate)
    gate.uplink().push()
    comes(gate)  # waits at the gate while the office already forgets
    asked = office.erasures.ask(community.id, number(PHONE), "own-request", EVERYTHING, who="clerk")
    done = office.erasures.approve(asked.id, EVERYTHING, who="leader")
    assert done.state == "waiting"

    uplink = gate.uplink()
    assert uplink.pull()
    told: list[bool] = []
    erasing = Erasing(gate.journal, gate.handdown, lambda: told.append(True))
    erasing.look()
    erasing.look()
    assert (unreadable(gate.journal), told) == (2, [True])
    assert gate.journal.verify().ok
    uplink.push()

    assert office.erasures.settle() == 1
    ended = office.erasures.get(done.id, EVERYTHING)
    assert (ended.state, ended.gates[0].parts) == ("done", 2)
    assert office.finding.search(number(PHONE), "查", EVERYTHING, who="clerk") == ()
    checks = office.verify()
    assert [(check.ok, check.digest) for check in checks] == [(True, gate.journal.head().digest)]
    assert uplink.pull()
    assert gate.handdown.bundle.sections["erasures"] == b'{"erasures":[]}'
