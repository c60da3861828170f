"""What the office handed down comes into force whole or section by section not at all, and the gate says which."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from kiosk import codes, tokens
from kiosk.codes import IssuerKey, Trust, jwk, office_pass
from kiosk.codes.office_pass import PassClaims
from kiosk.codes.revocation import compact
from kiosk.handdown import HandDown
from kiosk.inforce import InForce
from kiosk.model import Direction, Footing, HealthCode, Holder, Method, Presentation, Verification, iso
from kiosk.screening import policy
from tests.kiosk.test_handdown import ISSUED, OFFICE_KEY, contents, manifest

NOW = ISSUED + timedelta(hours=1)
TOKEN_KEY = b"k" * 32
FIRST = tokens.token(TOKEN_KEY, "phone", "13800000001")
PASS_KEY = ec.generate_private_key(ec.SECP256R1())
SERIAL = bytes(range(16))
PASS = office_pass.issue(
    PassClaims(SERIAL, "王小明", "青山街道办事处", NOW - timedelta(days=1), NOW + timedelta(days=13)), PASS_KEY
)
STREET_POLICY = json.dumps(policy.default().to_document() | {"id": "street", "version": 7}).encode()
NOBODY = Presentation(Method.CAMERA, NOW)


def trust(*, demo: bool = False) -> bytes:
    public = PASS_KEY.public_key()
    key = IssuerKey("office-pass", jwk.key_id(public), public, "ES256", "青山街道", demo=demo)
    return json.dumps(Trust.of([key]).to_section()).encode()


def watch(*entries: dict[str, Any]) -> bytes:
    return json.dumps({"entries": entries}).encode()


def notices(*items: dict[str, Any]) -> bytes:
    return json.dumps({"notices": items}).encode()


GOOD = {
    "policy": STREET_POLICY,
    "trust": trust(),
    "revoked": b'{"serials":{}}',
    "watch": watch({"token": FIRST, "why": "observation"}),
    "notices": notices({"id": "n-1", "zh": "通知", "en": "Notice"}),
}


class Gate:
    """A gate's hand-down on disk and what it makes of it."""

    def __init__(self, folder: Path, *, demo: bool = False) -> None:
        self.folder = folder
        self.version = 0
        self.restart(demo=demo)

    def restart(self, *, demo: bool = False) -> None:
        self.handdown = HandDown(self.folder, OFFICE_KEY, "c1")
        self.rules = InForce(self.handdown, policy.default(), TOKEN_KEY, demo=demo)

    def take(self, **sections: bytes) -> None:
        self.version += 1
        self.handdown.swap(manifest(self.version, sections), contents(sections))

    def read(self, text: str = PASS, at: datetime = NOW) -> HealthCode:
        return codes.read(text, self.rules(at).reading)

    def watched(self, phone: str = "13800000001", at: datetime = NOW) -> list[str]:
        typed = Presentation(Method.HAND, NOW, person=Holder(phone=phone))
        return [entry.why for entry in self.rules(at).known(None, typed, Direction.IN).watch]


@pytest.fixture
def gate(tmp_path: Path) -> Gate:
    return Gate(tmp_path)


def test_before_the_first_bundle_the_gates_own_policy_rules_on_no_footing(gate: Gate) -> None:
    rules = gate.rules(NOW)
    assert (rules.policy.name, rules.footing) == ("default@1", Footing.NONE)
    assert gate.watched() == []
    assert gate.read().verification is Verification.FAILED


def test_a_bundle_comes_into_force_with_the_next_step(gate: Gate) -> None:
    gate.take(**GOOD)
    rules = gate.rules(NOW)
    assert (rules.policy.name, rules.footing) == ("street@7", Footing.FRESH)
    assert gate.watched() == ["observation"]
    assert gate.read().verification is Verification.VERIFIED
    assert [notice["id"] for notice in gate.rules.notices(NOW)] == ["n-1"]
    assert gate.rules.trouble == {}
    gate.take(**GOOD | {"revoked": json.dumps({"serials": {"office-pass": [SERIAL.hex()]}}).encode()})
    assert gate.read().reason == "revoked"


STANDS: dict[str, Callable[[Gate], bool]] = {
    "policy": lambda gate: gate.rules.policy(NOW).name == "street@7",
    "trust": lambda gate: gate.read().verification is Verification.VERIFIED,
    "revoked": lambda gate: gate.read().reason is None,
    "watch": lambda gate: gate.watched() == ["observation"],
    "notices": lambda gate: len(gate.rules.notices(NOW)) == 1,
}


@pytest.mark.parametrize("section", sorted(STANDS))
@pytest.mark.parametrize("broken", [b"\xff", b"not JSON", b"[]", b"{}", b'{"entries": [1]}', b"[" * 100_000])
def test_a_section_that_cannot_be_read_leaves_the_last_good_one_in_force(
    gate: Gate, section: str, broken: bytes
) -> None:
    gate.take(**GOOD)
    assert STANDS[section](gate)
    gate.take(**GOOD | {section: broken})
    assert STANDS[section](gate)
    assert list(gate.rules.trouble) == [section]
    assert gate.rules.trouble[section]
    gate.take(**GOOD)
    assert gate.rules.trouble == {}
    assert gate.rules(NOW).footing is Footing.FRESH


@pytest.mark.parametrize("section", ["policy", "trust", "revoked", "watch"])
def test_while_a_section_is_not_in_force_the_gate_claims_no_fresh_footing(gate: Gate, section: str) -> None:
    gate.take(**GOOD | {section: b"not JSON"})
    assert gate.rules(NOW).footing is Footing.EXPIRED


def test_a_notice_that_cannot_be_read_weakens_no_verdict(gate: Gate) -> None:
    gate.take(**GOOD | {"notices": b"not JSON"})
    assert gate.rules(NOW).footing is Footing.FRESH


def test_the_other_sections_of_a_bundle_with_a_broken_one_are_in_force(gate: Gate) -> None:
    gate.take(**GOOD | {"policy": b"not JSON"})
    assert gate.rules.policy(NOW).name == "default@1"
    assert gate.watched() == ["observation"]


def test_a_broken_section_is_still_told_after_a_restart(gate: Gate) -> None:
    gate.take(**GOOD)
    gate.take(**GOOD | {"watch": b"not JSON"})
    gate.restart()
    assert "watch" in gate.rules.trouble
    assert gate.rules(NOW).footing is Footing.EXPIRED


def test_an_issuer_key_that_cannot_be_used_is_named_and_the_others_count(gate: Gate) -> None:
    section = json.loads(trust())
    section["keys"].append({"scheme": "office-pass", "kid": "zz"})
    gate.take(**GOOD | {"trust": json.dumps(section).encode()})
    assert "keys[1]" in gate.rules.trouble["trust"]
    assert gate.read().verification is Verification.VERIFIED
    assert gate.rules(NOW).footing is Footing.FRESH


def hash_list(*names: str, scheme: str = "eu-dcc") -> bytes:
    return compact(scheme, [hashed(name) for name in names])


def hashed(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()[:16]


def revoked_hash(gate: Gate, name: str, scheme: str = "eu-dcc") -> bool:
    return gate.rules(NOW).reading.revoked.may_contain(scheme, [hashed(name)])


def test_compact_lists_of_revoked_hashes_come_into_force_beside_the_serials(gate: Gate) -> None:
    serials = json.dumps({"serials": {"office-pass": [SERIAL.hex()]}}).encode()
    lists = {"revoked-dcc": hash_list("one"), "revoked-shc": hash_list("two", scheme="smart-health-card")}
    gate.take(**GOOD | {"revoked": serials}, **lists)
    assert gate.read().reason == "revoked"
    assert (revoked_hash(gate, "one"), revoked_hash(gate, "two")) == (True, False)
    assert revoked_hash(gate, "two", "smart-health-card")
    gate.take(**GOOD, **{"revoked-dcc": hash_list("three")})
    assert (revoked_hash(gate, "one"), revoked_hash(gate, "three")) == (False, True)
    assert revoked_hash(gate, "two", "smart-health-card"), "a section that is not sent any more stays in force"
    gate.restart()
    assert (gate.rules(NOW).footing, revoked_hash(gate, "three")) == (Footing.FRESH, True)


@pytest.mark.parametrize("broken", [b"", b"{}", hash_list("two")[:-1]])
def test_a_compact_list_that_cannot_be_read_leaves_the_last_one_and_no_fresh_footing(gate: Gate, broken: bytes) -> None:
    gate.take(**GOOD, **{"revoked-dcc": hash_list("one")})
    assert revoked_hash(gate, "one")
    gate.take(**GOOD, **{"revoked-dcc": broken})
    assert revoked_hash(gate, "one")
    assert list(gate.rules.trouble) == ["revoked-dcc"]
    assert gate.rules(NOW).footing is Footing.EXPIRED


def test_a_demonstration_key_counts_only_at_a_demonstration(tmp_path: Path) -> None:
    serious, show = Gate(tmp_path / "a"), Gate(tmp_path / "b", demo=True)
    for gate in (serious, show):
        gate.take(**GOOD | {"trust": trust(demo=True)})
    assert serious.read().verification is Verification.FAILED
    assert show.read().verification is Verification.VERIFIED


BEGINS, ENDS = NOW + timedelta(days=1), NOW + timedelta(days=2)
INSTANT = timedelta(milliseconds=1)


@pytest.mark.parametrize(
    ("times", "at", "counts"),
    [
        ({}, NOW, True),
        ({"from": BEGINS}, BEGINS - INSTANT, False),
        ({"from": BEGINS}, BEGINS, True),
        ({"until": ENDS}, ENDS - INSTANT, True),
        ({"until": ENDS}, ENDS, False),
        ({"from": BEGINS, "until": ENDS}, BEGINS, True),
        ({"from": None, "until": None}, NOW, True),
    ],
)
def test_a_watch_entry_counts_from_its_beginning_until_before_its_end(
    gate: Gate, times: dict[str, datetime | None], at: datetime, counts: bool
) -> None:
    said = {name: time and iso(time) for name, time in times.items()}
    gate.take(watch=watch({"token": FIRST, "why": "observation", **said}))
    assert gate.watched(at=at) == (["observation"] if counts else [])


def test_several_entries_for_one_person_count_each(gate: Gate) -> None:
    gate.take(watch=watch({"token": FIRST, "why": "contact"}, {"token": FIRST, "why": "return"}))
    assert gate.watched() == ["contact", "return"]
    assert gate.watched("13800000002") == []


@pytest.mark.parametrize("time", ["tomorrow", "2026-11-30", "2026-11-30T08:00:00", 7])
def test_a_watch_entry_with_an_unreadable_end_breaks_its_section_and_no_visit(gate: Gate, time: object) -> None:
    gate.take(**GOOD)
    assert gate.watched() == ["observation"]
    gate.take(**GOOD | {"watch": watch({"token": FIRST, "why": "contact", "until": time})})
    assert gate.watched() == ["observation"]
    assert list(gate.rules.trouble) == ["watch"]


def test_notices_hang_until_their_end_the_newest_first(gate: Gate) -> None:
    old, new = ({"id": name, "at": iso(NOW - timedelta(days=days))} for name, days in (("old", 2), ("new", 1)))
    gate.take(notices=notices(old | {"until": iso(NOW + INSTANT)}, new, {"id": "later", "from": iso(BEGINS)}))
    assert [notice["id"] for notice in gate.rules.notices(NOW)] == ["new", "old"]
    assert [notice["id"] for notice in gate.rules.notices(NOW + INSTANT)] == ["new"]


def token(kind: str, identity: str) -> str:
    return tokens.token(TOKEN_KEY, kind, identity)


def test_somebody_registered_by_hand_is_known_by_number_and_phone(gate: Gate) -> None:
    typed = Presentation(Method.HAND, NOW, person=Holder(id_number="11010119900307432x", phone="+86 138-1234-8000"))
    assert gate.rules(NOW).known(None, typed, Direction.IN).tokens == (
        token("id", "11010119900307432X"),
        token("phone", "13812348000"),
    )


def test_the_holder_of_a_code_is_known_by_it_and_by_what_it_says(gate: Gate) -> None:
    code = HealthCode(
        "office-pass",
        holder=Holder(id_number="110101199003074321", phone="13812348000"),
        serial="ab" * 16,
    )
    assert gate.rules(NOW).known(code, NOBODY, Direction.IN).tokens == (
        token("id", "110101199003074321"),
        token("phone", "13812348000"),
        token("pass", "ab" * 16),
        token("pass", office_pass.number(bytes.fromhex("ab" * 16))),
    )


def test_the_same_number_typed_and_scanned_is_one_token(gate: Gate) -> None:
    typed = Presentation(Method.HAND, NOW, person=Holder(phone="13812348000"))
    code = HealthCode("x", holder=Holder(phone="138 1234 8000"))
    assert gate.rules(NOW).known(code, typed, Direction.IN).tokens == (token("phone", "13812348000"),)


@pytest.mark.parametrize("identity", ["", "   ", "---"])
def test_nothing_typed_gives_no_token(gate: Gate, identity: str) -> None:
    assert (
        gate.rules(NOW).known(None, Presentation(Method.HAND, NOW, person=Holder(phone=identity)), Direction.IN).tokens
        == ()
    )


def test_without_the_communitys_key_nobody_has_a_token(tmp_path: Path) -> None:
    rules = InForce(HandDown(tmp_path, None), policy.default(), None, demo=False)
    typed = Presentation(Method.HAND, NOW, person=Holder(phone="13812348000"))
    assert rules(NOW).known(None, typed, Direction.IN).tokens == ()


def test_a_pass_is_known_by_its_number_whether_typed_or_scanned(gate: Gate) -> None:
    serial, number = bytes(range(16)).hex(), token("pass", "9573-1361-2953")
    typed = Presentation(Method.TABLET, NOW, person=Holder(pass_number="9573-1361-2953"))
    code = HealthCode("office-pass", serial=serial)
    assert gate.rules(NOW).known(None, typed, Direction.IN).tokens == (number,)
    assert gate.rules(NOW).known(code, NOBODY, Direction.IN).tokens == (token("pass", serial), number)
