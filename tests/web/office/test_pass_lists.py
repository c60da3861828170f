"""批量签发: a list is uploaded, looked at row by row, confirmed once, printed in parts."""

from __future__ import annotations

import io
import re

import openpyxl
import pytest
from werkzeug.test import TestResponse

from sync.office.passes import workbook
from tests.sync.office.passes.sheets import crowd, xlsx
from tests.web.office import world as worlds
from tests.web.office.desk import Desk, token, words
from tests.web.office.world import World

ROWS = [["张三丰", "11010519491231002X", "3-2-501"], ["李小梅", "108X"], ["王芳", "110105194912310021"]]


def upload(desk: Desk, world: World, data: bytes, name: str = "名单.xlsx", **more: str) -> TestResponse:
    form = {"csrf_token": token(desk.get("/passes/bulk")), "community": world.happiness.id, "medium": "paper"}
    return desk.client.post("/passes/bulk", data={**form, "days": "14", **more, "file": (io.BytesIO(data), name)})


def count(world: World) -> int:
    return world.office.passes.list(worlds.EVERYTHING).total


def test_a_list_is_looked_at_and_issued_only_when_confirmed(clerk: Desk, world: World) -> None:
    address = upload(clerk, world, xlsx(ROWS)).location
    page = words(clerk.get(address))
    for part in ("名单.xlsx", "2 人可以签发，共 3 行", "1 行有问题", "证件号码或后四位", "第 18 位应为 X"):
        assert part in page, part
    assert count(world) == 0
    assert clerk.send(f"{address}/confirm", page=address).location == address
    assert clerk.send(f"{address}/confirm", page=address).location == address
    assert count(world) == 2
    done = words(clerk.get(address))
    for part in ("签发 2 张", "已做成打印稿 0 / 2", "1–2"):
        assert part in done, part


def test_who_has_a_pass_is_shown_and_left_out_unless_ticked(clerk: Desk, world: World) -> None:
    held = world.office.passes.issue(world.happiness.id, "李小梅", "108X", "", who="clerk")
    address = upload(clerk, world, xlsx(ROWS)).location
    assert held.number in words(clerk.get(address))
    clerk.send(f"{address}/confirm", page=address)
    assert count(world) == 2
    again = upload(clerk, world, xlsx(ROWS)).location
    assert clerk.send(f"{again}/confirm", page=again).location == again
    assert "没有人可以签发" in words(clerk.get(again))
    clerk.send(f"{again}/confirm", {"again": "y"}, page=again)
    assert count(world) == 4


def test_a_list_can_be_dropped(clerk: Desk, world: World) -> None:
    address = upload(clerk, world, xlsx(ROWS)).location
    assert clerk.send(f"{address}/discard", page=address).location == "/passes"
    assert clerk.get(address).status_code == 404
    assert count(world) == 0


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"not a workbook", "不是 .xlsx 表格"),
        (b"\xd0\xcf\x11\xe0" + bytes(50), "另存为没有密码的 .xlsx"),
        (xlsx([["a"]], ["商品"], name="库存"), "库存"),
        (bytes(workbook.MOST_BYTES + 1), "文件超过 2 MB"),
    ],
)
def test_a_file_that_is_no_list_is_explained_at_its_field(clerk: Desk, world: World, data: bytes, said: str) -> None:
    page = upload(clerk, world, data)
    assert page.status_code == 422
    assert said in words(page)


def test_no_file_and_a_gigantic_one_are_refused(clerk: Desk, stranger: Desk, world: World) -> None:
    form = {"community": world.happiness.id, "medium": "paper", "days": "14"}
    assert "请选择文件" in words(clerk.send("/passes/bulk", form))
    assert upload(clerk, world, bytes(9 * 1024 * 1024)).status_code == 413
    big = {"file": (io.BytesIO(bytes(200_000)), "x.xlsx")}
    assert stranger.client.post("/passes/bulk", data=big).status_code in (401, 413)


def test_columns_that_nobody_knows_are_told(clerk: Desk, world: World) -> None:
    address = upload(clerk, world, xlsx([["张三", "x"]], ["姓名", "备注"])).location
    assert "没有读取：备注" in words(clerk.get(address))


def test_the_template_is_a_workbook_that_the_page_takes_back(clerk: Desk, world: World) -> None:
    answer = clerk.get("/passes/template.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    book.worksheets[0]["A2"] = "张三"
    out = io.BytesIO()
    book.save(out)
    assert "1 人可以签发" in words(clerk.get(upload(clerk, world, out.getvalue()).location))


def test_a_long_list_is_printed_in_parts(clerk: Desk, world: World) -> None:
    address = upload(clerk, world, crowd(203)).location
    clerk.send(f"{address}/confirm", page=address)
    assert re.search(r"1–200 .*201–203", words(clerk.get(address)))
    second = clerk.send(f"{address}/sheet.pdf?part=2&paper=a4", page=address)
    assert second.data[:5] == b"%PDF-"
    assert "已做成打印稿 3 / 203" in words(clerk.get(address))
    for wrong in ("3", "0", "x", "-1", "９"):
        assert clerk.send(f"{address}/sheet.pdf?part={wrong}", page=address).status_code == 404, wrong


def test_a_household_is_typed_line_by_line_and_looked_at_like_a_list(clerk: Desk, world: World) -> None:
    form = {"community": world.happiness.id, "household": "3-2-501", "kind": "resident", "medium": "phone", "days": "7"}
    answer = clerk.send("/passes/household", {**form, "people": "张三 123X\n李四：110105194912310021\n\n王奶奶"})
    page = words(clerk.get(answer.location))
    assert "2 人可以签发，共 3 行" in page
    assert "第 18 位应为 X" in page
    clerk.send(f"{answer.location}/confirm", page=answer.location)
    rows = world.office.passes.list(worlds.EVERYTHING).rows
    assert {(row.name, row.medium) for row in rows} == {("张*", "phone"), ("王*奶", "phone")}
    nothing = clerk.send(f"{answer.location}/sheet.pdf", page=answer.location)
    assert nothing.location == answer.location
    assert clerk.send("/passes/household", {**form, "people": ""}).status_code == 422


def test_a_list_of_another_branch_is_not_there(clerk: Desk, heping: Desk, world: World) -> None:
    address = upload(clerk, world, xlsx(ROWS)).location
    assert heping.get(address).status_code == 404
    for what in ("confirm", "discard", "sheet.pdf"):
        assert heping.send(f"{address}/{what}", page="/notices").status_code == 404, what
    assert "1 人可以签发" not in words(clerk.get(address))
    assert count(world) == 0
