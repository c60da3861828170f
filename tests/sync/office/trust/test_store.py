"""Imported keys are compared, kept, handed down to every community, and counted where they lack."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from kiosk.codes import IssuerKey, Trust
from sync.office.db.tables import AuditRow
from sync.office.errors import NotFound, Refused
from sync.office.office import Office
from sync.office.trust import reading
from sync.office.trust.files import File
from sync.office.trust.found import DCC, NZCP, SHC, Found, Wish
from sync.office.values import EVERYTHING, Scope, Unit
from tests.sync.office.conftest import ManualClock
from tests.sync.office.gate_end import GateEnd, enrolled
from tests.sync.office.test_publish import section
from tests.sync.office.trust import issuing
from tests.sync.office.trust.issuing import CARDS, NOON

AUSTRIA, GERMANY, FRANCE = (issuing.new_key() for _ in range(3))


def certificates(*ders: bytes) -> Found:
    return reading.read([File("dsc.pem", issuing.pem(*ders))], Wish(DCC))


def take(office: Office, found: Found, *, replaces: bool = False) -> str:
    scheme = found.keys[0].scheme
    return str(office.issuers.take(found, scheme, "dsc.pem", replaces=replaces, who="li"))


def handed_down(office: Office, community: Unit) -> set[tuple[str, str]]:
    """What a gate of the community trusts beside its own office."""
    trust = Trust.from_section(section(office, community, "trust"))
    assert trust.problems == ()
    return {(key.scheme, key.issuer) for key in trust if key.scheme != "office-pass"}


@pytest.fixture
def communities(office: Office, street: Unit, community: Unit) -> tuple[Unit, Unit]:
    other = office.units.add("community", "阳光社区", "", street.id, who="test")
    for unit in (community, other):
        office.publish.ensure(unit.id)
    return community, other


def test_an_import_reaches_every_community_that_is_handed_anything(
    office: Office, street: Unit, communities: tuple[Unit, Unit]
) -> None:
    idle = office.units.add("community", "没有门岗的社区", "", street.id, who="test")
    assert take(office, certificates(issuing.certificate(AUSTRIA))) == "new 1, changed 0, gone 0, same 0"
    for unit in communities:
        assert handed_down(office, unit) == {(DCC, "AT")}
        assert office.publish.version(unit.id) == 2
    assert office.publish.version(idle.id) == 0
    with office.database.read() as tx:
        noted = tx.execute(select(AuditRow).where(AuditRow.what == "trust.import")).one()
    assert (noted.who, noted.subject, noted.detail) == ("li", DCC, "new 1, changed 0, gone 0, same 0; dsc.pem")


def test_a_key_survives_the_office_as_it_was_read(office: Office, community: Unit) -> None:
    office.publish.ensure(community.id)
    found = certificates(issuing.certificate(AUSTRIA))
    take(office, found)
    trust = Trust.from_section(section(office, community, "trust"))
    assert trust.keys(DCC, found.keys[0].kid) == found.keys


def test_the_same_import_again_changes_nothing_and_publishes_nothing(
    office: Office, communities: tuple[Unit, Unit]
) -> None:
    found = certificates(issuing.certificate(AUSTRIA))
    take(office, found)
    assert office.issuers.compare(found, DCC, replaces=True).nothing
    assert take(office, found, replaces=True) == "new 0, changed 0, gone 0, same 1"
    assert office.publish.version(communities[0].id) == 2


def test_an_import_adds_and_updates_unless_it_replaces(office: Office) -> None:
    take(office, certificates(issuing.certificate(AUSTRIA), issuing.certificate(GERMANY, "DE")))
    france = certificates(issuing.certificate(FRANCE, "FR"))
    assert take(office, france) == "new 1, changed 0, gone 0, same 0"
    assert [held.issuer for held in office.issuers.list(DCC)] == ["AT", "DE", "FR"]
    assert take(office, france, replaces=True) == "new 0, changed 0, gone 2, same 1"
    assert [held.issuer for held in office.issuers.list()] == ["FR"]


def test_replacing_one_schemes_keys_leaves_the_others(office: Office) -> None:
    cards = reading.read([File("j", issuing.jwks(issuing.card_key(AUSTRIA)))], Wish(SHC, CARDS))
    take(office, cards)
    take(office, certificates(issuing.certificate(AUSTRIA)), replaces=True)
    assert [held.scheme for held in office.issuers.list()] == [DCC, SHC]


def test_a_renamed_pass_key_is_updated_and_two_signers_with_one_kid_stay_both(office: Office) -> None:
    for key in (AUSTRIA, GERMANY):
        take(office, reading.read([File("did.json", issuing.did(issuing.method(key)))], Wish(NZCP)))
    assert len(office.issuers.list(NZCP)) == 1
    twins = [IssuerKey(DCC, b"same kid", key.public_key(), "ES256", "AT") for key in (AUSTRIA, GERMANY)]
    take(office, Found(tuple(twins)))
    assert len(office.issuers.find(b"same kid".hex())) == 2


def test_an_import_shows_what_ends_within_thirty_days(office: Office) -> None:
    ends = [(AUSTRIA, "AT", 30), (GERMANY, "DE", 31), (FRANCE, "FR", -1)]
    found = certificates(*(issuing.certificate(key, country, days) for key, country, days in ends if days > 0))
    assert [key.issuer for key in office.issuers.compare(found, DCC, replaces=False).expiring(NOON)] == ["AT"]
    take(office, found)
    states = {held.issuer: held.state(NOON) for held in office.issuers.list()}
    assert states == {"AT": "soon", "DE": "good"}
    assert {held.state(NOON + timedelta(days=60)) for held in office.issuers.list()} == {"ended"}
    assert {held.state(NOON - timedelta(days=2)) for held in office.issuers.list()} == {"early"}


def test_a_removed_key_is_believed_no_longer(office: Office, community: Unit) -> None:
    office.publish.ensure(community.id)
    take(office, certificates(issuing.certificate(AUSTRIA), issuing.certificate(GERMANY, "DE")))
    (held,) = [held for held in office.issuers.list() if held.issuer == "DE"]
    assert office.issuers.find(held.kid.upper()) == office.issuers.find(held.id) == (held,)
    assert office.issuers.remove([held], who="li") == 1
    assert office.issuers.remove([held], who="li") == 0
    assert handed_down(office, community) == {(DCC, "AT")}
    assert office.publish.version(community.id) == 3
    with pytest.raises(NotFound):
        office.issuers.get(held.id)


def test_nothing_is_imported_for_a_scheme_of_our_own_or_without_a_key(office: Office) -> None:
    own = Found((IssuerKey("office-pass", b"kid", AUSTRIA.public_key(), "ES256"),))
    for found, scheme in ((own, "office-pass"), (own, DCC), (Found(), DCC)):
        with pytest.raises(Refused):
            office.issuers.take(found, scheme, "x", replaces=True, who="li")
    assert office.issuers.list() == ()


def test_an_upload_waits_for_whoever_sent_it_and_not_for_ever(office: Office, clock: ManualClock) -> None:
    found = Found(certificates(issuing.certificate(AUSTRIA)).keys, ("certificate 2: odd",))
    draft = office.issuers.drafts.keep(found, DCC, "dsc.pem", replaces=False, who="li")
    assert office.issuers.drafts.get(draft.id, who="li") == draft
    for name, who in ((draft.id, "wang"), ("no id", "li")):
        with pytest.raises(NotFound):
            office.issuers.confirm(name, who=who)
    clock.go(minutes=59)
    assert len(office.issuers.confirm(draft.id, who="li").new) == 1
    with pytest.raises(NotFound):
        office.issuers.confirm(draft.id, who="li")
    late = office.issuers.drafts.keep(found, DCC, "dsc.pem", replaces=False, who="li")
    clock.go(minutes=61)
    with pytest.raises(NotFound):
        office.issuers.confirm(late.id, who="li")


def unknown(kid: bytes, **changes: Any) -> dict[str, Any]:
    """What a passage says of a code whose issuer the gate does not know."""
    return {"scheme": DCC, "verification": "failed", "code_reason": "unknown-issuer", "kid": kid.hex()} | changes


def test_keys_that_gates_were_asked_for_are_counted_by_key_and_gate(
    office: Office, community: Unit, gate_end: GateEnd, clock: ManualClock
) -> None:
    west = GateEnd(office, enrolled(office, community, "西门").id, clock)
    gate_end.passes(2, **unknown(b"austria."))
    clock.go(hours=1)
    west.passes(1, **unknown(b"austria."))
    west.passes(1, **unknown(b"key-1", scheme=NZCP))
    west.passes(1, **unknown(b"shown", demo=True))
    west.passes(1)
    gate_end.send()
    west.send()

    first, second = office.issuers.lacking(EVERYTHING)

    assert (first.kid, first.count, first.gates) == (b"austria.".hex(), 3, ("东门", "西门"))
    assert (first.first_at, first.last_at) == (NOON, NOON + timedelta(hours=1))
    assert (second.scheme, second.kid_text, second.held) == (NZCP, "key-1", False)
    assert office.issuers.lacking(Scope("00000000-0000-7000-8000-000000000000")) == ()
    clock.go(days=31)
    assert office.issuers.lacking(EVERYTHING) == ()


def test_a_key_that_was_imported_meanwhile_says_so(office: Office, gate_end: GateEnd) -> None:
    found = certificates(issuing.certificate(AUSTRIA))
    gate_end.passes(1, **unknown(found.keys[0].kid))
    gate_end.send()
    take(office, found)
    assert [item.held for item in office.issuers.lacking(EVERYTHING)] == [True]


@pytest.mark.parametrize("kid", ["", "xyz", "ab" * 65, "AB", "a"])
def test_a_kid_that_is_none_costs_no_passage(office: Office, gate_end: GateEnd, kid: str) -> None:
    gate_end.passes(1, **unknown(b"") | {"kid": kid})
    gate_end.send()
    assert office.issuers.lacking(EVERYTHING) == ()
    assert office.entries.parked(EVERYTHING).total == 0


def test_a_section_with_thousands_of_keys_is_what_a_gate_can_read(office: Office, community: Unit) -> None:
    office.publish.ensure(community.id)
    public = AUSTRIA.public_key()
    take(office, Found(tuple(IssuerKey(DCC, n.to_bytes(8), public, "ES256", "AT") for n in range(3000))))
    content = section(office, community, "trust")
    assert len(json.loads(content)["keys"]) == 3001
    assert len(Trust.from_section(content)) == 3001
