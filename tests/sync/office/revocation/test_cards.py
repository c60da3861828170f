"""revocation cards: the lists of revoked health cards that issuers publish, on their way to every gate."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kiosk.codes import Revoked, shc
from sync.office.errors import Refused
from sync.office.office import Office
from sync.office.revocation import cards
from sync.office.revocation.serials import kept, told
from sync.office.trust.files import File
from sync.office.values import Unit
from tests.sync.office.test_cli import Run, json_of
from tests.sync.office.test_publish import section

KID = "3Kfdg-XwP-7gXyywtUfUADwBumDOPKMQx-iELL11W9s"


def crl(*rids: Any, kid: str = KID, **changes: Any) -> bytes:
    """A list as an issuer publishes it at `<iss>/.well-known/crl/<kid>.json`."""
    return json.dumps({"kid": kid, "method": "rid", "ctr": 1, "rids": list(rids), **changes}).encode()


def lists(*contents: bytes) -> cards.CardLists:
    return cards.read([File(f"list-{number}.json", content) for number, content in enumerate(contents)])


def handed_down(office: Office, community: Unit) -> list[str]:
    """The serials of cards that the community's gates are told of."""
    return list(json.loads(section(office, community, "revoked"))["serials"].get(cards.SCHEME, []))


def test_a_card_that_its_issuer_took_back_is_told_to_every_community(office: Office, community: Unit) -> None:
    before = office.units.add("community", "阳光社区", "", community.parent, who="li")
    office.publish.ensure(community.id)
    office.publish.ensure(before.id)
    given = lists(crl("TqB_qu_6OtM", "vwAjHdarZuc.1687450765"))
    office.revocation.cards.take(given, "add", "crl", who="li")
    after = office.units.add("community", "新社区", "", community.parent, who="li")
    office.publish.ensure(after.id)

    told = [handed_down(office, unit) for unit in (community, before, after)]
    assert told[0] == told[1] == told[2] == sorted(given.serials)
    revoked = Revoked({cards.SCHEME: told[0]})
    assert revoked.contains(cards.SCHEME, shc.serial(KID, "TqB_qu_6OtM"))
    assert office.revocation.cards.count() == 2


def test_an_import_adds_removes_or_replaces_and_says_what(office: Office, community: Unit) -> None:
    office.publish.ensure(community.id)
    office.revocation.cards.take(lists(crl("one", "two")), "add", "crl", who="li")
    version = office.publish.version(community.id)
    again = office.revocation.cards.take(lists(crl("two")), "add", "crl", who="li")
    assert (again.nothing, office.publish.version(community.id)) == (True, version)

    other = office.revocation.cards.take(lists(crl("three", kid="other")), "replace", "crl", who="li")
    assert (len(other.added), len(other.removed), other.count) == (1, 2, 1)
    gone = office.revocation.cards.take(lists(crl("three", kid="other")), "remove", "crl", who="li")
    assert (len(gone.removed), gone.count, handed_down(office, community)) == (1, 0, [])


def test_the_demonstrations_revoked_codes_stay_where_they_are(office: Office, community: Unit) -> None:
    office.demo.set_up(
        {"trust": {"keys": []}, "revoked": {"serials": {cards.SCHEME: ["ab" * 16]}}}, community.id, who="li"
    )
    office.revocation.cards.take(lists(crl("one")), "replace", "crl", who="li")
    assert "ab" * 16 in handed_down(office, community)
    assert office.revocation.cards.count() == 1


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"{}", b"nonsense", b"\xff", crl("one", method="other"), crl("one", 5), crl("a b"), crl("x" * 25)],
)
def test_a_file_that_is_no_list_whole_is_refused_by_name_and_nothing_is_taken(content: bytes) -> None:
    with pytest.raises(Refused, match=r"(?s)nothing was changed.*list-1\.json"):
        lists(crl("one"), content)


def test_more_cards_than_a_gate_takes_are_refused(
    office: Office, community: Unit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cards, "MOST", 2)
    with pytest.raises(Refused, match="at most 2"):
        office.revocation.cards.take(lists(crl("one", "two", "three")), "add", "crl", who="li")
    assert office.revocation.cards.count() == 0


@pytest.mark.parametrize("entry", ["0123456789abcdef" * 2, "0123456789abcdef" * 2 + "@1687450765", "ff" * 16 + "@0"])
def test_what_the_table_keeps_is_told_as_it_came(entry: str) -> None:
    assert told(kept(entry)) == entry


def test_the_command_shows_what_it_would_change_asks_and_hands_down(run: Run, tmp_path: Path) -> None:
    run("init")
    folder = tmp_path / "crl"
    folder.mkdir()
    (folder / f"{KID}.json").write_bytes(crl("one", "two.1687450765", "two.1687450765"))
    called = ("revocation", "cards", str(folder))

    asked = run(*called, code=2)
    assert f"no imported key is {KID}" in asked.stdout
    assert "1 lists; added 2, removed 0; duplicates 1; then 2 revoked cards" in asked.stdout
    assert "--yes" in asked.stderr
    shown = json_of(run(*called, "--json"))
    assert (shown["added"], shown["unknown"], shown["applied"]) == (2, [KID], False)
    assert json_of(run("revocation", "status", "--json"))["cards"] == 0

    assert "handed down" in run(*called, "--yes").stdout
    assert "nothing was changed" in run(*called).stdout
    assert "2 revoked cards" in run("revocation", "status").stdout
    assert "removed 2" in run(*called, "--remove", "--yes").stdout
    assert "exclude" in run(*called, "--remove", "--replace", code=2).stderr
