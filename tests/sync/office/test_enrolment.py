from __future__ import annotations

import base64
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from kiosk.model import iso
from sync import protocol
from sync.office.db.tables import GateTokenRow
from sync.office.errors import EnrolmentError, NotFound, Refused, UnknownGate
from sync.office.office import Office
from sync.office.values import EVERYTHING, Scope, Unit
from tests.sync.office.conftest import ManualClock
from tests.sync.office.gate_end import GateEnd, enrolled

PUBLIC_KEY = Ed25519PrivateKey.generate().public_key().public_bytes_raw()


def ask(token: str, key: bytes = PUBLIC_KEY) -> protocol.Enroll:
    return protocol.Enroll(token, base64.b64encode(key).decode(), "东门", "gatehouse/1")


def test_a_token_makes_a_gate_known_by_its_key(office: Office, community: Unit, clock: ManualClock) -> None:
    gate, token = office.enrolment.create_gate(community.id, "东门", who="test")
    assert office.gates.public_key(gate.id) is None

    told = office.enrolment.enroll(ask(token), clock())

    assert (told.gate, told.community, told.community_name) == (gate.id, community.id, "幸福社区")
    assert base64.b64decode(told.office_key) == office.office_key
    assert base64.b64decode(told.token_key) == office.units.token_key(community.id)
    assert office.gates.public_key(gate.id) == PUBLIC_KEY
    assert office.gates.get(gate.id, EVERYTHING).enrolled_at == clock()


def test_gates_of_one_community_share_its_token_key_and_no_other(office: Office, street: Unit, community: Unit) -> None:
    other = office.units.add("community", "阳光社区", "", street.id, who="test")

    assert len(office.units.token_key(community.id)) == 32
    assert office.units.token_key(community.id) != office.units.token_key(other.id)


def test_a_token_is_good_once(office: Office, community: Unit, clock: ManualClock) -> None:
    _, token = office.enrolment.create_gate(community.id, "东门", who="test")
    office.enrolment.enroll(ask(token), clock())

    with pytest.raises(EnrolmentError, match="used") as caught:
        office.enrolment.enroll(ask(token, Ed25519PrivateKey.generate().public_key().public_bytes_raw()), clock())

    assert caught.value.reason == "used"


def test_a_token_lives_for_a_day(office: Office, community: Unit, clock: ManualClock) -> None:
    _, token = office.enrolment.create_gate(community.id, "东门", who="test")
    clock.go(hours=24)

    with pytest.raises(EnrolmentError) as caught:
        office.enrolment.enroll(ask(token), clock())

    assert caught.value.reason == "expired"


def test_an_invented_token_is_unknown(office: Office, clock: ManualClock) -> None:
    with pytest.raises(EnrolmentError) as caught:
        office.enrolment.enroll(ask("00000-00000-00000-00000"), clock())

    assert caught.value.reason == "unknown"


def test_a_lost_kiosk_is_cut_off_and_its_gate_let_in_again(office: Office, gate_end: GateEnd) -> None:
    gate_end.passes(2)
    gate_end.send()

    office.enrolment.cut_off(gate_end.id, EVERYTHING, who="li")

    assert office.gates.public_key(gate_end.id) is None
    assert office.gates.get(gate_end.id, EVERYTHING).through == 2
    token = office.enrolment.new_token(gate_end.id, EVERYTHING, who="li")
    office.enrolment.enroll(ask(token), office.now())
    assert office.gates.public_key(gate_end.id) == PUBLIC_KEY


@pytest.mark.parametrize("key", ["", "AAAA", base64.b64encode(b"x" * 31).decode(), "!" * 44])
def test_a_key_that_is_none_uses_no_token_up(office: Office, community: Unit, clock: ManualClock, key: str) -> None:
    _, token = office.enrolment.create_gate(community.id, "东门", who="test")

    with pytest.raises(EnrolmentError) as caught:
        office.enrolment.enroll(protocol.Enroll(token, key, "东门", ""), clock())

    assert caught.value.reason == "key"
    assert office.enrolment.enroll(ask(token), clock()).community == community.id


@pytest.mark.parametrize(
    "typed", [str.lower, lambda token: token.replace("-", " "), lambda token: token.replace("0", "o").replace("1", "l")]
)
def test_a_token_may_be_typed_as_people_type(
    office: Office, community: Unit, clock: ManualClock, typed: Callable[[str], str]
) -> None:
    _, token = office.enrolment.create_gate(community.id, "东门", who="test")

    assert office.enrolment.enroll(ask(typed(token)), clock()).community == community.id


def test_tokens_are_stored_only_as_hashes(office: Office, community: Unit) -> None:
    _, token = office.enrolment.create_gate(community.id, "东门", who="test")

    with office.database.read() as tx:
        (stored,) = tx.execute(select(GateTokenRow.hash)).one()

    assert token not in str(stored)
    assert len(stored) == 64


def test_a_new_token_replaces_the_one_not_yet_used(office: Office, community: Unit, clock: ManualClock) -> None:
    gate, first = office.enrolment.create_gate(community.id, "东门", who="test")

    second = office.enrolment.new_token(gate.id, EVERYTHING, who="test")

    with pytest.raises(EnrolmentError):
        office.enrolment.enroll(ask(first), clock())
    assert office.enrolment.enroll(ask(second), clock()).gate == gate.id


def test_a_gate_belongs_to_a_community_and_has_a_name_of_its_own(office: Office, street: Unit, community: Unit) -> None:
    office.enrolment.create_gate(community.id, "东门", who="test")

    with pytest.raises(Refused, match="already"):
        office.enrolment.create_gate(community.id, "东门", who="test")
    with pytest.raises(Refused):
        office.enrolment.create_gate(community.id, " ", who="test")
    with pytest.raises(NotFound):
        office.enrolment.create_gate(street.id, "东门", who="test")


def beat_of(gate_end: GateEnd, **changes: object) -> protocol.Heartbeat:
    said = {"seq": 9, "waiting": 4, "software": "gatehouse/1", "time": iso(gate_end.now()), "camera": "ok", "bundle": 1}
    return protocol.Heartbeat(journal=gate_end.journal.id, **(said | changes))  # type: ignore[arg-type]


def test_the_list_of_gates_shows_what_each_last_said(office: Office, gate_end: GateEnd, clock: ManualClock) -> None:
    gate_end.passes(3)
    gate_end.send()
    late = beat_of(gate_end, queue_oldest_s=70, thermometer="silent", disk_free_mb=900)
    clock.go(seconds=2)

    office.gates.beat(gate_end.id, late, clock())

    (gate,) = office.gates.list(EVERYTHING)
    assert (gate.through, gate.gate_seq, gate.waiting, gate.queue_oldest_s) == (3, 9, 4, 70)
    assert (gate.last_contact_at, gate.clock_error_ms) == (clock(), -2000)
    assert (gate.camera, gate.thermometer, gate.software, gate.disk_free_mb) == ("ok", "silent", "gatehouse/1", 900)
    assert (gate.journal, gate.bundle) == (gate_end.journal.id, 1)


def test_a_wish_to_be_called_is_told_once(office: Office, gate_end: GateEnd, clock: ManualClock) -> None:
    assert not office.gates.beat(gate_end.id, beat_of(gate_end), clock()).wake

    office.gates.request_wake(gate_end.id, EVERYTHING, who="test")

    assert office.gates.beat(gate_end.id, beat_of(gate_end), clock()).wake
    assert not office.gates.beat(gate_end.id, beat_of(gate_end), clock()).wake


def test_a_heartbeat_with_odd_words_is_taken(office: Office, gate_end: GateEnd, clock: ManualClock) -> None:
    odd = beat_of(gate_end, camera="o\x00k", software="x" * 5000, time="noon")

    beat = office.gates.beat(gate_end.id, odd, clock())

    assert beat.bundle == 1
    assert office.gates.get(gate_end.id, EVERYTHING).clock_error_ms is None


def test_nobody_else_is_a_gate(office: Office, clock: ManualClock, gate_end: GateEnd) -> None:
    for stranger in (gate_end.journal.id, "no gate", "", "\x00", "' OR 1=1 --"):
        assert office.gates.public_key(stranger) is None
        with pytest.raises(UnknownGate):
            office.gates.beat(stranger, beat_of(gate_end), clock())
        with pytest.raises(NotFound):
            office.gates.get(stranger, EVERYTHING)


def test_a_user_sees_the_gates_of_their_branch_only(office: Office, street: Unit, community: Unit) -> None:
    other = office.units.add("community", "阳光社区", "", street.id, who="test")
    ours, theirs = enrolled(office, community, "东门"), enrolled(office, other, "西门")

    assert {gate.id for gate in office.gates.list(Scope(street.id))} == {ours.id, theirs.id}
    assert [gate.id for gate in office.gates.list(Scope(community.id))] == [ours.id]
    with pytest.raises(NotFound):
        office.gates.get(theirs.id, Scope(community.id))
    with pytest.raises(NotFound):
        office.gates.request_wake(theirs.id, Scope(community.id), who="test")


def test_a_nonce_is_good_once_for_each_gate(office: Office, gate_end: GateEnd, clock: ManualClock) -> None:
    other = gate_end.journal.id

    assert office.nonces.use(gate_end.id, "n-1", clock())
    assert not office.nonces.use(gate_end.id, "n-1", clock())
    assert office.nonces.use(other, "n-1", clock())
    assert not office.nonces.use(gate_end.id, "n-1", clock.go(minutes=9))


def test_nonces_are_forgotten_when_they_can_no_longer_be_replayed(
    office: Office, gate_end: GateEnd, clock: ManualClock
) -> None:
    office.nonces.use(gate_end.id, "n-1", clock())
    office.nonces.use(gate_end.id, "n-2", clock.go(minutes=11))

    with office.database.read() as tx:
        from sync.office.db.tables import NonceRow

        assert list(tx.scalars(select(NonceRow.nonce))) == ["n-2"]
