from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from kiosk.codes import IssuerKey, Trust, jwk
from kiosk.codes.office_pass import PassClaims, issue
from kiosk.model import Reason, Verification
from sync.office import demo
from sync.office.errors import NotFound, Refused
from sync.office.office import Office
from sync.office.values import EVERYTHING, Unit
from tests.sync.office.test_publish import read_at_a_gate_of, section

KEY = ec.generate_private_key(ec.SECP256R1())
SERIAL, REVOKED_SERIAL = b"\x01" * 16, b"\x02" * 16


@pytest.fixture
def side() -> dict[str, Any]:
    """What lies beside a film: its issuer's key and a revoked serial."""
    key = IssuerKey("office-pass", jwk.key_id(KEY.public_key()), KEY.public_key(), "ES256", issuer="演示")
    return {"trust": Trust.of([key]).to_section(), "revoked": {"serials": {"office-pass": [REVOKED_SERIAL.hex()]}}}


def film_pass(office: Office, serial: bytes) -> str:
    begin = office.now()
    return issue(PassClaims(serial, "演示一", "演示", begin, begin + timedelta(days=14)), KEY)


def test_the_films_passes_count_only_at_a_gate_that_runs_as_a_demonstration(
    office: Office, community: Unit, side: dict[str, Any]
) -> None:
    assert office.demo.set_up(side, who="test") == community

    good, revoked = (film_pass(office, serial) for serial in (SERIAL, REVOKED_SERIAL))

    seen = read_at_a_gate_of(office, community, good, demo=True)
    assert (seen.verification, seen.demo) == (Verification.VERIFIED, True)
    assert read_at_a_gate_of(office, community, revoked, demo=True).reason is Reason.REVOKED
    assert read_at_a_gate_of(office, community, good).reason is Reason.UNKNOWN_ISSUER


def test_the_offices_own_passes_are_no_demonstration(office: Office, community: Unit, side: dict[str, Any]) -> None:
    office.demo.set_up(side, who="test")
    issued = office.passes.issue(community.id, "张三", "1234", "", who="test")

    code = read_at_a_gate_of(office, community, issued.text)

    assert (code.verification, code.demo) == (Verification.VERIFIED, False)


def test_a_demonstration_can_be_set_up_again_and_taken_away(
    office: Office, community: Unit, side: dict[str, Any]
) -> None:
    office.notices.post(community.id, "明日停水", "No water tomorrow", EVERYTHING, who="li")
    office.demo.set_up(side, who="test")
    office.demo.set_up(side, who="test")
    assert len(office.notices.list(community.id, EVERYTHING)) == 3

    assert office.demo.remove(who="test") == (community,)

    assert read_at_a_gate_of(office, community, film_pass(office, SERIAL), demo=True).reason is Reason.UNKNOWN_ISSUER
    assert REVOKED_SERIAL.hex().encode() not in section(office, community, "revoked")
    assert [notice["zh"] for notice in office.notices.list(community.id, EVERYTHING)] == ["明日停水"]
    assert office.demo.remove(who="test") == ()


def test_with_several_communities_the_demonstration_gets_one_of_its_own(
    office: Office, street: Unit, community: Unit, side: dict[str, Any]
) -> None:
    office.units.add("community", "阳光社区", "", street.id, who="test")

    own = office.demo.set_up(side, who="test")

    assert own.demo
    assert own.parent == street.id
    assert office.demo.set_up(side, who="test") == own
    assert office.publish.version(community.id) == 0
    assert office.demo.set_up(side, community.id, who="test") == community
    with pytest.raises(NotFound):
        office.demo.set_up(side, "no id", who="test")


def test_a_private_key_is_never_handed_down(office: Office, community: Unit, side: dict[str, Any]) -> None:
    side["trust"]["keys"][0]["jwk"]["d"] = "AAAA"

    with pytest.raises(Refused):
        office.demo.set_up(side, who="test")

    assert office.publish.version(community.id) == 0


def test_the_bundled_films_keys_can_be_read() -> None:
    document = demo.film()

    assert Trust.from_section(document["trust"]).problems == ()
    assert len(Trust.from_section(document["trust"])) > 0
