"""The office's list of revoked hashes: compared, kept, compacted, handed down."""

from __future__ import annotations

import hashlib
from io import BufferedReader, BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from kiosk.codes.revocation import HashList, compact
from sync import protocol
from sync.office.db.tables import AuditRow, SectionRow
from sync.office.errors import Refused
from sync.office.office import Office
from sync.office.revocation import reading, store
from sync.office.revocation.lists import Compactor, merge
from sync.office.revocation.reading import Given
from sync.office.revocation.store import SCHEME, Plan
from sync.office.values import Unit
from tests.sync.office.test_publish import manifest_of, section
from tests.sync.office.trust import issuing
from tests.sync.office.trust.test_store import certificates

HASHES = st.binary(min_size=16, max_size=16)


def digest(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()[:16]


def lines(*names: str) -> Given:
    given = Given()
    reading.take(given, "list", BufferedReader(BytesIO(b"\n".join(digest(name).hex().encode() for name in names))))
    return given


def change(office: Office, mode: str, *names: str) -> Plan:
    plan = office.revocation.plan(lines(*names), mode)
    office.revocation.apply(plan, "list", who="li")
    return plan


def revoked(office: Office, community: Unit, name: str) -> bool:
    """What a gate of the community answers."""
    return HashList(section(office, community, "revoked-dcc")).may_contain(digest(name))


@settings(max_examples=60, deadline=None)
@given(st.lists(HASHES, max_size=30), st.lists(HASHES, max_size=30), st.sampled_from(store.MODES))
def test_a_change_is_what_the_same_change_to_a_set_is(held: list[bytes], given: list[bytes], mode: str) -> None:
    old, new = set(held), set(given)
    wanted = {"add": old | new, "remove": old - new, "replace": new}[mode]
    merged = merge(b"".join(sorted(old)), b"".join(given), mode)
    assert merged.hashes == b"".join(sorted(wanted))
    assert (merged.added, merged.removed, merged.given) == (len(wanted - old), len(old - wanted), len(new))


@settings(max_examples=30, deadline=None)
@given(st.lists(HASHES | HASHES.map(lambda end: b"same5" + end[5:]), max_size=60))
def test_what_gates_are_handed_is_the_same_list_that_the_format_says(hashes: list[bytes]) -> None:
    compactor = Compactor(SCHEME)
    for leading in range(256):
        compactor.add(b"".join(sorted({item for item in hashes if item[0] == leading})))
    assert compactor.finish() == compact(SCHEME, hashes)
    assert len(compactor) == len({item[:5] for item in hashes})


def test_a_list_is_finished_only_when_it_is_whole() -> None:
    with pytest.raises(ValueError, match="0 chunks"):
        Compactor(SCHEME).finish()


def test_before_the_first_import_no_list_is_handed_down(office: Office, community: Unit) -> None:
    office.publish.ensure(community.id)
    assert office.revocation.listed() is None
    assert "revoked-dcc" not in manifest_of(office, community).sections


def test_an_import_is_handed_down_to_every_community_and_noted(office: Office, street: Unit, community: Unit) -> None:
    other = office.units.add("community", "阳光社区", "", street.id, who="test")
    for unit in (community, other):
        office.publish.ensure(unit.id)
    plan = change(office, "add", "one", "two", "two")
    assert (plan.added, plan.removed, plan.duplicates, plan.count) == (2, 0, 1, 2)
    for unit in (community, other):
        assert revoked(office, unit, "one")
        assert not revoked(office, unit, "three")
    listed = office.revocation.listed()
    assert listed is not None
    assert (listed.count, listed.changed_by) == (2, "li")
    with office.database.read() as tx:
        noted = tx.execute(select(AuditRow).where(AuditRow.what == "revocation.import")).one()
    assert noted.detail == "add: added 2, removed 0, now 2; list"


def test_a_list_grows_shrinks_and_is_replaced(office: Office, community: Unit) -> None:
    office.publish.ensure(community.id)
    change(office, "add", "one", "two")
    assert change(office, "add", "two", "three").added == 1
    assert change(office, "remove", "one", "nobody").removed == 1
    assert [revoked(office, community, name) for name in ("one", "two", "three")] == [False, True, True]
    plan = change(office, "replace", "three", "four")
    assert (plan.added, plan.removed, plan.count) == (1, 1, 2)
    assert [revoked(office, community, name) for name in ("two", "three", "four")] == [False, True, True]


def test_a_list_that_was_emptied_is_still_handed_down(office: Office, community: Unit) -> None:
    office.publish.ensure(community.id)
    change(office, "add", "one")
    assert change(office, "remove", "one").count == 0
    assert not revoked(office, community, "one")


def test_planning_changes_nothing_and_the_same_again_would_change_nothing(office: Office, community: Unit) -> None:
    office.publish.ensure(community.id)
    assert not office.revocation.plan(lines("one"), "add").nothing
    assert office.revocation.listed() is None
    change(office, "add", "one")
    assert office.revocation.plan(lines("one"), "replace").nothing


def test_a_plan_that_another_import_overtook_is_refused(office: Office) -> None:
    plan = office.revocation.plan(lines("one"), "replace")
    change(office, "add", "two")
    with pytest.raises(Refused, match="meanwhile"):
        office.revocation.apply(plan, "list", who="li")
    assert office.revocation.plan(lines("two"), "replace").nothing


def test_a_list_longer_than_a_gate_takes_is_refused(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    assert store.MOST > 10_000_000
    monkeypatch.setattr(store, "MOST", 2)
    with pytest.raises(Refused, match="at most 2"):
        office.revocation.plan(lines("one", "two", "three"), "add")


def test_ten_million_entries_fit_into_one_section() -> None:
    ten_million = len(compact(SCHEME, [])) + 3 * 10_000_000
    assert ten_million < 31_000_000 < protocol.MAX_SECTION_BYTES


def test_old_lists_do_not_pile_up_and_the_one_before_stays_for_who_is_fetching_it(
    office: Office, community: Unit
) -> None:
    office.publish.ensure(community.id)
    seen = []
    for name in ("one", "two", "three"):
        change(office, "replace", name)
        seen.append(manifest_of(office, community).sections["revoked-dcc"])
    there = [office.publish.section(sha256) is not None for sha256 in seen]
    assert there == [False, True, True]
    change(office, "replace", "two")
    assert revoked(office, community, "two")


def test_what_a_gate_asks_for_may_be_a_piece(office: Office, community: Unit) -> None:
    office.publish.ensure(community.id)
    change(office, "add", "one")
    sha256 = manifest_of(office, community).sections["revoked-dcc"]
    whole = section(office, community, "revoked-dcc")
    assert office.publish.piece(sha256, 0, 10) == (whole[:10], len(whole))
    assert office.publish.piece(sha256, len(whole) - 3, 10) == (whole[-3:], len(whole))
    assert office.publish.piece(sha256, len(whole), 10) == (b"", len(whole))
    assert office.publish.piece("ab" * 32, 0, 10) is None
    assert office.publish.piece("no hash", 0, 10) is None


def test_old_trust_sections_do_not_pile_up(office: Office, community: Unit) -> None:
    office.publish.ensure(community.id)
    seen = [manifest_of(office, community).sections["trust"]]
    for _ in range(3):
        office.issuers.take(
            certificates(issuing.certificate(issuing.new_key())), "eu-dcc", "x", replaces=True, who="li"
        )
        seen.append(manifest_of(office, community).sections["trust"])
        office.publish.publish(community.id, {}, who="li")
    there = [office.publish.section(sha256) is not None for sha256 in seen]
    assert there == [False, False, False, True]
    with office.database.read() as tx:
        assert tx.scalar(select(func.count()).select_from(SectionRow)) == 5
