"""签发机构: whose codes the gates believe; importing shows what it would change before it counts."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from werkzeug.test import TestResponse

from kiosk.codes import Trust
from sync.office.revocation import cards
from sync.office.revocation.reading import Given
from sync.office.trust.files import File
from tests.sync.office.trust import issuing
from tests.sync.office.trust.issuing import NOON
from tests.web.office import world as worlds
from tests.web.office.desk import Desk, links, words
from tests.web.office.world import World
from web.office import trust

AUSTRIA, GERMANY = issuing.new_key(), issuing.new_key()


def upload(desk: Desk, *contents: bytes, **fields: Any) -> TestResponse:
    files = [(BytesIO(content), f"file-{number}.pem") for number, content in enumerate(contents)]
    return desk.send("/trust/import", {"scheme": "eu-dcc", "files": files, **fields})


def imported(desk: Desk, *contents: bytes, **fields: Any) -> str:
    """Uploads, confirms, and answers what the next page says."""
    address = upload(desk, *contents, **fields).location
    assert desk.send(address).location == "/trust"
    return words(desk.get("/trust"))


def handed_down(world: World) -> list[str]:
    manifest = world.office.publish.manifest(world.happiness.id)
    assert manifest is not None
    section = Trust.from_section(world.office.publish.section(manifest.sections["trust"]) or b"")
    return [key.issuer for key in section if key.scheme != "office-pass"]


def test_an_upload_shows_what_it_would_change_and_counts_only_when_confirmed(admin: Desk, world: World) -> None:
    soon, later = issuing.certificate(AUSTRIA, days=20), issuing.certificate(GERMANY, "DE", days=400)
    sent = upload(admin, issuing.pem(soon), later)
    shown = words(admin.get(sent.location))
    for part in ("新增 2", "更新 0", "file-0.pem, file-1.pem", "AT", "DE", "已过期或 30 天内过期 1"):
        assert part in shown, part
    assert handed_down(world) == []
    assert admin.send(sent.location).location == "/trust"
    assert sorted(handed_down(world)) == ["AT", "DE"]
    listed = words(admin.get("/trust"))
    assert "已下发：新增 2，更新 0，去掉 0" in listed
    assert "1 个密钥将在 30 天内过期" in listed
    assert "即将过期" in listed
    assert admin.get(sent.location).status_code == 404


def test_what_changes_nothing_is_not_handed_down(admin: Desk, world: World) -> None:
    der = issuing.certificate(AUSTRIA)
    imported(admin, der)
    page = admin.get(upload(admin, der).location)
    assert "没有改动" in words(page)
    assert "确认并下发" not in words(page)


def test_replacing_says_what_goes(admin: Desk, world: World) -> None:
    imported(admin, issuing.certificate(AUSTRIA))
    sent = upload(admin, issuing.certificate(GERMANY, "DE"), replaces="y")
    assert "将去掉的密钥" in words(admin.get(sent.location))
    admin.send(sent.location)
    assert handed_down(world) == ["DE"]


@pytest.mark.parametrize(
    ("content", "fields", "said"),
    [
        (b"hello", {}, "file-0.pem"),
        (issuing.signed_list([issuing.listed(issuing.certificate(AUSTRIA))], GERMANY), {}, "--signed-by"),
        (issuing.jwks(issuing.card_key(AUSTRIA)), {"scheme": "smart-health-card"}, "issuer"),
        (issuing.jwks(issuing.card_key(AUSTRIA)), {"scheme": "smart-health-card", "issuer": "http://x"}, "https"),
    ],
)
def test_a_file_that_cannot_be_taken_says_why_and_changes_nothing(
    admin: Desk, world: World, content: bytes, fields: dict[str, str], said: str
) -> None:
    page = upload(admin, content, **fields)
    assert page.status_code == 422
    assert "没有导入" in words(page)
    assert said in words(page)
    assert handed_down(world) == []


def test_without_a_file_or_with_another_scheme_the_form_comes_back(admin: Desk) -> None:
    page = admin.send("/trust/import", {"scheme": "eu-dcc"})
    assert (page.status_code, "请选择文件" in words(page)) == (422, True)
    assert upload(admin, issuing.certificate(AUSTRIA), scheme="office-pass").status_code == 422


def test_a_signed_list_and_a_card_issuers_set_are_taken_with_what_they_need(admin: Desk, world: World) -> None:
    signed = issuing.signed_list([issuing.listed(issuing.certificate(AUSTRIA))], GERMANY)
    imported(admin, signed, signed_by=(BytesIO(issuing.spki(GERMANY)), "gateway.pem"))
    imported(admin, issuing.jwks(issuing.card_key(AUSTRIA)), scheme="smart-health-card", issuer=issuing.CARDS)
    assert sorted(handed_down(world)) == ["AT", issuing.CARDS]
    assert "SMART 健康卡" in words(admin.get("/trust?scheme=smart-health-card"))


def test_files_larger_than_a_form_may_be_elsewhere_are_taken_here(admin: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    many = issuing.pem(issuing.certificate(AUSTRIA)) + b"# padding\n" * 20_000
    assert upload(admin, many).status_code == 302
    monkeypatch.setattr(trust, "MAX_FILE_BYTES", 1000)
    assert "larger than" in words(upload(admin, many))
    monkeypatch.setattr(trust, "MAX_BYTES", 0)
    monkeypatch.setattr(trust, "OVERHEAD", 1000)
    assert upload(admin, many).status_code == 413


def test_an_upload_belongs_to_whoever_sent_it(admin: Desk, world: World, log_in: Any) -> None:
    address = upload(admin, issuing.certificate(AUSTRIA)).location
    world.office.users.set_role("clerk", "admin", who="test")
    assert log_in("clerk").get(address).status_code == 404


def test_removing_asks_once_more_and_is_handed_down(admin: Desk, world: World) -> None:
    imported(admin, issuing.certificate(AUSTRIA))
    [address] = links(admin.get("/trust"), r"/trust/\w+/remove")
    assert "不再认这个密钥" in words(admin.get(address))
    assert handed_down(world) == ["AT"]
    assert admin.send(address).location == "/trust"
    assert handed_down(world) == []
    assert admin.get(address).status_code == 404


def test_clerks_see_whom_the_gates_believe_and_change_nothing(admin: Desk, clerk: Desk, world: World) -> None:
    imported(admin, issuing.certificate(AUSTRIA))
    page = clerk.get("/trust")
    assert "AT" in words(page)
    assert links(page, r"/trust/.+") == []
    [held] = world.office.issuers.list()
    for address in ("/trust/import", f"/trust/{held.id}/remove"):
        assert clerk.get(address).status_code == 403
    assert clerk.send(f"/trust/{held.id}/remove", page="/notices").status_code == 403
    files = {"scheme": "eu-dcc", "files": [(BytesIO(issuing.certificate(GERMANY)), "x.der")]}
    assert clerk.send("/trust/import", files, page="/notices").status_code == 403
    assert handed_down(world) == ["AT"]


def test_a_form_without_its_token_changes_nothing(admin: Desk, world: World) -> None:
    address = upload(admin, issuing.certificate(AUSTRIA)).location
    assert admin.client.post(address).status_code == 400
    assert handed_down(world) == []


def test_keys_that_gates_lack_are_counted_and_lead_to_the_passages(admin: Desk, heping: Desk, world: World) -> None:
    unknown = {"scheme": "eu-dcc", "verification": "failed", "code_reason": "unknown-issuer", "kid": "d919375fc1e7b6b2"}
    for _ in range(3):
        worlds.step_up(world.east, 0, **unknown)
    worlds.send_all(world.east)
    page = admin.get("/trust")
    assert re.search(r"d919375fc1e7b6b2 3 .*东门 导入它的密钥", words(page))
    [address] = links(page, r"/entries\?.*kid=.*")
    assert "共 3 条" in words(admin.get(address))
    assert "d919375fc1e7b6b2" not in words(heping.get("/trust"))
    assert admin.get("/entries?kid=xyz").status_code == 422


def test_a_long_list_comes_in_pages(admin: Desk, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trust, "SIZE", 2)
    imported(admin, *(issuing.certificate(issuing.new_key(), country) for country in ("AT", "BE", "CH")))
    assert "第 1 / 2 页，共 3 条" in words(admin.get("/trust"))
    assert "CH" in words(admin.get("/trust?page=2"))


def test_what_ended_is_told(admin: Desk, world: World, log_in: Any) -> None:
    imported(admin, issuing.certificate(AUSTRIA, days=1))
    world.clock.go(days=2)
    listed = words(log_in("admin").get("/trust"))
    assert "1 个密钥已过期" in listed
    assert world.clock() > NOON + timedelta(days=1)


def test_the_list_of_revoked_certificates_says_how_long_it_is(admin: Desk, world: World) -> None:
    assert "没有导入过" in words(admin.get("/trust"))
    given = Given()
    given.add(bytes(16))
    world.office.revocation.apply(world.office.revocation.plan(given, "add"), "list", who="li")
    assert "条数 1 更新时间 2026-11-22 12:00:00 更新人 li" in words(admin.get("/trust"))
    assert "欧盟证书注销名单" in words(admin.get("/bundle"))


def test_how_many_health_cards_their_issuers_took_back_is_told(admin: Desk, world: World) -> None:
    assert "已注销的 SMART 健康卡 0" in words(admin.get("/trust"))
    listed = b'{"kid": "issuer", "method": "rid", "ctr": 1, "rids": ["one", "two.1687450765"]}'
    world.office.revocation.cards.take(cards.read([File("crl.json", listed)]), "add", "crl.json", who="li")
    assert "已注销的 SMART 健康卡 2" in words(admin.get("/trust"))
    assert "导入健康卡注销名单" in words(admin.get("/audit"))
