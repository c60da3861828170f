from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta

import pytest
from msgspec import structs
from sqlalchemy import delete

from kiosk import signet
from kiosk.codes import ReadContext, Revoked, Trust, read
from kiosk.errors import PolicyError
from kiosk.model import HealthCode, Reason, Verification, from_iso, iso
from kiosk.screening import policy
from sync import protocol
from sync.office.db.tables import BundleRow
from sync.office.errors import NotFound, Refused
from sync.office.office import Office
from sync.office.values import EVERYTHING, Scope, Unit
from tests.sync.office.conftest import ManualClock
from tests.sync.office.gate_end import GateEnd


def manifest_of(office: Office, community: Unit) -> protocol.Manifest:
    manifest = office.publish.manifest(community.id)
    assert manifest is not None
    return manifest


def section(office: Office, community: Unit, name: str) -> bytes:
    content = office.publish.section(manifest_of(office, community).sections[name])
    assert content is not None
    return content


def read_at_a_gate_of(office: Office, community: Unit, text: str, *, demo: bool = False) -> HealthCode:
    """What a gate of `community` makes of a scanned text, by what was handed down to it."""
    trust = Trust.from_section(section(office, community, "trust"))
    assert trust.problems == ()
    revoked = Revoked.from_section(section(office, community, "revoked"))
    return read(text, ReadContext(at=office.now(), trust=trust, revoked=revoked, demo=demo))


def test_nothing_is_handed_down_before_the_first_version(office: Office, community: Unit) -> None:
    assert office.publish.manifest(community.id) is None
    assert office.publish.version(community.id) == 0
    assert office.publish.ensure(community.id) == 1
    assert office.publish.ensure(community.id) == 1


def test_a_bundle_is_signed_whole_and_its_sections_are_what_they_are_named_by(office: Office, community: Unit) -> None:
    office.publish.ensure(community.id)
    manifest = manifest_of(office, community)

    statement = {name: value for name, value in structs.asdict(manifest).items() if name != "signature"}
    assert signet.fits(office.office_key, statement, manifest.signature)
    assert set(manifest.sections) == set(protocol.SECTIONS)
    for name, sha256 in manifest.sections.items():
        assert hashlib.sha256(section(office, community, name)).hexdigest() == sha256
    assert from_iso(manifest.valid_until) - from_iso(manifest.issued_at) == timedelta(days=7)
    assert manifest.community == community.id


def test_the_first_policy_is_the_shipped_one(office: Office, community: Unit) -> None:
    office.publish.ensure(community.id)

    assert policy.from_json(section(office, community, "policy")) == policy.default()


def test_a_published_section_leaves_the_others_as_they_are(office: Office, community: Unit, clock: ManualClock) -> None:
    office.publish.ensure(community.id)
    before = manifest_of(office, community)
    notice = {"id": "n1", "zh": "明日停水", "en": "No water tomorrow", "at": iso(clock())}

    published = office.publish.publish(community.id, {"notices": {"notices": [notice]}}, who="li")

    after = manifest_of(office, community)
    assert (published.version, after.version) == (2, 2)
    changed = {name for name in protocol.SECTIONS if before.sections[name] != after.sections[name]}
    assert changed == {"notices"}
    assert office.publish.draft(community.id)["notices"] == {"notices": [notice]}
    assert [item.version for item in office.publish.versions(community.id)] == [2, 1]
    assert [item.by for item in office.publish.versions(community.id)] == ["li", "office"]


@pytest.mark.parametrize(
    "given",
    [
        {"trust": {"keys": []}},
        {"revoked": {"serials": {}}},
        {"gossip": {}},
        {"watch": {"entries": [{}]}},
        {"watch": {"entries": [{"token": "ab", "until": "2026-11-30"}]}},
        {"watch": {"entries": [{"token": "ab", "from": 7}]}},
        {"watch": []},
        {"notices": {"notices": [{"en": "no Chinese"}]}},
        {"notices": {"notices": [{"zh": "通知", "until": "soon"}]}},
        {"notices": {}},
    ],
)
def test_a_section_no_gate_could_use_is_not_published(
    office: Office, community: Unit, given: dict[str, object]
) -> None:
    with pytest.raises(Refused):
        office.publish.publish(community.id, given, who="li")

    assert office.publish.version(community.id) == 0


def test_a_policy_that_does_not_validate_is_not_published(office: Office, community: Unit) -> None:
    with pytest.raises(PolicyError):
        office.publish.publish(community.id, {"policy": {"id": "x", "rule": [{}]}}, who="li")

    assert office.publish.version(community.id) == 0


def test_only_a_community_has_a_bundle(office: Office, street: Unit) -> None:
    for wrong in (street.id, "no id", "00000000-0000-7000-8000-000000000000"):
        with pytest.raises(NotFound):
            office.publish.publish(wrong, {}, who="li")
        with pytest.raises(NotFound):
            office.publish.ensure(wrong)


def test_a_bundle_past_half_its_validity_is_renewed_by_itself(
    office: Office, community: Unit, clock: ManualClock
) -> None:
    office.publish.ensure(community.id)
    first = manifest_of(office, community)
    clock.go(days=3.5)
    assert manifest_of(office, community).version == 1

    clock.go(seconds=1)

    renewed = manifest_of(office, community)
    assert (renewed.version, renewed.sections) == (2, first.sections)
    assert from_iso(renewed.issued_at) == clock()


def test_versions_go_on_after_a_database_was_restored_from_a_backup(
    office: Office, community: Unit, gate_end: GateEnd, clock: ManualClock
) -> None:
    for _ in range(4):
        office.publish.publish(community.id, {}, who="li")
    said = {"seq": 0, "waiting": 0, "software": "1", "time": iso(clock()), "bundle": 5}
    office.gates.beat(gate_end.id, protocol.Heartbeat(journal=gate_end.journal.id, **said), clock())  # type: ignore[arg-type]
    with office.database.write() as tx:
        tx.execute(delete(BundleRow).where(BundleRow.version > 2))

    assert office.publish.publish(community.id, {}, who="li").version == 6


@pytest.mark.parametrize("wrong", ["", "00", "z" * 64, "0" * 64, "A" * 64, "\x00" * 64])
def test_a_section_that_is_none_is_not_found(office: Office, community: Unit, wrong: str) -> None:
    office.publish.ensure(community.id)

    assert office.publish.section(wrong) is None


def test_a_pass_opens_the_gates_of_its_community_and_no_others(
    office: Office, street: Unit, community: Unit, clock: ManualClock
) -> None:
    other = office.units.add("community", "阳光社区", "", street.id, who="test")
    for unit in (community, other):
        office.publish.ensure(unit.id)

    issued = office.passes.issue(community.id, "张三丰", "123x", "3-2-501", who="li")

    code = read_at_a_gate_of(office, community, issued.text)
    assert (code.verification, code.reason, code.serial) == (Verification.VERIFIED, None, issued.serial)
    assert (code.holder.name, code.holder.id_last4, code.holder.household) == ("张三丰", "123X", "3-2-501")
    assert code.issuer == "测试街道办 幸福社区"
    assert read_at_a_gate_of(office, other, issued.text).reason is Reason.UNKNOWN_ISSUER
    clock.go(days=14)
    assert read_at_a_gate_of(office, community, issued.text).reason is Reason.EXPIRED


def test_a_revoked_pass_is_handed_down_as_such(office: Office, community: Unit) -> None:
    office.publish.ensure(community.id)
    kept = office.passes.issue(community.id, "李四", "1111", "", who="li")
    issued = office.passes.issue(community.id, "张三丰", "1234", "3-2-501", who="li")

    revoked = office.passes.revoke(issued.serial, EVERYTHING, who="li")

    assert revoked.revoked_at is not None
    assert read_at_a_gate_of(office, community, issued.text).reason is Reason.REVOKED
    assert read_at_a_gate_of(office, community, kept.text).verification is Verification.VERIFIED
    version = office.publish.version(community.id)
    assert office.passes.revoke(issued.serial, EVERYTHING, who="wang") == revoked
    assert office.publish.version(community.id) == version, "revoking again changes nothing"


def test_the_list_of_revoked_passes_forgets_those_that_expired(
    office: Office, community: Unit, clock: ManualClock
) -> None:
    issued = office.passes.issue(community.id, "张三丰", "1234", "", valid_days=2, who="li")
    office.passes.revoke(issued.serial, EVERYTHING, who="li")
    clock.go(days=2)

    office.publish.publish(community.id, {}, who="li")

    assert not Revoked.from_section(section(office, community, "revoked")).contains("office-pass", issued.serial)


def test_passes_are_listed_masked_within_the_branch(office: Office, street: Unit, community: Unit) -> None:
    other = office.units.add("community", "阳光社区", "", street.id, who="test")
    issued = office.passes.issue(community.id, "张三丰", "1234", "3-2-501", kind="visitor", who="li")
    office.passes.issue(other.id, "李四", "", "", who="li")

    page = office.passes.list(Scope(community.id))

    assert [(item.serial, item.name, item.kind) for item in page.rows] == [(issued.serial, "张*丰", "visitor")]
    assert office.passes.list(EVERYTHING).total == 2
    for serial in (office.passes.list(Scope(other.id)).rows[0].serial, "zz", "", "00"):
        with pytest.raises(NotFound):
            office.passes.revoke(serial, Scope(community.id), who="li")


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "张\x00三"},
        {"id_last4": "12345"},
        {"household": "x" * 99},
        {"kind": "king"},
        {"valid_days": 0},
        {"valid_days": 9999},
    ],
)
def test_a_pass_that_no_gate_could_read_is_not_issued(
    office: Office, community: Unit, wrong: dict[str, object]
) -> None:
    said = {"name": "张三", "id_last4": "1234", "household": "", "who": "li"} | wrong

    with pytest.raises(Refused):
        office.passes.issue(community.id, **said)  # type: ignore[arg-type]

    assert office.passes.list(EVERYTHING).total == 0


def test_two_offices_at_once_publish_one_version_after_the_other(
    office: Office, community: Unit, open_office: Callable[[str], Office]
) -> None:
    second = open_office(office.settings.url)

    versions = [each.publish.publish(community.id, {}, who="li").version for each in (office, second, office)]

    assert versions == [1, 2, 3]


def test_notices_are_posted_and_withdrawn_one_by_one(office: Office, community: Unit, clock: ManualClock) -> None:
    office.notices.post(community.id, "明日停水", "No water tomorrow", EVERYTHING, who="li")
    clock.go(minutes=1)
    office.notices.post(community.id, "周日核酸", "Testing on Sunday", EVERYTHING, who="li")
    newest, oldest = office.notices.list(community.id, EVERYTHING)
    assert (newest["zh"], oldest["zh"]) == ("周日核酸", "明日停水")

    office.notices.withdraw(community.id, oldest["id"], EVERYTHING, who="li")

    assert [notice["zh"] for notice in office.notices.list(community.id, EVERYTHING)] == ["周日核酸"]
    assert b"Testing on Sunday" in section(office, community, "notices")
    with pytest.raises(NotFound):
        office.notices.withdraw(community.id, oldest["id"], EVERYTHING, who="li")
    with pytest.raises(Refused):
        office.notices.post(community.id, "只有中文", " ", EVERYTHING, who="li")
    with pytest.raises(NotFound):
        office.notices.list("no id", EVERYTHING)
