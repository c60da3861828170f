"""名单: people put on by form and out of files, ended and released after a second look; regions, places, clinics."""

from __future__ import annotations

import io
import json
import re
from typing import Any

import pytest
from werkzeug.test import TestResponse

from kiosk.lists import Places, Regions
from sync.office.lists.values import ListedFilter
from sync.office.lists.wanted import Wanted
from sync.office.values import EVERYTHING
from tests.sync.office.lists.rosters import ROSTER_HEAD, ZHANG, crowd, csv, xlsx
from tests.sync.office.lists.test_people import section
from tests.web.office.desk import Desk, token, words
from tests.web.office.world import World

ROWS = [["张三丰", ZHANG, "", "", "居家医学观察"], ["李四", "110105194912310021", "", "", "禁止进入"]]


def upload(desk: Desk, world: World, data: bytes, register: str = "watch", **more: str) -> TestResponse:
    form = {"csrf_token": token(desk.get(f"/lists/{register}/import")), "community": world.happiness.id, **more}
    return desk.client.post(f"/lists/{register}/import", data={**form, "file": (io.BytesIO(data), "名单.xlsx")})


def told(desk: Desk, world: World, data: bytes) -> list[dict[str, Any]]:
    """What our script hears of an upload, line by line."""
    form = {"csrf_token": token(desk.get("/lists/watch/import")), "community": world.happiness.id}
    answer = desk.client.post(
        "/lists/watch/import",
        data={**form, "file": (io.BytesIO(data), "名单.xlsx")},
        headers={"Accept": "application/x-ndjson"},
    )
    return [json.loads(line) for line in answer.get_data(as_text=True).splitlines()]


def total(world: World, register: str = "watch") -> int:
    return world.office.people.list(EVERYTHING, wanted=ListedFilter(register)).total


def on_watch(world: World, **more: str) -> str:
    wanted = Wanted("张三丰", ZHANG, "13812348000", why="observation", worker="陈网格", **more)
    return world.office.people.add("watch", world.happiness.id, wanted, who="clerk")[0].id


@pytest.mark.parametrize("path", ["/lists/watch", "/lists/roster", "/lists/regions", "/lists/places"])
def test_an_empty_list_says_what_it_is_for(clerk: Desk, path: str) -> None:
    page = words(clerk.get(path))
    assert any(said in page for said in ("名单是空的", "名册是空的", "没有风险地区", "没有设人数上限的场所"))
    assert clerk.get(path + "?lang=en").status_code == 200


def test_a_person_is_put_on_the_list_by_a_form(clerk: Desk, world: World) -> None:
    form = {
        "community": world.happiness.id,
        "name": "张三丰",
        "id_number": ZHANG,
        "why": "observation",
        "ends": "2026-12-06",
    }
    shown = clerk.get(clerk.send("/lists/watch/new", form).location)
    page = words(shown)
    for part in ("张*丰", "居家医学观察", "110***********002X", "门岗将立即同步"):
        assert part in page, part
    assert ZHANG not in shown.get_data(as_text=True)
    assert "张*丰" in words(clerk.get("/lists/watch"))


def test_a_swapped_digit_is_told_at_its_field_and_nothing_typed_is_lost(clerk: Desk, world: World) -> None:
    form = {"community": world.happiness.id, "name": "张三丰", "id_number": "110105194912310021", "why": "denied"}
    answer = clerk.send("/lists/watch/new", form)
    assert answer.status_code == 422
    assert "第 18 位应为 X" in words(answer)
    assert 'value="张三丰"' in answer.get_data(as_text=True)
    assert total(world) == 0


def test_a_resident_is_put_on_the_roster(clerk: Desk, world: World) -> None:
    form = {"community": world.happiness.id, "name": "李小梅", "phone": "13712340000", "why": "resident", "special": ""}
    assert "居民要填住户" in words(clerk.send("/lists/roster/new", form))
    answer = clerk.send("/lists/roster/new", {**form, "household": "3-2-501", "special": "pregnant"})
    assert "孕产妇" in words(clerk.get(answer.location))


def test_a_list_is_looked_at_and_taken_only_when_confirmed(clerk: Desk, world: World) -> None:
    address = upload(clerk, world, xlsx(ROWS)).location
    page = words(clerk.get(address))
    for part in ("1 行有问题", "证件号码", "第 18 位应为 X", "只导入其余 1 人"):
        assert part in page, part
    assert total(world) == 0
    done = clerk.send(f"{address}/confirm", page=address)
    assert "新增 1" in words(clerk.get(done.location))
    assert total(world) == 1
    assert clerk.get(address).status_code == 404


def test_a_list_can_be_dropped_and_is_nobody_elses(clerk: Desk, admin: Desk, world: World) -> None:
    address = upload(clerk, world, csv(ROWS)).location
    assert admin.get(address).status_code == 404
    clerk.send(f"{address}/discard", page=address)
    assert clerk.get(address).status_code == 404
    assert total(world) == 0


def test_a_replacing_roster_must_be_whole(clerk: Desk, world: World) -> None:
    rows = [["张三", "", "13800000001", "", "1-1-101", "居民"], ["李四", "", "138", "", "", "工作人员"]]
    address = upload(clerk, world, xlsx(rows, ROSTER_HEAD), "roster", replaces="y").location
    page = clerk.get(address)
    assert "替换名册要求每一行都对" in words(page)
    assert "/confirm" not in page.get_data(as_text=True)


def test_an_upload_tells_how_far_it_is_and_at_last_where_to_look(clerk: Desk, world: World) -> None:
    *steps, last = told(clerk, world, xlsx(crowd(450)))
    assert [(step["step"], step["done"], step["of"]) for step in steps] == [
        ("reading", 200, 0), ("reading", 400, 0), ("checking", 0, 450), ("checking", 200, 450), ("checking", 400, 450),
    ]  # fmt: skip
    assert "450" in words(clerk.get(last["go"]))
    assert total(world) == 0


def test_an_upload_that_is_no_list_is_explained_in_its_last_line(clerk: Desk, world: World) -> None:
    (line,) = told(clerk, world, b"PK no list")
    assert "文件已损坏" in line["refused"]


def test_a_file_that_is_no_list_is_explained(clerk: Desk, world: World) -> None:
    answer = upload(clerk, world, b"\xd0\xcf\x11\xe0")
    assert answer.status_code == 422
    assert "另存为没有密码的 .xlsx" in words(answer)


def test_the_template_can_be_fetched(clerk: Desk) -> None:
    assert clerk.get("/lists/watch/template.xlsx").data.startswith(b"PK")
    assert clerk.get("/lists/roster/template.xlsx").data.startswith(b"PK")


def test_release_asks_once_more(clerk: Desk, world: World) -> None:
    entry = on_watch(world)
    path = f"/lists/people/{entry}/release"
    assert "确认解除" in words(clerk.get(path))
    assert world.office.people.get(entry, EVERYTHING).why == "observation"
    assert "已解除" in words(clerk.get(clerk.send(path).location))
    (row,) = world.office.people.list(EVERYTHING).rows
    assert row.why == "released"
    assert "已经结束" in words(clerk.get(clerk.send(path).location))


def test_ending_needs_a_reason(clerk: Desk, world: World) -> None:
    entry = on_watch(world)
    path = f"/lists/people/{entry}/end"
    assert "此项必填" in words(clerk.send(path, {"why": ""}))
    assert "已移出" in words(clerk.get(clerk.send(path, {"why": "登记错误"}).location))
    assert total(world) == 0
    assert "登记错误" in words(clerk.get(f"/lists/people/{entry}"))


def test_a_number_is_shown_for_a_reason_that_is_kept(clerk: Desk, world: World) -> None:
    entry = on_watch(world)
    shown = clerk.send(f"/lists/people/{entry}", {"reason": "电话随访"})
    assert ZHANG in shown.get_data(as_text=True)
    assert world.office.audit.page(EVERYTHING).rows[0].detail == "电话随访"


def test_people_are_found_without_a_name_in_the_address(clerk: Desk, world: World) -> None:
    on_watch(world)
    answer = clerk.send("/lists/watch/find", {"words": "张三丰"}, page="/lists/watch")
    assert answer.location == "/lists/watch"
    assert "张*丰" in words(clerk.get("/lists/watch"))
    clerk.send("/lists/watch/find", {"words": "别人"}, page="/lists/watch")
    assert "没有符合条件的人" in words(clerk.get("/lists/watch"))


def test_whoever_sees_one_community_sees_nobody_of_another(heping: Desk, world: World) -> None:
    entry = on_watch(world)
    assert heping.get(f"/lists/people/{entry}").status_code == 404
    assert heping.send(f"/lists/people/{entry}/end", {"why": "x"}, page="/notices").status_code == 404
    assert "张*丰" not in words(heping.get("/lists/watch"))
    for path in ("regions", "places"):
        assert heping.get(f"/lists/{path}?community={world.happiness.id}").status_code == 404


def test_regions_are_typed_read_from_a_file_and_removed(clerk: Desk, world: World) -> None:
    path = f"/lists/regions?community={world.happiness.id}"
    form = {"code": "110105", "zh": "北京市朝阳区", "level": "high", "begins": "2026-11-20"}
    assert "GB/T 2260" in words(clerk.send(path + "&lang=en", {**form, "code": "1101"[:3]}, page=path))
    clerk.get("/?lang=zh")
    clerk.send(path, form)
    assert "北京市朝阳区" in words(clerk.get(path))
    file = {"file": (io.BytesIO("代码,名称\n3502,厦门市\n".encode()), "x.csv"), "csrf_token": token(clerk.get(path))}
    clerk.client.post(f"/lists/regions/file?community={world.happiness.id}", data=file)
    (region,) = Regions.from_section(section(world.office, world.happiness, "regions")).regions
    assert region.code == "3502"
    clerk.send(f"/lists/regions/remove?community={world.happiness.id}", {"code": "3502", "from": ""}, page=path)
    assert "没有风险地区" in words(clerk.get(path))


def test_a_place_a_gathering_and_a_clinic_are_written(clerk: Desk, world: World) -> None:
    path = f"/lists/places?community={world.happiness.id}"
    clerk.send(path, {"name": "菜市场", "limit": "80", "gates": [world.east.id]})
    place = Places.from_section(section(world.office, world.happiness, "places")).of_gate(world.east.id)
    assert place is not None
    assert (place.name, place.limit) == ("菜市场", 80)
    event = {
        "place": place.id,
        "name": "展销",
        "people": "80",
        "begins": "2026-11-22T11:00",
        "ends": "2026-11-22T20:00",
    }
    clerk.send(f"/lists/places/gathering?community={world.happiness.id}", event, page=path)
    assert "50 人以上，未批准" in words(clerk.get(path))
    (address,) = re.findall(r'action="(/lists/places/approve/[^"]+)"', clerk.get(path).get_data(as_text=True))
    clerk.send(address, page=path)
    assert "未批准" not in words(clerk.get(path))
    clinic = {"kind": "fever-clinic", "zh": "市一医院", "phone": "0591-1"}
    clerk.send(f"/lists/places/clinic?community={world.happiness.id}", clinic, page=path)
    found = Places.from_section(section(world.office, world.happiness, "places"))
    assert found.clinics("fever-clinic")[0].name.zh == "市一医院"
    running = found.gathering(place.id, world.clock())
    assert running is not None
    assert running.approved
