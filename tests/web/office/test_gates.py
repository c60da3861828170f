"""门岗: the list, one gate, adding and enrolling, asking for a sync, checking the journal."""

from __future__ import annotations

import base64
import io
import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import cv2
import numpy as np
import segno
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk.codes import enrolment as enrolment_codes
from kiosk.model import iso
from sync import protocol
from tests.sync.office.conftest import ManualClock
from tests.web.office import world as worlds
from tests.web.office.desk import Desk, words
from tests.web.office.world import World
from web.app import create_office_app
from web.office import show

SYMBOL = enrolment_codes.write(enrolment_codes.EnrolmentCode("https://office.example", "AAAAA-BBBBB", bytes(16)))
CODE = re.compile(r"data-token>([0-9A-Z-]+)<")


def test_a_gate_shows_how_it_is(clerk: Desk, world: World) -> None:
    text = words(clerk.get(f"/gates/{world.west.id}"))
    for part in ("画面停住", "没有回应", "待传 14", "最早的已等 11 分 40 秒", "51,200 MB", "gatehouse/0.1.0"):
        assert part in text, part
    assert world.west.journal.id in text


def test_the_list_shows_what_the_office_holds_and_what_the_gate_counts(clerk: Desk, world: World) -> None:
    held = len(world.east.journal.events)
    worlds.beat(world.east, world.clock(), seq=held + 3, waiting=3)
    assert f"{held} / {held + 3}" in words(clerk.get("/gates"))


def test_a_gate_that_may_be_silent_for_a_while_says_until_when(clerk: Desk, world: World, clock: ManualClock) -> None:
    worlds.beat(world.east, clock(), again_s=3000)
    clock.go(minutes=20)
    agreed = (clock() + timedelta(minutes=30)).astimezone(ZoneInfo("Asia/Shanghai")).strftime("%H:%M")
    for path in ("/gates", f"/gates/{world.east.id}"):
        assert f"约好 {agreed} 前再联络" in words(clerk.get(path))
    clock.go(minutes=31)
    assert "约好" not in words(clerk.get("/gates"))


def test_a_new_gate_gets_a_code_that_enrols_it(admin: Desk, world: World, clock: ManualClock) -> None:
    page = admin.send("/gates/new", {"community": world.happiness.id, "name": "北门"})
    assert page.status_code == 200
    token = CODE.search(page.get_data(as_text=True))
    assert token is not None
    assert f"python -m kiosk enroll http://localhost {token[1]}" in words(page)
    assert 'class="qr"' in page.get_data(as_text=True)
    key = base64.b64encode(Ed25519PrivateKey.generate().public_key().public_bytes_raw()).decode()
    told = world.office.enrolment.enroll(protocol.Enroll(token[1], key, "北门", "gatehouse/test"), clock())
    assert "北门" in words(admin.get(f"/gates/{told.gate}"))


def test_the_code_is_shown_once_and_stands_in_no_address(admin: Desk, world: World) -> None:
    page = admin.send("/gates/new", {"community": world.happiness.id, "name": "北门"})
    token = CODE.search(page.get_data(as_text=True))
    assert token is not None
    assert page.request.path == "/gates/new"
    assert token[1] not in page.request.url
    assert token[1] not in admin.get("/gates").get_data(as_text=True)
    assert page.headers["Cache-Control"] == "no-store"


def test_two_gates_of_a_community_cannot_share_a_name(admin: Desk, world: World) -> None:
    answer = admin.send("/gates/new", {"community": world.happiness.id, "name": "东门"})
    assert answer.status_code == 422
    assert "已有同名门岗" in words(answer)
    assert 'value="东门"' in answer.get_data(as_text=True)


def test_the_page_of_a_code_hears_by_itself_that_it_was_taken(admin: Desk, world: World, clock: ManualClock) -> None:
    path = f"/gates/{world.east.id}"
    clock.go(seconds=1)
    page = admin.send(f"{path}/code", page=path)
    assert enrolment_codes.grouped(enrolment_codes.fingerprint(world.office.office_key)) in words(page)
    waiting = admin.get(f"{path}/code/state")
    assert "等待门岗扫描" in waiting.get_data(as_text=True)
    known = {"If-None-Match": waiting.headers["ETag"]}
    assert admin.get(f"{path}/code/state", headers=known).status_code == 304

    token = CODE.search(page.get_data(as_text=True))
    assert token is not None
    key = base64.b64encode(Ed25519PrivateKey.generate().public_key().public_bytes_raw()).decode()
    world.office.enrolment.enroll(protocol.Enroll(token[1], key, "东门 <b>", "gatehouse/test"), clock())
    taken = admin.get(f"{path}/code/state", headers=known).get_data(as_text=True)
    assert "门岗自称“东门 &lt;b&gt;”" in taken
    clock.go(seconds=1)
    admin.send(f"{path}/code", page=path)
    assert "等待门岗扫描" in admin.get(f"{path}/code/state", headers=known).get_data(as_text=True)


def test_only_an_administrator_sees_codes_and_asks_for_new_keys(clerk: Desk, admin: Desk, world: World) -> None:
    path = f"/gates/{world.east.id}"
    assert clerk.get(f"{path}/code/state").status_code == 403
    assert clerk.send(f"{path}/renew-key", page=path).status_code == 403
    assert world.office.gates.get(world.east.id, worlds.EVERYTHING).renew_key_at is None
    assert admin.send(f"{path}/renew-key", page=path).status_code == 302
    assert "已请它换新密钥" in words(admin.get(path))
    assert "请门岗换密钥" in words(admin.get("/audit"))


def test_a_new_code_voids_the_one_before(admin: Desk, world: World, clock: ManualClock) -> None:
    path = f"/gates/{world.east.id}"
    tokens = [CODE.search(admin.send(f"{path}/code", page=path).get_data(as_text=True)) for _ in range(2)]
    assert tokens[0] is not None
    assert tokens[1] is not None
    assert tokens[0][1] != tokens[1][1]
    key = base64.b64encode(Ed25519PrivateKey.generate().public_key().public_bytes_raw()).decode()
    message = protocol.Enroll(tokens[1][1], key, "东门", "gatehouse/test")
    assert world.office.enrolment.enroll(message, clock()).gate == world.east.id


def test_a_gate_asked_to_sync_hears_it_with_its_next_heartbeat(clerk: Desk, world: World, clock: ManualClock) -> None:
    path = f"/gates/{world.east.id}"
    assert clerk.send(f"{path}/wake", page=path).location == path
    assert "已请求同步" in words(clerk.get(path))
    beat = protocol.Heartbeat(world.east.journal.id, 1, 0, "gatehouse/test", iso(clock()))
    assert world.office.gates.beat(world.east.id, beat, clock()).wake


def test_the_journal_is_checked_from_its_first_event(clerk: Desk, world: World) -> None:
    path = f"/gates/{world.east.id}"
    page = clerk.send(f"{path}/verify", page=path)
    last = world.east.journal.events[-1]
    assert f"共 {last.seq} 条，末条摘要 {last.digest}" in words(page)


def test_a_symbol_on_a_page_says_what_it_should(world: World) -> None:
    with create_office_app(world.office).test_request_context():
        drawing = str(show.qr(SYMBOL, "注册码"))
    assert "style=" not in drawing
    assert "<title>注册码</title>" in drawing
    picture = io.BytesIO()
    segno.make(SYMBOL, error="m", micro=False).save(picture, kind="png", scale=6, border=4)
    image = cv2.imdecode(np.frombuffer(picture.getvalue(), np.uint8), cv2.IMREAD_GRAYSCALE)
    assert image is not None
    modules = re.search(r'viewBox="0 0 (\d+) ', drawing)
    assert modules is not None
    assert image.shape[0] == int(modules[1]) * 6, "the same symbol, quiet zone of four modules included"
